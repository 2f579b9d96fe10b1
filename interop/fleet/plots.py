"""Converged routes and lost packets against time, from results.json."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Sequence

BIN_SECONDS = 0.2
TUNNELS = ("gateway", "kernel")
DEATH_SECONDS = 2
DEATHS = ("node dies", "gateway's node dies")


def draw_all(folder: Path) -> None:
    results = _read(folder)
    _prepare()
    _timeline(results, folder)
    _deaths(results, folder)


def draw_beside(folder: Path) -> None:
    """The routes at the start, and those to a dead machine, with the one tunnel and with the other."""
    from matplotlib import pyplot

    _prepare()
    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for tunnel, colour in zip(TUNNELS, ("#1b6ca8", "#a8321b")):
        results = _read(folder / tunnel)
        seconds = 6 * results["bfd_ms"] / 1000
        phases = {phase["name"]: phase for phase in results["phases"]}
        times, there, _ = _routes(results["states"])
        panels[0].step(times, there, where="post", color=colour, label=f"{tunnel}: {phases['start']['text']}")
        for name, style in zip(DEATHS, ("-", "--")):
            _step_of_death(panels[1], results, phases[name], seconds, color=colour, ls=style, label=f"{tunnel}: {phases[name]['text']}")
    panels[0].set_xlim(0, max(_read(folder / tunnel)["phases"][0]["end"] for tunnel in TUNNELS))
    panels[0].set_xlabel("seconds since the start of the BIRDs")
    panels[0].set_ylabel("routes that are there, %")
    panels[1].set_xlim(0, seconds)
    panels[1].set_xlabel("seconds since the death")
    panels[1].set_ylabel("routes to it, on all machines")
    for panel in panels:
        panel.set_ylim(0, None)
        panel.grid(alpha=0.3)
        panel.legend(fontsize=7)
    _save(figure, folder / "beside")


def _read(folder: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return results


def _prepare() -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "fou-gateway", "svg.fonttype": "none", "font.size": 9, "path.simplify_threshold": 0.5})

def _timeline(results: dict[str, Any], folder: Path) -> None:
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(3, 1, figsize=(10, 7), sharex=True, layout="constrained")
    figure.suptitle(f"{results['nodes']} nodes, {_tunnels(results)}, {results['routes']:,} routes; BFD {results['bfd_ms']} ms × 3")
    times, there, stale = _routes(results["states"])
    end = results["phases"][-1]["end"]
    panels[0].step([*times, end], [*there, there[-1]], where="post", color="#1b6ca8")
    panels[0].set_ylabel("routes that are there, %")
    panels[0].set_ylim(-5, 105)
    panels[1].step([*times, end], [*stale, stale[-1]], where="post", color="#a8321b")
    panels[1].set_yscale("symlog", linthresh=1)
    panels[1].set_ylim(0, None)
    panels[1].set_ylabel("routes to the dead")
    for lost, colour, label in zip(_lost(results), ("#a8321b", "#e0a458"), ("between the other gateways", "to and from the gateway concerned")):
        panels[2].bar(list(lost) or [0], list(lost.values()) or [0], BIN_SECONDS, align="edge", color=colour, label=label if lost else f"{label}: none")
    panels[2].set_ylabel(f"packets lost in {BIN_SECONDS} s")
    panels[2].set_ylim(0, None)
    panels[2].legend(loc="upper left")
    panels[2].set_xlabel("seconds since the start of the BIRDs")
    for panel in panels:
        panel.grid(axis="y", alpha=0.3)
        for phase in results["phases"]:
            panel.axvline(phase["begin"], color="grey", lw=0.6)
    for phase in results["phases"]:
        panels[0].annotate(
            phase["name"], (phase["begin"], 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=8, rotation=30
        )
    _save(figure, folder / "timeline")


def _tunnels(results: dict[str, Any]) -> str:
    return "the kernel's own tunnels" if results.get("tunnel") == "kernel" else "3 with gateways"


def _deaths(results: dict[str, Any], folder: Path) -> None:
    from matplotlib import pyplot

    figure, panel = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
    for phase, colour in zip((phase for phase in results["phases"] if phase["name"] in DEATHS), ("#1b6ca8", "#a8321b")):
        _step_of_death(panel, results, phase, DEATH_SECONDS, color=colour, label=phase["text"])
    panel.set_xlim(0, DEATH_SECONDS)
    panel.set_ylim(0, None)
    panel.set_xlabel("seconds since the death")
    panel.set_ylabel("routes to it, on all nodes")
    panel.grid(alpha=0.3)
    panel.legend()
    _save(figure, folder / "deaths")


def _step_of_death(panel: Any, results: dict[str, Any], phase: dict[str, Any], seconds: float, **style: Any) -> None:
    inside = [(time - phase["begin"], stale) for time, _, _, stale in results["states"] if phase["begin"] <= time < phase["end"]]
    panel.step([0, *(time for time, _ in inside), max(seconds, inside[-1][0])], [inside[0][1], *(stale for _, stale in inside), 0], where="post", **style)


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(file.with_suffix(".png"), dpi=130)


def _routes(states: Sequence[Sequence[float]]) -> tuple[list[float], list[float], list[float]]:
    """Times, percent there, routes to the dead: what holds at the end of each bin in which something changed."""
    last = {time // BIN_SECONDS: (time, 100 * there / wanted, stale) for time, wanted, there, stale in states}
    times, there, stale = zip(*last.values())
    return list(times), list(there), list(stale)


def _lost(results: dict[str, Any]) -> tuple[Counter[float], Counter[float]]:
    others: Counter[float] = Counter()
    concerned: Counter[float] = Counter()
    for flow in results["lost"]:
        for time in flow["lost"]:
            phase = next((phase for phase in results["phases"] if phase["begin"] <= time < phase["end"]), None)
            if phase:
                counts = concerned if {flow["from"], flow["to"]} & set(phase["concerned"]) else others
                counts[time // BIN_SECONDS * BIN_SECONDS] += 1
    return others, concerned
