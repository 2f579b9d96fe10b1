"""Options, the order of the measurements, progress."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import Any, Iterator

import machine
import peers
import plots
import report
from lab import LABS, Lab, LabError
from measure import Session, Settings
from metrics import GROUPS, METRICS


ENDED = object()


class Interrupted(Exception):
    pass


def interrupt(number: int, _: FrameType | None) -> None:
    raise Interrupted(signal.Signals(number).name)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def some_of(known: tuple[str, ...]) -> Any:
    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        unknown = [name for name in chosen if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return [name for name in known if name in chosen]

    return parse


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a whole number above 0: {text}")
    return int(text)


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run", description="fou-gateway beside the bare link, the kernel and other tunnels, in two labs. Needs root.")
    parser.add_argument("--rounds", type=positive, help="interleaved rounds (5)")
    parser.add_argument("--seconds", type=positive, help="of each TCP and round-trip run (3)")
    parser.add_argument("--udp-trials", type=positive, default=8, help="most trials in the search for the highest rate (8)")
    parser.add_argument("--labs", type=some_of(tuple(LABS)), default=list(LABS), help=",".join(LABS))
    parser.add_argument("--peers", type=some_of(peers.NAMES), default=list(peers.USUAL), help=f"{','.join(peers.USUAL)}; our other encapsulations: {','.join(peers.NAMES[len(peers.USUAL):])}")
    parser.add_argument("--metrics", type=some_of(GROUPS), default=list(GROUPS), help=",".join(GROUPS))
    parser.add_argument("--java-home", help="JDK that builds and runs the gateway (JAVA_HOME, or java on the PATH)")
    parser.add_argument("--out", type=Path, help="folder for the results (target/results/<date> beside this command)")
    parser.add_argument("--quick", action="store_true", help="one round of one-second runs: shows that everything works, measures nothing well")
    parser.add_argument("--skip-setup", action="store_true", help="install, compile and build nothing: all is there")
    parser.add_argument("--redraw", type=Path, metavar="DIR", help="only write table and plots of DIR/results.json again")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 3)
    return options


def settings_of(options: argparse.Namespace) -> Settings:
    if options.quick:
        return Settings(options.rounds, options.seconds, 2, 1, 3, options.metrics, 0.5)
    return Settings(options.rounds, options.seconds, 15, 5, options.udp_trials, options.metrics)


class Progress:
    """What has been measured and how long the rest will take: first by estimate, then by what the rounds so far have taken."""

    def __init__(self, rounds: int, estimate: float) -> None:
        self.rounds, self.estimate, self.done = rounds, estimate, 0
        self.began = self.round_began = time.monotonic()

    def round_ended(self) -> None:
        self.done += 1
        self.round_began = time.monotonic()
        self.estimate = (self.round_began - self.began) / self.done

    def left(self) -> float:
        in_this_round = min(time.monotonic() - self.round_began, self.estimate)
        return (self.rounds - self.done) * self.estimate - in_this_round

    def line(self, text: str) -> None:
        say(f"[{self.done + 1}/{self.rounds}, {duration(self.left())} left] {text}")


def duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{seconds:.0f} s" if seconds < 90 else f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


class Run:
    def __init__(self, options: argparse.Namespace, tools: machine.Tools) -> None:
        self.options, self.tools, self.settings = options, tools, settings_of(options)
        self.samples: list[report.Sample] = []
        self.peers: list[peers.Peer] = []
        self.out: Path = options.out or machine.CACHE / "results" / datetime.now().strftime("%Y-%m-%d-%H%M%S")
        self.results: dict[str, Any] = {
            "date": now(),
            "command": shlex.join(["benchmarks/end-to-end/run", *sys.argv[1:]]),
            "commit": machine.git_commit(),
            "machine": machine.describe(tools),
            "settings": vars(self.settings),
            "labs": {lab: LABS[lab] for lab in options.labs},
            "peers": {},
            "remarks": [],
        }

    def find_peers(self) -> None:
        for peer in (kind(self.tools) for kind in peers.ALL if kind.name in self.options.peers):
            version = peer.version()
            self.results["peers"][peer.name] = {"label": peer.label, "version": version}
            say(f"{peer.name}: {version or 'not available here, skipped'}")
            if version:
                self.peers.append(peer)

    def measure(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        progress = Progress(self.settings.rounds * len(self.options.labs), self.settings.session_seconds() * len(self.peers))
        stolen = machine.Stolen()
        say(f"{self.settings.rounds} rounds, {len(self.options.labs)} labs, {len(self.peers)} peers: about {duration(progress.left())}")
        for round_ in range(1, self.settings.rounds + 1):
            for lab in self.options.labs:
                self._round(lab, round_, progress)
                progress.round_ended()
                self.results["stolen_percent"] = stolen.percent()
                report.write(self.out, self.results, self.samples)

    def _round(self, kind: str, round_: int, progress: Progress) -> None:
        """All peers are there at once, and each figure is taken of one after the other, so that they meet the same moods of the machine."""
        order = enumerate(rotated(self.peers, round_ - 1), 1)
        with contextlib.ExitStack() as stack:
            sessions = [stack.enter_context(contextlib.closing(self._session(kind, round_, place, peer, progress))) for place, peer in order]
            while sessions:
                sessions = [session for session in sessions if next(session, ENDED) is not ENDED]

    def _session(self, kind: str, round_: int, order: int, peer: peers.Peer, progress: Progress) -> Iterator[None]:
        where = f"{kind}, round {round_}, {peer.name}"
        progress.line(where)

        def record(metric: str, value: float | None, note: str) -> None:
            unit = METRICS[metric].unit
            self.samples.append(report.Sample(kind, round_, order, peer.name, metric, value, unit, now(), note))
            figure = "missing" if value is None else f"{report.number(value)} {unit}"
            progress.line(f"{where}: {METRICS[metric].label}: {figure}{f' ({note})' if note else ''}")

        session = Session(peer, Lab(kind), self.settings, record)
        try:
            with session.lab as lab:
                yield from session.steps()
                self._remark_fragments(lab, where)
        except LabError as error:  # the lab itself
            session.miss_all(str(error))

    def _remark_fragments(self, lab: Lab, where: str) -> None:
        fragments = lab.fragments()
        if fragments:
            self.results["remarks"].append(f"{where}: {fragments} fragments were made")
            say(self.results["remarks"][-1])


def rotated(items: list[peers.Peer], by: int) -> list[peers.Peer]:
    """Another peer begins each round, so that none always follows the same neighbour's heat."""
    by %= len(items)
    return items[by:] + items[:by]


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def draw(samples: list[report.Sample], folder: Path) -> None:
    try:
        plots.draw_all(report.Figures(samples), folder)
    except ImportError:
        say("no plots: matplotlib is not here (python3-matplotlib)")


def warn_of_load() -> None:
    if os.getloadavg()[0] > 0.5:
        say(f"load average {os.getloadavg()[0]:.1f}: this machine does other work too; the figures will move, CPU per GB most of all")


def measure(options: argparse.Namespace) -> int:
    status = 0
    run = Run(options, machine.prepare(options.java_home, options.skip_setup, say))
    try:
        run.find_peers()
        if not run.peers:
            raise machine.SetupError("none of the peers is available here")
        warn_of_load()
        with machine.processors_awake() as run.results["processors_awake"]:
            run.measure()
    except Interrupted as interrupted:
        say(f"{interrupted}: everything is taken down; what was measured is kept")
        run.results["interrupted"] = True
        status = 130
    if run.samples:
        report.write(run.out, run.results, run.samples)
        draw(run.samples, run.out)
        say(f"results: {run.out}")
    return status


def main(arguments: list[str]) -> int:
    options = parse_options(arguments)
    if options.redraw:
        results, samples = report.read(options.redraw)
        report.write(options.redraw, results, samples)
        draw(samples, options.redraw)
        return 0
    if os.geteuid() != 0:
        say("run: needs root, for network namespaces, TUN devices and apt-get")
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        return measure(options)
    except machine.SetupError as error:
        say(f"run: {error}")
    except Interrupted as interrupted:
        say(str(interrupted))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
