"""One fleet: it is built, its story is told, and what was seen is written down."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable

import machine
import report
import tunnels
from analysis import Flow, read_flows
from fleet import Fleet
from lab import Lab, Process
from nodes import make_nodes
from sampler import Sampler
from story import Story, tell
from underlay import IPV4, IPV6


class Probing:
    """The probes, as a process; the flows are known when they have ended."""

    def __init__(self, lab: Lab, fleet: Fleet, period_ms: int) -> None:
        self._lab, self._period_ms = lab, period_ms
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
        program = [sys.executable, "-B", str(machine.HERE / "probes.py")]
        self._process = self._lab.start_outside("probes", [*program, str(self._period_ms), str(flows), str(self._result)])
        time.sleep(2)  # until the gateways have read their routes and every flow is known to them

    def end(self) -> list[Flow]:
        if self._process:
            self._process.check_alive()
            self._process.stop()
        return read_flows(self._descriptions, json.loads(self._result.read_text()))


def measure(options: argparse.Namespace, out: Path, command: str, say: Callable[[str], None]) -> list[str]:
    """Fills the folder; answers what must not be and was."""
    underlay = {underlay.name: underlay for underlay in (IPV4, IPV6)}[options.underlay]
    kind = tunnels.BY_NAME[options.tunnel]
    nodes = make_nodes(options.nodes, underlay)
    results: dict[str, Any] = {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": command,
        "machine": machine.describe(options.gateway),
        "nodes": options.nodes,
        "routes": 2 * options.nodes * (options.nodes - 1),
        "bfd_ms": options.bfd,
        "tunnel": kind.name,
        "underlay": underlay.name,
        "told": kind.told(nodes[0]),
    }
    with Lab() as lab:
        fleet = Fleet(lab, nodes, kind, options.gateway, options.bfd)
        fleet.build(say)
        sampler = Sampler({node: fleet.namespaces[node.name] for node in nodes}, kind.device4, kind.device6)
        lab.closing.callback(sampler.close)
        sampler.start()
        story = Story(fleet, sampler, 1.5 if options.quick else 4, say)
        probing = Probing(lab, fleet, options.probe)
        tell(story, probing.start, fleet.has_gateways and not options.without_kill)
        if fleet.has_gateways:
            results["drops"] = {node.name: report.drops(fleet.metrics(node)) for node in fleet.gateways}
        flows = probing.end()
        say("taking everything down")
    results["phases"] = report.phase_rows(map(asdict, story.phases), flows)
    report.write(out, results, story.states(), flows)
    return report.complaints(results["phases"])
