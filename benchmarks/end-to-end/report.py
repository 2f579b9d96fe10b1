"""From single figures to medians, ratios and tables. Arithmetic only: nothing here needs root, a lab or a tunnel."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence

from lab import LABS
from metrics import METRICS, SENDER_BOUND, Metric
from peers import LABELS, NAMES, RIVALS

OURS = "fou"
NOTHING = "—"
SENDER_LEGEND = (
    "≥: the sender ran at its own limit without loss, so the way itself can do as much or more. On the bare link and VXLAN one thread sends and does most of the"
    " receiver's work too, so a tunnel that does this work in other threads can show more; a ratio to such a figure is no ratio to what the link can carry."
)


@dataclass(frozen=True)
class Sample:
    """One figure of one round."""

    lab: str
    round: int
    order: int  # of the peer within its round and lab
    peer: str
    metric: str
    value: float | None  # None: it could not be measured, the note says why
    unit: str
    time: str
    note: str = ""


@dataclass(frozen=True)
class Summary:
    median: float
    lowest: float
    highest: float
    count: int
    missing: int


def summarize(values: Sequence[float | None]) -> Summary | None:
    """None when there is no value at all: what is missing counts for nothing, least of all for 0."""
    present = [value for value in values if value is not None]
    if not present:
        return None
    return Summary(statistics.median(present), min(present), max(present), len(present), len(values) - len(present))


def ratio(value: float | None, other: float | None) -> float | None:
    return None if value is None or not other else value / other


class Figures:
    def __init__(self, samples: Iterable[Sample]) -> None:
        self._values: dict[tuple[str, str, str], dict[int, float | None]] = {}
        self._sender_bound: set[tuple[str, str, str]] = set()
        for s in samples:
            if s.note == SENDER_BOUND:
                self._sender_bound.add((s.lab, s.metric, s.peer))
            self._values.setdefault((s.lab, s.metric, s.peer), {})[s.round] = s.value
        self.labs = [lab for lab in LABS if any(key[0] == lab for key in self._values)]
        self.peers = [peer for peer in NAMES if any(key[2] == peer for key in self._values)]

    def metrics(self, lab: str) -> list[Metric]:
        return [metric for metric in METRICS.values() if any(key[:2] == (lab, metric.name) for key in self._values)]

    def was_tried(self, lab: str, metric: str, peer: str) -> bool:
        return (lab, metric, peer) in self._values

    def is_sender_bound(self, lab: str, metric: str, peer: str) -> bool:
        """At least one round found the sender's limit: the way itself can do as much or more."""
        return (lab, metric, peer) in self._sender_bound

    def summary(self, lab: str, metric: str, peer: str) -> Summary | None:
        return summarize(list(self._values.get((lab, metric, peer), {}).values()))

    def median(self, lab: str, metric: str, peer: str) -> float | None:
        summary = self.summary(lab, metric, peer)
        return summary.median if summary else None

    def best_rival(self, lab: str, metric: str) -> str | None:
        medians = {peer: self.median(lab, metric, peer) for peer in RIVALS}
        present = {peer: median for peer, median in medians.items() if median is not None}
        if not present:
            return None
        choose = max if METRICS[metric].more_is_better else min
        return choose(present, key=lambda peer: present[peer])

    def ratio(self, lab: str, metric: str, peer: str | None) -> float | None:
        """Of the medians, ours to the peer's."""
        return ratio(self.median(lab, metric, OURS), self.median(lab, metric, peer)) if peer else None

    def round_ratios(self, lab: str, metric: str, peer: str) -> list[float]:
        """Ours to the peer's within each round that has both."""
        ours, theirs = (self._values.get((lab, metric, name), {}) for name in (OURS, peer))
        found = [ratio(ours[number], theirs[number]) for number in sorted(ours.keys() & theirs.keys())]
        return [value for value in found if value is not None]


# ---- what issue 3 asks for ----


@dataclass(frozen=True)
class Target:
    text: str
    bound: float
    at_least: bool
    unit: str
    compute: Callable[[Figures, str], float | None]
    labs: tuple[str, ...] = tuple(LABS)
    other: tuple[str, str] | None = None  # metric and peer that it is compared with, where a sender's limit matters

    def is_reached(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


def _to(metric: str, peer: str) -> Callable[[Figures, str], float | None]:
    return lambda figures, lab: figures.ratio(lab, metric, peer)


def _to_best_rival(metric: str) -> Callable[[Figures, str], float | None]:
    return lambda figures, lab: figures.ratio(lab, metric, figures.best_rival(lab, metric))


def _own(metric: str) -> Callable[[Figures, str], float | None]:
    return lambda figures, lab: figures.median(lab, metric, OURS)


def _own_to_own(metric: str, other: str) -> Callable[[Figures, str], float | None]:
    return lambda figures, lab: ratio(figures.median(lab, metric, OURS), figures.median(lab, other, OURS))


def _more_than(metric: str, peer: str) -> Callable[[Figures, str], float | None]:
    def difference(figures: Figures, lab: str) -> float | None:
        ours, theirs = figures.median(lab, metric, OURS), figures.median(lab, metric, peer)
        return None if ours is None or theirs is None else ours - theirs

    return difference


TARGETS = (
    Target("TCP 1 stream, to the C yardstick", 0.90, True, "×", _to("tcp_1", "limit")),
    Target("TCP 1 stream, to the best other user-space tunnel", 3.5, True, "×", _to_best_rival("tcp_1")),
    Target("TCP 1 stream, to kernel VXLAN", 0.30, True, "×", _to("tcp_1", "vxlan"), ("veth",)),
    Target("TCP 1 stream, to kernel VXLAN", 0.62, True, "×", _to("tcp_1", "vxlan"), ("nic",)),
    Target("TCP 4 streams, to its own 1 stream", 0.9, True, "×", _own_to_own("tcp_4", "tcp_1")),
    Target("TCP 32 streams, to its own 1 stream", 0.9, True, "×", _own_to_own("tcp_32", "tcp_1")),
    Target("UDP 64 bytes, to the bare link", 0.45, True, "×", _to("udp_64", "raw"), other=("udp_64", "raw")),
    Target("UDP 64 bytes, to the best other user-space tunnel", 1.5, True, "×", _to_best_rival("udp_64")),
    Target("round trip p50 idle, more than kernel VXLAN", 30, False, "µs", _more_than("rtt_idle_p50", "vxlan")),
    Target("round trip p99 idle, to its own p50", 2.5, False, "×", _own_to_own("rtt_idle_p99", "rtt_idle_p50")),
    Target("round trip p99 beside bulk TCP", 5000, False, "µs", _own("rtt_bulk_p99")),
    Target("CPU per GB, to the C yardstick", 1.15, False, "×", _to("cpu", "limit")),
    Target("process start to 90 % of TCP 1 stream", 5, False, "s", _own("warm")),
    Target("resident memory", 256, False, "MB", _own("rss")),
)


# ---- text ----


def number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == 0 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def summary_cell(figures: Figures, lab: str, metric: str, peer: str) -> str:
    if not figures.was_tried(lab, metric, peer):
        return NOTHING
    summary = figures.summary(lab, metric, peer)
    if not summary:
        return "missing"
    of = f", {summary.missing} missing" if summary.missing else ""
    bound = "≥ " if figures.is_sender_bound(lab, metric, peer) else ""
    return f"{bound}{number(summary.median)} ({number(summary.lowest)}–{number(summary.highest)}{of})"


def verdict(value: float, more_is_better: bool) -> str:
    if abs(value - 1) < 0.005:
        return "same"
    return "better" if (value > 1) == more_is_better else "worse"


def ratio_cell(figures: Figures, lab: str, metric: Metric, peer: str | None, with_name: bool = False) -> str:
    value = figures.ratio(lab, metric.name, peer)
    if value is None or peer is None:
        return NOTHING
    rounds = figures.round_ratios(lab, metric.name, peer)
    spread = f" ({number(min(rounds))}–{number(max(rounds))})" if rounds else ""
    return f"{number(value)} ×{spread} {verdict(value, metric.more_is_better)}{f', {peer}' if with_name else ''}"


def rows(header: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(line) + " |" for line in (header, ["---"] * len(header), *body)]


def table(figures: Figures, lab: str) -> list[str]:
    header = ["figure", *(LABELS[peer] for peer in figures.peers)]
    body = [[f"{m.label}, {m.unit}", *(summary_cell(figures, lab, m.name, peer) for peer in figures.peers)] for m in figures.metrics(lab)]
    return rows(header, body)


def ratio_table(figures: Figures, lab: str) -> list[str]:
    others = ("limit", "raw", "vxlan")
    body = []
    for m in figures.metrics(lab):
        if figures.was_tried(lab, m.name, OURS):
            best = figures.best_rival(lab, m.name)
            body.append([m.label, *(ratio_cell(figures, lab, m, peer) for peer in others), ratio_cell(figures, lab, m, best, True)])
    return rows(["fou-gateway to", *(LABELS[peer] for peer in others), "best other user-space tunnel"], body)


def target_table(figures: Figures) -> list[str]:
    body = []
    for target in TARGETS:
        for lab in figures.labs:
            value = target.compute(figures, lab) if lab in target.labs else None
            if value is not None:
                bound = f"{'≥' if target.at_least else '≤'} {number(target.bound)} {target.unit}"
                measured = f"{'−' if value < 0 else ''}{number(abs(value))} {target.unit}"
                against_sender = target.other and figures.is_sender_bound(lab, *target.other)
                remark = " (the other figure is the sender's limit)" if against_sender else ""
                body.append([target.text, lab, bound, measured, ("reached" if target.is_reached(value) else "**not reached**") + remark])
    return rows(["figure asked for", "lab", "at least / at most", "measured", ""], body)


def conditions(results: dict[str, Any]) -> list[str]:
    machine, settings = results["machine"], results["settings"]
    lines = [
        f"{results['date']}, commit {results['commit'] or 'unknown'}, `{results['command']}`"
        + (" — **interrupted, incomplete**" if results.get("interrupted") else ""),
        "",
        f"- machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_mb']} MB, Linux {machine['kernel']}, {machine['system']},"
        f" load average at the beginning {machine['load_average_before']:.2f}",
        f"- JDK: {machine['jdk']}",
        f"- {settings['rounds']} interleaved rounds; TCP and round-trip runs of {settings['seconds']} s; tools: {machine['iperf3']}, sockperf {machine['sockperf']}",
    ]
    for name, peer in results["peers"].items():
        lines.append(f"- {LABELS[name]}: {peer['version'] or '**not available here, skipped**'}")
    lines += processor_lines(results)
    lines += [f"- remark: {remark}" for remark in results["remarks"]]
    return lines


def processor_lines(results: dict[str, Any]) -> list[str]:
    lines = []
    if "processors_awake" in results:
        awake = "polled (`/dev/cpu_dma_latency` 0)" if results["processors_awake"] else "slept: round trips show what waking them takes"
        lines.append(f"- idle processors {awake}")
    if "stolen_percent" in results:
        lines.append(f"- {results['stolen_percent']:.1f} % of the processors' time was stolen (`steal` of `/proc/stat`)")
    return lines


def table_page(results: dict[str, Any], samples: Sequence[Sample]) -> str:
    figures = Figures(samples)
    lines = ["# End to end", "", *conditions(results), ""]
    for lab in figures.labs:
        lines += [f"## Lab {lab}", "", f"{LABS[lab]}.", "", "Median (lowest–highest). " + SENDER_LEGEND, "", *table(figures, lab), ""]
        if OURS in figures.peers:
            lines += ["Ratio of medians (lowest–highest ratio within one round).", "", *ratio_table(figures, lab), ""]
    if OURS in figures.peers:
        lines += ["## Figures asked for", "", *target_table(figures), ""]
    missing = missing_lines(samples)
    return "\n".join(lines + (["## Missing", "", *missing, ""] if missing else []))


def missing_lines(samples: Iterable[Sample]) -> list[str]:
    why: dict[tuple[str, str, int, str], list[str]] = {}
    for s in samples:
        if s.value is None:
            why.setdefault((s.lab, s.peer, s.round, " ".join(s.note.split())), []).append(s.metric)
    return [f"- {lab}, {peer}, round {round_}: {', '.join(metrics)}: {note}" for (lab, peer, round_, note), metrics in why.items()]


def write(folder: Path, results: dict[str, Any], samples: Sequence[Sample]) -> None:
    """Replaces the files as a whole, so that whoever reads them meanwhile never sees half of one."""
    _replace(folder / "results.json", json.dumps({**results, "samples": [asdict(s) for s in samples]}, indent=1, ensure_ascii=False) + "\n")
    _replace(folder / "table.md", table_page(results, samples))


def read(folder: Path) -> tuple[dict[str, Any], list[Sample]]:
    results = json.loads((folder / "results.json").read_text())
    return results, [Sample(**sample) for sample in results.pop("samples")]


def _replace(file: Path, text: str) -> None:
    new = file.with_suffix(file.suffix + ".new")
    new.write_text(text)
    os.replace(new, file)
