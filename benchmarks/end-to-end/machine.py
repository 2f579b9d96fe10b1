"""The machine: what has to be installed and built on it, and what it is."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import struct
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Iterator

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CACHE = HERE / "target"
PACKAGES = (
    "iperf3", "iproute2", "iputils-ping", "ethtool", "sockperf", "openvpn", "fastd", "wireguard-go", "wireguard-tools", "socat",
    "gcc", "libc6-dev", "python3", "python3-matplotlib",
)  # fmt: skip
SID = "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {archive} sid main\n"

Say = Callable[[str], None]


class SetupError(Exception):
    """Something without which nothing can be measured."""


@dataclass(frozen=True)
class Tools:
    """Programs that are not simply on the PATH."""

    limit: Path
    blast: Path
    pingpong: Path
    gateway: Path
    wireguard_go: str
    java_home: str | None

    def environment(self) -> dict[str, str]:
        return {**os.environ, **({"JAVA_HOME": self.java_home} if self.java_home else {})}


def prepare(java_home: str | None, skip: bool, say: Say) -> Tools:
    CACHE.mkdir(exist_ok=True)
    wireguard_go = _sid_wireguard_go_path()
    tools = Tools(CACHE / "limit", CACHE / "blast", CACHE / "pingpong", REPOSITORY / "fou-gateway", str(wireguard_go), java_home)
    if not skip:
        _install(say)
        if not wireguard_go.exists():
            _download_sid_wireguard_go(wireguard_go, say)
        _compile(HERE / "c" / "limit.c", tools.limit, ["-O3", "-march=native"], say)
        _compile(HERE / "c" / "blast.c", tools.blast, ["-O2"], say)
        _compile(HERE / "c" / "pingpong.c", tools.pingpong, ["-O2"], say)
        _build_gateway(tools, say)
    for program in (tools.blast, tools.pingpong, tools.gateway):
        if not program.exists():
            raise SetupError(f"{program} is missing; run without --skip-setup")
    _run([str(tools.gateway), "--version"], env=tools.environment())  # its first run prepares a fast start
    if wireguard_go.exists():
        return tools
    say("wireguard-go of Debian sid is not here: using the installed one, which may be too old for offloads")
    return replace(tools, wireguard_go="wireguard-go")


def _run(arguments: list[str], **options: object) -> None:
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SetupError(f"{' '.join(arguments)}: {done.stdout.strip()[-800:]}")


def _installed(package: str) -> bool:
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return done.stdout.strip() == "install ok installed"


def _install(say: Say) -> None:
    """Installs one package at a time, so that one that Debian no longer has costs one peer and not the run."""
    missing = [package for package in PACKAGES if not _installed(package)]
    if not missing:
        return
    say("apt-get update")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        _run(["apt-get", "update", "-q"], env=environment)
    except SetupError as error:
        say(f"{error}; going on with the package lists that are here")
    for package in missing:
        say(f"apt-get install {package}")
        try:
            _run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", package], env=environment)
        except SetupError as error:
            say(f"could not be installed: {error}")


def _sid_wireguard_go_path() -> Path:
    return CACHE / "sid" / "root" / "usr" / "bin" / "wireguard-go"


def _debian_archive() -> str:
    """Where this machine's own apt gets its packages from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=False)
    for uri in targets.stdout.split():
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise SetupError("apt knows no Debian archive: run apt-get update")


def _download_sid_wireguard_go(binary: Path, say: Say) -> None:
    """Debian 12's wireguard-go is too old for offloads; sid's is static and runs anywhere. The machine's own apt sources stay as they are."""
    say("wireguard-go of Debian sid: downloading")
    sid = CACHE / "sid"
    for folder in (sid / "lists" / "partial", sid / "cache" / "archives" / "partial"):
        folder.mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-q", "-o", f"Dir::Etc::SourceList={sid / 'sources.list'}", "-o", "Dir::Etc::SourceParts=-",
           "-o", f"Dir::State::Lists={sid / 'lists'}", "-o", f"Dir::Cache={sid / 'cache'}", "-o", "Acquire::Languages=none",
           "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]  # fmt: skip
    try:
        (sid / "sources.list").write_text(SID.format(archive=_debian_archive()))
        _run([*apt, "update"])
        _run([*apt, "download", "wireguard-go"], cwd=sid)
        package = max(sid.glob("wireguard-go_*.deb"), key=lambda file: file.stat().st_mtime)
        _run(["dpkg-deb", "-x", str(package), str(binary.parents[2])])
        _run([str(binary), "--version"])
    except (SetupError, OSError, ValueError) as error:
        say(f"wireguard-go of Debian sid cannot be had: {error}")
        shutil.rmtree(sid / "root", ignore_errors=True)
    shutil.rmtree(sid / "lists", ignore_errors=True)


def _compile(source: Path, target: Path, flags: list[str], say: Say) -> None:
    if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
        return
    say(f"compiling {source.name}")
    _run(["gcc", "-Wall", "-Wextra", *flags, "-o", str(target), str(source)])


def _build_gateway(tools: Tools, say: Say) -> None:
    say("building the gateway (mvn package)")
    _run(["mvn", "-q", "-B", "-ntp", "-DskipTests", "-pl", "gateway", "-am", "package"], cwd=REPOSITORY, env=tools.environment())


def first_line(arguments: list[str], pattern: str = r".+") -> str | None:
    """What a program says, from the first match of the pattern on; None when it is not there or says nothing of the kind."""
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(pattern, done.stdout)
    return found.group(0).strip() if found else None


@contextlib.contextmanager
def processors_awake() -> Iterator[bool]:
    """Idle processors poll instead of sleeping, as cyclictest has it; whether that could be had.

    Otherwise each round trip shows how long this machine, or the host of a virtual one, takes to wake a processor.
    """
    try:
        latency = open("/dev/cpu_dma_latency", "wb", buffering=0)
    except OSError:
        yield False
        return
    with latency:  # the kernel holds to it for as long as the file is open
        latency.write(struct.pack("i", 0))
        yield True


def processor_ticks() -> list[int]:
    """Time of all processors since boot: user, nice, system, idle, iowait, irq, softirq, steal."""
    return [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


class Stolen:
    """Time that the host of a virtual machine gave to others although this machine wanted to run."""

    def __init__(self) -> None:
        self._before = self._ticks()

    def percent(self) -> float:
        """Of all processors' time since this was made."""
        stolen, total = (now - before for now, before in zip(self._ticks(), self._before))
        return 100 * stolen / max(1, total)

    def _ticks(self) -> tuple[int, int]:
        ticks = processor_ticks()
        return ticks[7], sum(ticks)


def describe(tools: Tools) -> dict[str, object]:
    java = f"{tools.java_home}/bin/java" if tools.java_home else "java"
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    release = re.search(r'PRETTY_NAME="(.+)"', Path("/etc/os-release").read_text())
    return {
        "cpu": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_mb": int(memory.group(1)) // 1024 if memory else None,
        "kernel": platform.release(),
        "system": release.group(1) if release else None,
        "jdk": first_line([java, "-version"], r"(?m)^.*Runtime.*$"),
        "iperf3": first_line(["iperf3", "--version"]),
        "sockperf": first_line(["sockperf", "--version"], r"version [^\s,]+"),
        "load_average_before": os.getloadavg()[0],
    }


def git_commit() -> str | None:
    """The commit, with a + where the checkout has changes of its own."""
    git = ["git", "-c", f"safe.directory={REPOSITORY}", "-C", str(REPOSITORY)]
    commit = first_line([*git, "rev-parse", "HEAD"], r"\b[0-9a-f]{40}\b")
    changed = first_line([*git, "status", "--porcelain"])
    return commit and commit + ("+" if changed else "")
