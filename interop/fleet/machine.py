"""The machine: what has to be installed and built on it, and what it is."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CACHE = HERE / "target"
LAUNCHER = REPOSITORY / "fou-gateway"
PROGRAMS = {"bird": "bird2", "ip": "iproute2", "nsenter": "util-linux"}


class SetupError(Exception):
    """Something without which there is no fleet."""


def prepare(gateway: list[str], skip: bool, say: Callable[[str], None]) -> None:
    if not skip:
        _install(say)
    for program, package in PROGRAMS.items():
        if not shutil.which(program):
            raise SetupError(f"there is no program {program}: apt-get install {package}")
    if not skip and gateway == [str(LAUNCHER)]:
        say("building the gateway (mvn package)")
        _run(["mvn", "-q", "-B", "-ntp", "-DskipTests", "-pl", "gateway", "-am", "package"])
    _run([*gateway, "--version"])  # its first run prepares a fast start


def _install(say: Callable[[str], None]) -> None:
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        packages.append("python3-matplotlib")
    if packages:
        say(f"apt-get install {' '.join(packages)}")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-q"], env=environment)
        _run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages], env=environment)


def _run(arguments: list[str], **options: Any) -> str:
    done = subprocess.run(
        arguments, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if done.returncode:
        raise SetupError(f"{' '.join(arguments)}: {done.stdout.strip()[-800:]}")
    return done.stdout


def describe(gateway: list[str]) -> dict[str, Any]:
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "bird": _run(["bird", "--version"]).strip(),
        "gateway": _run([*gateway, "--version"]).strip().splitlines()[-1],
        "commit": _commit(),
        "load_average_before": os.getloadavg()[0],
    }


def _commit() -> str | None:
    """With + where the checkout has changes of its own."""
    try:
        return _run(["git", "describe", "--always", "--dirty=+"]).strip()
    except (SetupError, OSError):
        return None
