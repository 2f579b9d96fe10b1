"""The same fleet twice in a guest of interop/kernel-peer: with gateways, then with the kernel's own tunnels."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import machine
from lab import Lab, LabError, command, signals_held
from plots import TUNNELS
from report import beside_page

KERNEL_PEER = str(machine.REPOSITORY / "interop" / "kernel-peer" / "kernel-peer")
MEMORY = "4G"  # for three gateways; used as touched


def prepare(skip: bool, say: Callable[[str], None]) -> None:
    if not skip:
        say("building the guest's kernel, if it is not there yet (some minutes)")
        command([KERNEL_PEER, "build"])


def measure(options: argparse.Namespace, out: Path, say: Callable[[str], None]) -> None:
    """One machine, one kernel, one BIRD: what differs is the tunnel."""
    with Lab() as lab:
        guest = _start_guest(lab, say)
        share = Path(command([KERNEL_PEER, "share", guest]).strip())
        for tunnel in TUNNELS:
            say(f"in the guest: {tunnel}")
            _run_inside(guest, tunnel, options)
            if not (share / tunnel / "results.json").exists():
                raise LabError(f"in the guest, {tunnel}: it did not come to an end")
            shutil.copytree(share / tunnel, out / tunnel, dirs_exist_ok=True)
    results: dict[str, dict[str, Any]] = {tunnel: json.loads((out / tunnel / "results.json").read_text()) for tunnel in TUNNELS}
    (out / "beside.md").write_text(beside_page(results))


def _start_guest(lab: Lab, say: Callable[[str], None]) -> str:
    name = f"fleet{os.getpid()}"
    namespace = lab.namespace("guest")
    say("starting the guest")
    with signals_held():
        command([KERNEL_PEER, "start", name, "--netns", namespace, "--mem", MEMORY])
        lab.closing.callback(command, [KERNEL_PEER, "stop", name])
    return name


def _run_inside(guest: str, tunnel: str, options: argparse.Namespace) -> None:
    arguments = [sys.executable, "-B", str(machine.HERE / "main.py"), "--skip-setup", "--without-kill", "--tunnel", tunnel, "--out", f"/run/kp/{tunnel}"]
    arguments += ["--nodes", str(options.nodes), "--bfd", str(options.bfd), "--probe", str(options.probe), "--gateway", shlex.join(options.gateway)]
    arguments += ["--quick"] if options.quick else []
    subprocess.run([KERNEL_PEER, "exec", guest, f"{shlex.join(arguments)} 2>&1"], stdin=subprocess.DEVNULL, stdout=sys.stderr)
