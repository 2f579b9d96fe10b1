"""Seconds and memory against the number of peers, and against that of prefixes; both scales are logarithmic, so what is linear is a straight line."""

from __future__ import annotations

from pathlib import Path

SECONDS = {"check": "#1b6ca8", "start": "#a8321b", "reload": "#e0a458", "/metrics": "#5b8c5a", "/status": "#8a6fa8", "stop": "#888888"}


def draw(results: list[dict], file: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "fou-gateway", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    alone = [result for result in results if result["foreign_routes"] == 0]
    axes = {
        "peers with 4 prefixes each": [(r["peers"], r["median"]) for r in alone if r["peers"] > 1],
        "prefixes at one peer": [(r["prefixes"], r["median"]) for r in alone if r["peers"] == 1],
    }
    axes = {axis: points for axis, points in axes.items() if points}
    figure, rows = pyplot.subplots(
        1, len(axes) + 1, squeeze=False, figsize=(4.7 * (len(axes) + 1), 4.6), layout="constrained"
    )
    panels = rows[0]
    for panel, (axis, points) in zip(panels, axes.items()):
        for column, colour in SECONDS.items():
            _line(panel, points, column, colour, column)
        panel.set(xlabel=axis, ylabel="seconds", xscale="log", yscale="log")
        panel.legend()
    for (axis, points), colour in zip(axes.items(), ("#a8321b", "#1b6ca8")):
        _line(panels[-1], points, "resident", colour, axis)
    panels[-1].set(xlabel="how many", ylabel="peak resident, MiB", xscale="log", ylim=(0, None))
    panels[-1].legend()
    for panel in panels:
        panel.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def _line(panel, points: list[tuple[int, dict]], column: str, colour: str, label: str) -> None:
    known = [(size, median[column]) for size, median in points if median[column] is not None]
    panel.plot(*zip(*known) if known else ([], []), marker="o", color=colour, label=label)
