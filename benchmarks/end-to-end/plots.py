"""Bar charts of the medians, with bars from lowest to highest: one file for each group of figures, one panel for each lab."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metrics import PERCENTILES, STREAMS, UDP_SIZES, streams
from peers import LABELS
from report import OURS, Figures

COLOURS = ("#1b6ca8", "#7fb2d9", "#c8dcec", "#e0a458")
OWN_COLOURS = ("#a8321b", "#d9897f", "#ecccc8", "#e0a458")


@dataclass(frozen=True)
class Chart:
    file: str
    title: str
    axis: str
    bars: dict[str, str]  # metric: what the legend calls it
    logarithmic: bool = False


CHARTS = (
    Chart("tcp", "TCP throughput", "Gbit/s, more is better", {f"tcp_{n}": streams(n) for n in STREAMS}),
    Chart("tcp-reverse", "TCP throughput, reverse direction", "Gbit/s, more is better", {f"tcp_{n}_reverse": streams(n) for n in STREAMS}),
    Chart("retransmits", "TCP retransmits", "segments in one run, less is better", {f"retransmits_{n}": streams(n) for n in STREAMS}),
    Chart("cpu", "CPU of the whole machine, TCP 1 stream", "seconds per GB, less is better", {"cpu": "CPU"}),
    Chart("udp", "UDP delivered with loss below 0.1 %", "packets/s, more is better", {f"udp_{n}": f"{n} bytes" for n in UDP_SIZES}),
    Chart("udp-flood", "UDP delivered of a flood", "packets/s, more is better", {f"udp_{n}_flood": f"{n} bytes" for n in UDP_SIZES}),
    Chart("rtt-idle", "Round trip, idle", "µs, logarithmic, less is better", {f"rtt_idle_{p}": p for p in PERCENTILES}, True),
    Chart("rtt-bulk", "Round trip beside a bulk TCP transfer", "µs, logarithmic, less is better", {f"rtt_bulk_{p}": p for p in PERCENTILES}, True),
    Chart("start", "Start", "seconds from process start, less is better", {"start": "first ping", "warm": "90 % of TCP 1 stream"}),
    Chart("rss", "Resident memory of a tunnel process, peak", "MB, less is better", {"rss": "peak"}),
)


def draw_all(figures: Figures, folder: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "fou-gateway", "svg.fonttype": "none", "font.size": 9})
    for chart in CHARTS:
        labs = [lab for lab in figures.labs if any(figures.median(lab, m, p) is not None for m in chart.bars for p in figures.peers)]
        if labs:
            _draw(chart, figures, labs, folder / f"{chart.file}.svg")


def _draw(chart: Chart, figures: Figures, labs: list[str], file: Path) -> None:
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(labs), figsize=(1 + 5.2 * len(labs), 5.2), squeeze=False, layout="constrained")
    figure.suptitle(f"{chart.title} (median, lowest to highest)")
    for panel, lab in zip(panels[0], labs):
        _draw_panel(panel, chart, figures, lab)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def _draw_panel(panel: object, chart: Chart, figures: Figures, lab: str) -> None:
    peers = [peer for peer in figures.peers if any(figures.was_tried(lab, metric, peer) for metric in chart.bars)]
    height = 0.8 / len(chart.bars)
    for i, (metric, label) in enumerate(chart.bars.items()):
        for y, peer in enumerate(peers):
            _draw_bar(panel, figures, lab, metric, peer, y - 0.4 + (i + 0.5) * height, height, i, label if y == 0 else None)
    panel.set_yticks(range(len(peers)), [LABELS[peer] for peer in peers])  # type: ignore[attr-defined]
    panel.invert_yaxis()  # type: ignore[attr-defined]
    panel.set_title(f"lab {lab}")  # type: ignore[attr-defined]
    panel.set_xlabel(chart.axis)  # type: ignore[attr-defined]
    if chart.logarithmic:
        panel.set_xscale("log")  # type: ignore[attr-defined]
    panel.margins(x=0.18)  # type: ignore[attr-defined]
    panel.grid(axis="x", alpha=0.3)  # type: ignore[attr-defined]
    panel.set_axisbelow(True)  # type: ignore[attr-defined]
    if len(chart.bars) > 1:
        panel.legend(loc="best")  # type: ignore[attr-defined]


def _draw_bar(panel: object, figures: Figures, lab: str, metric: str, peer: str, y: float, height: float, i: int, label: str | None) -> None:
    summary = figures.summary(lab, metric, peer)
    colour = (OWN_COLOURS if peer == OURS else COLOURS)[i]
    if not summary:
        panel.barh(y, 0, height, color=colour, label=label)  # type: ignore[attr-defined]  # for the legend
        if figures.was_tried(lab, metric, peer):
            panel.text(0.01, y, "missing", transform=panel.get_yaxis_transform(), va="center", fontsize=7)  # type: ignore[attr-defined]
        return
    spread = [[summary.median - summary.lowest], [summary.highest - summary.median]]
    panel.barh(y, summary.median, height, color=colour, label=label, xerr=spread, error_kw={"lw": 0.8, "capsize": 2})  # type: ignore[attr-defined]
    text = f"{summary.median:,.0f}" if summary.median >= 100 else f"{summary.median:.3g}"
    panel.annotate(text, (summary.highest, y), (4, 0), textcoords="offset points", va="center", fontsize=7)  # type: ignore[attr-defined]
