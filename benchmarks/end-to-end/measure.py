"""Figures of the tunnel that stands between the two hosts of a lab. Whatever does not work is a LabError, never a zero."""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

import peers
from lab import INNER, Lab, LabError, Process
from machine import processor_ticks
from metrics import LOSS_LIMIT, PERCENTILES, SENDER_BOUND, STREAMS, UDP_SIZES, Metric, in_groups

TCP_PORT, UDP_PORT, RTT_PORT = 5201, 9000, 11111
OMIT_SECONDS = 1  # of TCP's own start, at the beginning of every run
UDP_FLOWS = 16
WARM_INTERVAL = 0.25
TICKS = 100  # of /proc/stat, per second
RIGHT = INNER["right"]


@dataclass(frozen=True)
class Settings:
    rounds: int
    seconds: int  # of one TCP run, and of the round-trip runs
    warm_up: int  # seconds of TCP before anything is measured
    warm_up_streams: int  # seconds more with as many streams as there will be
    udp_trials: int
    groups: list[str]

    udp_seconds: float = 1

    def session_seconds(self) -> float:
        """About how long one peer takes in one lab."""
        tcp_run = self.seconds + OMIT_SECONDS + 0.7
        cost = {
            "tcp": 2 * len(STREAMS) * tcp_run + self.warm_up_streams,
            "cpu": 0 if "tcp" in self.groups else tcp_run,
            "udp": len(UDP_SIZES) * (2 + 0.8 * self.udp_trials) * (self.udp_seconds + 0.8),
            "rtt": 2 * self.seconds + 6,
            "start": 1,
            "rss": 0,
        }
        return sum(cost[group] for group in self.groups) + self.warm_up + 4


Record = Callable[[str, float | None, str], None]  # metric, value, note


class Session:
    """All figures of one peer in one lab in one round."""

    def __init__(self, peer: peers.Peer, lab: Lab, settings: Settings, record: Record) -> None:
        self.peer, self.lab, self.settings, self.record = peer, lab, settings, record
        self.wanted = [m for m in in_groups(settings.groups) if peer.in_user_space or not m.of_processes]
        self.recorded: set[str] = set()

    def steps(self) -> Iterator[None]:
        """Starts the tunnel and warms it up, then takes a figure or some with each step; others may take theirs in between."""
        try:
            begin = time.monotonic()
            processes, start = peers.start(self.peer, self.lab)
            self._take("start", start)
            yield from self._measure(begin, processes)
        except LabError as error:
            self.miss_all(str(error))

    def miss_all(self, why: str) -> None:
        """Everything that has no figure yet is missing."""
        self._miss(self.wanted, why)

    def _measure(self, begin: float, processes: list[Process]) -> Iterator[None]:
        warm = self._attempt([], lambda: iperf(self.lab, self.settings.warm_up, interval=WARM_INTERVAL, omit=0))
        groups = self.settings.groups
        if "tcp" in groups:  # many streams are other work for a compiler than one
            self._attempt([], lambda: iperf(self.lab, self.settings.warm_up_streams, STREAMS[-1], omit=0))
        yield
        if "tcp" in groups:
            for streams in reversed(STREAMS[1:]):  # what one stream shows shall be the steady state
                self._tcp(streams, False)
                yield
        if "tcp" in groups or "cpu" in groups or "start" in groups:
            self._single_stream(warm, begin)
            yield
        if "tcp" in groups:
            for streams in STREAMS:
                self._tcp(streams, True)
                yield
        if "rss" in groups and processes:
            self._attempt(["rss"], lambda: self._take("rss", max(peak_memory_mb(process) for process in processes)))
        if "udp" in groups:
            for size in UDP_SIZES:
                self._attempt([f"udp_{size}", f"udp_{size}_flood"], lambda: self._udp(size))
                yield
        if "rtt" in groups:
            self._attempt([f"rtt_idle_{p}" for p in PERCENTILES], lambda: self._round_trip("idle", round_trip(self.lab, self.settings.seconds)))
            yield
            self._attempt([*(f"rtt_bulk_{p}" for p in PERCENTILES), "rtt_bulk_lost", "rtt_bulk_tcp"], self._round_trip_beside_bulk)
        self.miss_all("not measured")

    def _single_stream(self, warm: TcpRun | None, begin: float) -> None:
        run = self._tcp(1, False)
        self._take("cpu", run and run.cpu_seconds_per_gb)
        if not (run and warm):
            return
        reached = warm.seconds_until(0.9 * run.gbit_per_second)
        note = "" if reached is not None else f"not within {self.settings.warm_up} s of TCP"
        self._take("warm", None if reached is None else warm.began - begin + reached, note)

    def _tcp(self, streams: int, reverse: bool) -> TcpRun | None:
        suffix = f"{streams}_reverse" if reverse else str(streams)
        names = [f"tcp_{suffix}", f"retransmits_{suffix}"]
        run = self._attempt(names, lambda: iperf(self.lab, self.settings.seconds, streams, reverse))
        if run:
            self._take(names[0], run.gbit_per_second)
            self._take(names[1], run.retransmits)
        return run

    def _udp(self, size: int) -> None:
        seconds = self.settings.udp_seconds
        udp_trial(self.lab, self.peer.tools.blast, size, seconds, 0)  # warms this path up
        flood = udp_trial(self.lab, self.peer.tools.blast, size, seconds, 0)
        self._take(f"udp_{size}_flood", flood.delivered)
        if flood.loss < LOSS_LIMIT:
            self._take(f"udp_{size}", flood.delivered, SENDER_BOUND)
            return
        trial = lambda rate: udp_trial(self.lab, self.peer.tools.blast, size, seconds, rate)  # noqa: E731
        best, why = highest_rate(trial, flood.delivered, self.settings.udp_trials)
        self._take(f"udp_{size}", best, why)

    def _round_trip(self, load: str, percentiles: dict[str, float]) -> None:
        for percentile, microseconds in percentiles.items():
            self._take(f"rtt_{load}_{percentile}", microseconds)

    def _round_trip_beside_bulk(self) -> None:
        probes, gbit_per_second = probes_beside_bulk(self.lab, self.peer.tools.pingpong, self.settings.seconds)
        self._round_trip("bulk", probes.percentiles)
        self._take("rtt_bulk_lost", probes.lost_percent)
        self._take("rtt_bulk_tcp", gbit_per_second)

    def _attempt(self, names: list[str], what: Callable[[], Any]) -> Any:
        try:
            return what()
        except LabError as error:
            self._miss([m for m in self.wanted if m.name in names], str(error))
            return None

    def _take(self, name: str, value: float | None, note: str = "") -> None:
        if name in self.recorded or not any(metric.name == name for metric in self.wanted):
            return
        self.recorded.add(name)
        self.record(name, value, " ".join(note.split()))

    def _miss(self, metrics: list[Metric], why: str) -> None:
        for metric in metrics:
            self._take(metric.name, None, why)


# ---- TCP, CPU ----


@dataclass(frozen=True)
class TcpRun:
    gbit_per_second: float
    retransmits: int
    cpu_seconds_per_gb: float
    began: float  # on the monotonic clock
    intervals: list[tuple[float, float]]  # end in seconds from the beginning, Gbit/s

    def seconds_until(self, gbit_per_second: float) -> float | None:
        return next((end for end, rate in self.intervals if rate >= gbit_per_second), None)


def iperf(lab: Lab, seconds: int, streams: int = 1, reverse: bool = False, interval: float = 1, omit: int = OMIT_SECONDS) -> TcpRun:
    with_options = ["-t", str(seconds), "-O", str(omit), "-P", str(streams), "-i", str(interval), *(["-R"] if reverse else [])]
    server = tcp_server(lab)
    try:
        busy, began = busy_seconds(), time.monotonic()
        said = lab.run("left", "iperf3", "-c", RIGHT, "-p", str(TCP_PORT), "-J", *with_options, timeout=seconds + omit + 20)
        busy = busy_seconds() - busy
    finally:
        server.stop()
    return read_iperf(json.loads(said), busy, began)


def tcp_server(lab: Lab) -> Process:
    server = lab.start("right", "iperf3", "-s", "-1", "-B", RIGHT, "-p", str(TCP_PORT))
    server.wait_for_port("tcp", TCP_PORT)
    return server


def read_iperf(result: dict[str, Any], busy: float, began: float) -> TcpRun:
    end = result.get("end", {})
    received = end.get("sum_received", {}).get("bits_per_second", 0)
    if not received:
        raise LabError(f"iperf3: {result.get('error', 'nothing received')}")
    sums = [interval["sum"] for interval in result["intervals"]]
    gigabytes = sum(s["bytes"] for s in sums) / 1e9  # with the omitted second, in which CPU was spent too
    intervals = [(s["end"], s["bits_per_second"] / 1e9) for s in sums]
    return TcpRun(received / 1e9, end["sum_sent"].get("retransmits", 0), busy / gigabytes, began, intervals)


def busy_seconds() -> float:
    """CPU seconds of the whole machine: user, nice, system, irq, softirq."""
    ticks = processor_ticks()
    return sum(ticks[i] for i in (0, 1, 2, 5, 6)) / TICKS


def peak_memory_mb(process: Process) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", process.proc("status"))
    if not found:
        raise LabError(f"{process.name} is not there any more")
    return int(found.group(1)) / 1000 * 1.024


# ---- UDP ----


@dataclass(frozen=True)
class UdpTrial:
    offered: float  # packets per second
    delivered: float
    loss: float  # 0..1


def udp_trial(lab: Lab, blast: Path, size: int, seconds: float, rate: float) -> UdpTrial:
    """Rate 0: as fast as the sender can."""
    receiver = lab.start("right", str(blast), "recv", str(UDP_PORT), str(seconds + 0.7))
    receiver.wait_for_port("udp", UDP_PORT)
    sender = [str(blast), "send", RIGHT, str(UDP_PORT), str(size), str(seconds), str(UDP_FLOWS), str(rate)]
    try:
        return read_blast(lab.run("left", *sender, timeout=seconds + 10), receiver.finish(seconds + 10))
    finally:
        receiver.stop()


def read_blast(sent: str, received: str) -> UdpTrial:
    packets_sent, offered = _packets(sent)
    packets_received, delivered = _packets(received)
    if not packets_sent or not packets_received:
        raise LabError("no UDP packet arrived")
    if packets_received > packets_sent:  # copies would hide losses
        raise LabError(f"{packets_sent} UDP packets were sent and {packets_received} arrived")
    return UdpTrial(offered, min(offered, delivered), 1 - packets_received / packets_sent)


def _packets(line: str) -> tuple[int, float]:
    found = re.search(r"(\d+) (?:sent|received) (\d+) pps", line)
    if not found:
        raise LabError(f"blast said: {line.strip()[-200:]}")
    return int(found.group(1)), float(found.group(2))


def highest_rate(trial: Callable[[float], UdpTrial], first: float, trials: int) -> tuple[float | None, str]:
    """The highest rate delivered with a loss below the limit, and what there is to say of it; None when no trial had so little loss.

    Doubles or halves from the first rate until the border lies between two rates, then halves the gap. A trial that fails by little gets a second
    chance, since one hiccup of the machine costs more packets than the limit allows.
    """
    best = passed = failed = None
    rate, is_second_chance = first, False
    for _ in range(trials):
        result = trial(rate)
        if result.loss < LOSS_LIMIT:
            best, passed, is_second_chance = max(best or 0, result.delivered), rate, False
            if result.offered < 0.9 * rate:
                return best, SENDER_BOUND
        elif result.loss < 20 * LOSS_LIMIT and not is_second_chance:
            is_second_chance = True
            continue
        else:
            failed, is_second_chance = rate, False
        if passed and failed and failed / passed < 1.05:
            break
        rate = _next_rate(passed, failed)
    return best, "" if best else "every trial lost more"


def _next_rate(passed: float | None, failed: float | None) -> float:
    if passed and failed:
        return math.sqrt(passed * failed)
    return passed * 1.4 if passed else (failed or 0) * 0.6


# ---- round trip ----


def round_trip(lab: Lab, seconds: int) -> dict[str, float]:
    server = lab.start("right", "sockperf", "server", "-i", RIGHT, "-p", str(RTT_PORT))
    try:
        server.wait_for_port("udp", RTT_PORT)
        said = lab.run("left", "sockperf", "ping-pong", "-i", RIGHT, "-p", str(RTT_PORT), "-t", str(seconds), "--full-rtt", timeout=seconds + 20)
    finally:
        server.stop()
    return read_sockperf(said)


def read_sockperf(said: str) -> dict[str, float]:
    found = {percentile: re.search(rf"percentile {re.escape(key)}\s*=\s*([\d.]+)", said) for percentile, key in PERCENTILES.items()}
    if not all(found.values()):
        raise LabError(f"sockperf said: {said.strip()[-300:]}")
    return {percentile: float(match.group(1)) for percentile, match in found.items() if match}


@dataclass(frozen=True)
class Probes:
    percentiles: dict[str, float]  # µs
    lost_percent: float


def probes_beside_bulk(lab: Lab, pingpong: Path, seconds: int) -> tuple[Probes, float]:
    """Round trips, and Gbit/s of the TCP transfer that went the same way meanwhile. Not by sockperf, which waits for ever for a probe that was lost."""
    tcp = tcp_server(lab)
    answering = lab.start("right", str(pingpong), "serve", RIGHT, str(RTT_PORT))
    bulk = lab.start("left", "iperf3", "-c", RIGHT, "-p", str(TCP_PORT), "-J", "-t", str(seconds + 3))
    try:
        answering.wait_for_port("udp", RTT_PORT)
        time.sleep(1)
        probes = read_pingpong(lab.run("left", str(pingpong), "ask", RIGHT, str(RTT_PORT), str(seconds), timeout=seconds + 20))
        bulk.check_alive()  # it must have run until the last round trip
        return probes, read_iperf(json.loads(bulk.finish(15)), 0, 0).gbit_per_second
    finally:
        for process in (bulk, answering, tcp):
            process.stop()


def read_pingpong(said: str) -> Probes:
    found = re.search(r"p50 ([\d.]+) p99 ([\d.]+) p99.9 ([\d.]+) us sent (\d+) lost (\d+)", said)
    if not found:
        raise LabError(f"pingpong said: {said.strip()[-200:]}")
    *percentiles, sent, lost = (float(group) for group in found.groups())
    return Probes(dict(zip(PERCENTILES, percentiles)), 100 * lost / sent)
