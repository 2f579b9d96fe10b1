"""Options, the order of things, progress."""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import signal
import sys
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import Any

import machine
import nodes
import plots
import report
from analysis import Flow, read_flows
from fleet import Fleet
from lab import Lab, LabError, Process
from sampler import Sampler
from story import Story, tell

HERE = Path(__file__).resolve().parent


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
    parser.add_argument("--bfd", type=int, default=200, metavar="MS", help="interval of BFD; three that are missed are a death (200)")
    parser.add_argument("--gateway", type=shlex.split, default=[str(machine.LAUNCHER)], metavar="COMMAND", help="what to run as gateway (this checkout's launcher)")
    parser.add_argument("--out", type=Path, help="folder for the results (target/results/<date> beside this command)")
    parser.add_argument("--quick", action="store_true", help="12 nodes and short pauses: shows that everything works")
    parser.add_argument("--skip-setup", action="store_true", help="install and build nothing: all is there")
    parser.add_argument("--redraw", type=Path, metavar="DIR", help="only draw the plots of DIR/results.json again")
    options = parser.parse_args(arguments)
    options.nodes = options.nodes or (12 if options.quick else 40)
    return options


class Probing:
    """The probes, as a process; the flows are known when they have ended."""

    def __init__(self, lab: Lab, fleet: Fleet) -> None:
        self._lab, self._fleet = lab, fleet
        self._process: Process | None = None
        self._result = lab.folder / "probes.json"
        self._descriptions = [
            {
                "from_node": source.number, "to_node": target.number, "source": source_address, "target": target_address,
                "from": fleet.namespaces[source.name], "to": fleet.namespaces[target.name],
            }
            for source in fleet.gateways
            for target in fleet.gateways
            if source != target
            for source_address, target_address in ((source.inner4, target.inner4), (source.inner6, target.inner6))
        ]  # fmt: skip

    def start(self) -> None:
        flows = self._lab.folder / "flows.json"
        flows.write_text(json.dumps(self._descriptions))
        self._process = self._lab.start_outside("probes", [sys.executable, "-B", str(HERE / "probes.py"), str(flows), str(self._result)])
        time.sleep(2)  # until the gateways have read their routes and every flow is known to them

    def end(self) -> list[Flow]:
        if self._process:
            self._process.check_alive()
            self._process.stop()
        return read_flows(self._descriptions, json.loads(self._result.read_text()))


def run(options: argparse.Namespace, say: Progress) -> int:
    machine.prepare(options.gateway, options.skip_setup, say)
    results: dict[str, Any] = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": shlex.join(["interop/fleet/run", *sys.argv[1:]]),
        "machine": machine.describe(options.gateway),
        "nodes": options.nodes,
        "routes": 2 * options.nodes * (options.nodes - 1),
        "bfd_ms": options.bfd,
    }
    with Lab() as lab:
        fleet = Fleet(lab, options.nodes, options.gateway, options.bfd)
        fleet.build(say)
        sampler = Sampler({node: fleet.namespaces[node.name] for node in fleet.nodes})
        lab.closing.callback(sampler.close)
        sampler.start()
        story = Story(fleet, sampler, 1.5 if options.quick else 4, say)
        probing = Probing(lab, fleet)
        tell(story, probing.start)
        results["drops"] = {node.name: report.drops(fleet.metrics(node)) for node in fleet.gateways}
        flows = probing.end()
        say("taking everything down")
    results["phases"] = report.phase_rows(map(asdict, story.phases), flows)
    out = options.out or machine.CACHE / "results" / datetime.now().strftime("%Y-%m-%d-%H%M%S")
    report.write(out, results, story.states(), flows)
    draw(out, say)
    print((out / "table.md").read_text())
    say(f"results: {out}")
    wrong = report.complaints(results["phases"])
    for complaint in wrong:
        say(f"FAILED: {complaint}")
    return 1 if wrong else 0


def draw(folder: Path, say: Progress) -> None:
    try:
        plots.draw_all(json.loads((folder / "results.json").read_text()), folder)
    except ImportError:
        say("no plots: matplotlib is not here (python3-matplotlib)")


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    say = Progress()
    if options.redraw:
        draw(options.redraw, say)
        return 0
    if os.geteuid() != 0:
        say("run: needs root, for network namespaces, TUN devices and apt-get")
        return 2
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        return run(options, say)
    except (machine.SetupError, LabError) as error:
        say(f"run: {error}")
        return 1
    except Interrupted as interrupted:
        say(f"{interrupted}: everything is taken down")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
