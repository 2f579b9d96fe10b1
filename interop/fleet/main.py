"""Options, the order of things, progress."""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Callable

import beside
import machine
import nodes
import plots
import tunnels
import underlay
from lab import LabError
from measure import measure


class Interrupted(Exception):
    pass


def interrupt(number: int, _: FrameType | None) -> None:
    raise Interrupted(signal.Signals(number).name)


class Progress:
    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:6.1f} s] {text}", file=sys.stderr, flush=True)


def number_of_nodes(text: str) -> int:
    if not text.isdigit() or not nodes.SMALLEST <= int(text) <= nodes.LARGEST:
        raise argparse.ArgumentTypeError(f"not a number from {nodes.SMALLEST} to {nodes.LARGEST}: {text}")
    return int(text)


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description="A fleet of BIRDs and gateways in network namespaces, ill-treated. Needs root.")
    parser.add_argument("--nodes", type=number_of_nodes, help=f"{nodes.SMALLEST} to {nodes.LARGEST}, of which {nodes.GATEWAYS} have gateways (40)")
    parser.add_argument("--underlay", choices=(underlay.IPV4.name, underlay.IPV6.name), default=underlay.IPV4.name, help="what the tunnels run over (ipv4)")
    parser.add_argument(
        "--tunnel", choices=tuple(tunnels.BY_NAME), default=tunnels.Gateways.name, help="the gateway, or the kernel's own ipip and sit where it has FOU (gateway)"
    )
    parser.add_argument(
        "--beside-kernel", action="store_true", help="in a guest of interop/kernel-peer, with gateways and then with the kernel's own tunnels"
    )
    parser.add_argument("--probe", type=int, metavar="MS", help="time between two packets of a flow (10; 50 in the guest)")
    parser.add_argument("--bfd", type=int, metavar="MS", help="interval of BFD; three that are missed are a death (200; 500 in the guest)")
    parser.add_argument("--gateway", type=shlex.split, default=[str(machine.LAUNCHER)], metavar="COMMAND", help="what to run as gateway (this checkout's launcher)")
    parser.add_argument("--out", type=Path, help="folder for the results (target/results/<date> beside this command)")
    parser.add_argument("--quick", action="store_true", help="12 nodes and short pauses: shows that everything works")
    parser.add_argument("--without-kill", action="store_true", help="leave out the kill of a gateway, which kernel tunnels have no like of")
    parser.add_argument("--skip-setup", action="store_true", help="install and build nothing: all is there")
    parser.add_argument("--redraw", type=Path, metavar="DIR", help="only draw the plots of DIR/results.json again")
    options = parser.parse_args(arguments)
    options.nodes = options.nodes or (12 if options.quick or options.beside_kernel else 40)
    options.bfd = options.bfd or (500 if options.beside_kernel else 200)
    options.probe = options.probe or (50 if options.beside_kernel else 10)
    if options.underlay == underlay.IPV6.name and (options.beside_kernel or options.tunnel == tunnels.KernelTunnels.name):
        parser.error("the kernel's ipip and sit run over IPv4 only")
    return options


def run(options: argparse.Namespace, arguments: list[str], say: Progress) -> int:
    machine.prepare(options.gateway, options.skip_setup, say)
    out = options.out or machine.CACHE / "results" / datetime.now().strftime("%Y-%m-%d-%H%M%S")
    if options.beside_kernel:
        beside.prepare(options.skip_setup, say)
        beside.measure(options, out, say)
        return finish(out, "beside.md", plots.draw_beside, [], say)
    wrong = measure(options, out, shlex.join(["interop/fleet/run", *arguments]), say)
    return finish(out, "table.md", plots.draw_all, wrong, say)


def finish(out: Path, page: str, draw_plots: Callable[[Path], None], wrong: list[str], say: Progress) -> int:
    draw(draw_plots, out, say)
    print((out / page).read_text())
    say(f"results: {out}")
    for complaint in wrong:
        say(f"FAILED: {complaint}")
    return 1 if wrong else 0


def draw(draw_plots: Callable[[Path], None], folder: Path, say: Progress) -> None:
    try:
        draw_plots(folder)
    except ImportError:
        say("no plots: matplotlib is not here (python3-matplotlib)")


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    say = Progress()
    if options.redraw:
        draw(plots.draw_beside if (options.redraw / "beside.md").exists() else plots.draw_all, options.redraw, say)
        return 0
    if os.geteuid() != 0:
        say("run: needs root, for network namespaces, TUN devices and apt-get")
        return 2
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        return run(options, arguments, say)
    except (machine.SetupError, LabError) as error:
        say(f"run: {error}")
        return 1
    except Interrupted as interrupted:
        say(f"{interrupted}: everything is taken down")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
