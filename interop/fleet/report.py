"""What was seen, as results.json and table.md."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Iterable

from analysis import Flow, State, losses

ROUTES_TARGET_SECONDS, DEATH_TARGET_SECONDS = 10, 1
NOTHING = "–"
TOLD = {"gateway": "What a node is told for its tunnel, the gateway's configuration:", "kernel": "With the kernel's tunnels, commands of `ip`:"}


def phase_rows(phases: Iterable[dict[str, Any]], flows: list[Flow]) -> list[dict[str, Any]]:
    """The phases with what was lost in each; ``None`` where nothing was sent."""
    rows = []
    for phase in phases:
        counts = losses(flows, phase["begin"], phase["end"], phase["concerned"])
        rows.append({**phase, **counts})
    return rows


def drops(metrics: str) -> dict[str, int]:
    """Dropped packets of a gateway by direction and reason, those that there were."""
    found = re.findall(r'^fou_packets_dropped_total\{direction="(\w+)",reason="(\w+)"\} (\S+)$', metrics, re.M)
    return {f"{direction}: {reason}": int(float(value)) for direction, reason, value in found if float(value)}


def complaints(rows: list[dict[str, Any]]) -> list[str]:
    """What must not be on any machine, however slow."""
    found = [f"{row['name']}: {row['lost_between_others']} packets lost that were none of its business" for row in rows if row["lost_between_others"]]
    killed = next((row for row in rows if row["name"] == "gateway killed"), None)
    if killed and killed["route_changes"]:
        found.append("gateway killed: the routes of a node changed")
    return found


def table_page(results: dict[str, Any]) -> str:
    machine, rows = results["machine"], results["phases"]
    lines = [
        f"# A fleet of {results['nodes']} nodes",
        "",
        f"{results['date']}, commit {machine['commit'] or 'unknown'}, `{results['command']}`; {machine['cpu']}, {machine['cores']} cores,"
        f" Linux {machine['kernel']}, {machine['bird']}, load average before {machine['load_average_before']:.1f}.",
        f"Tunnels of the {results['tunnel']} over {results['underlay'].replace('ip', 'IP')}. BFD every {results['bfd_ms']} ms, three times. Each node announces one IPv4 and one IPv6 network: {results['routes']:,} routes in all.",
        "",
        "| what happens | routes right everywhere after | lost between gateways that it does not concern | lost to and from the one that it does |",
        "| --- | ---: | ---: | ---: |",
        *(_line(row) for row in rows),
        "",
        "| figure asked for | measured | |",
        "| --- | ---: | --- |",
        *_targets(results),
        "",
    ]
    killed = next((row for row in rows if row["name"] == "gateway killed"), None)
    if killed:
        lines += [
            f"The killed gateway's node was without a ready gateway for {killed['without_process']:.2f} s; routes that changed anywhere meanwhile:"
            f" {killed['route_changes']}.",
            "",
        ]
    for name, reasons in results.get("drops", {}).items():
        lines.append(f"- drops of the gateway of {name}: {', '.join(f'{reason} {count}' for reason, count in reasons.items()) or 'none'}")
    return "\n".join([*lines, ""])


def beside_page(results: dict[str, dict[str, Any]]) -> str:
    """The phases that the fleet has had with each tunnel, side by side."""
    rows = {tunnel: {row["name"]: row for row in seen["phases"]} for tunnel, seen in results.items()}
    one = next(iter(results.values()))
    lines = [
        f"# A fleet of {one['nodes']} nodes: {' and '.join(results)}",
        "",
        f"{one['date']}, one after the other in a guest (User-Mode Linux {one['machine']['kernel']}, one processor), {one['machine']['bird']};"
        f" BFD every {one['bfd_ms']} ms, three times; {one['routes']} routes.",
        "",
        f"| what happens | {' | '.join(f'{tunnel}: routes right after | lost between the others' for tunnel in results)} |",
        f"| --- |{' ---: |' * (2 * len(results))}",
    ]
    for name, row in rows["gateway"].items():
        found = [rows[tunnel].get(name) for tunnel in results]
        cells = [cell for row_ in found for cell in ((_took(row_), _share(row_, "between_others")) if row_ else (NOTHING, NOTHING))]
        lines.append(f"| {row['text']} | {' | '.join(cells)} |")
    for tunnel, seen in results.items():
        lines += ["", TOLD[tunnel], "", "```", seen["told"].rstrip(), "```"]
    return "\n".join([*lines, ""])


def _took(row: dict[str, Any]) -> str:
    return "no route changed" if row["converged"] is None else f"{row['converged']:.2f} s"


def _line(row: dict[str, Any]) -> str:
    return f"| {row['text']} | {_took(row)} | {_share(row, 'between_others')} | {_share(row, 'concerned')} |"


def _share(row: dict[str, Any], whose: str) -> str:
    return f"{row[f'lost_{whose}']:,} of {row[f'sent_{whose}']:,}" if row[f"sent_{whose}"] else NOTHING


def _targets(results: dict[str, Any]) -> Iterable[str]:
    by_name = {row["name"]: row for row in results["phases"]}
    for name, text, bound in (
        ("start", "all routes everywhere after the start", ROUTES_TARGET_SECONDS),
        ("node dies", "a node's silent death has converged", DEATH_TARGET_SECONDS),
        ("gateway's node dies", "the silent death of a gateway's node has converged", DEATH_TARGET_SECONDS),
    ):
        if name in by_name and by_name[name]["converged"] is not None:
            took = by_name[name]["converged"]
            yield f"| {text}: < {bound} s | {took:.2f} s | {'reached' if took < bound else '**not reached**'} |"
    lost = sum(row["lost_between_others"] for row in results["phases"])
    yield f"| nothing lost between the others | {lost} | {'reached' if not lost else '**not reached**'} |"


def write(folder: Path, results: dict[str, Any], states: list[State], flows: list[Flow]) -> None:
    """Times count from the start of the BIRDs."""
    begin = results["phases"][0]["begin"]
    details = {
        "states": [[round(state.time - begin, 3), state.wanted, state.there, state.stale] for state in states],
        "lost": [
            {"from": flow.source, "to": flow.target, "ipv6": flow.ipv6, "sent": len(flow.sent), "lost": [round(time - begin, 3) for time in flow.lost]}
            for flow in flows
        ],
    }
    phases = [{**row, "begin": round(row["begin"] - begin, 3), "end": round(row["end"] - begin, 3), "acted": round(row["acted"] - begin, 3)} for row in results["phases"]]
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "results.json", json.dumps({**results, "phases": phases, **details}, ensure_ascii=False) + "\n")
    _replace(folder / "table.md", table_page(results))


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(file.suffix + ".new")
    new.write_text(text)
    os.replace(new, file)
