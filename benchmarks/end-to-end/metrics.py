"""What is measured: one line for each figure. Everything else (tables, plots, units) follows from here."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("tcp", "cpu", "udp", "rtt", "start", "rss")
STREAMS = (1, 4, 32)
UDP_SIZES = (64, 1400)
PERCENTILES = {"p50": "50.000", "p99": "99.000", "p99.9": "99.900"}
LOSS_LIMIT = 0.001
SENDER_BOUND = "the sender could not do more"  # the note of a UDP rate that is the sender's limit, not that of the way


@dataclass(frozen=True)
class Metric:
    name: str
    group: str
    label: str
    unit: str
    more_is_better: bool = True
    of_processes: bool = False  # has a meaning only where the tunnel is a process


def streams(count: int) -> str:
    return f"{count} stream" if count == 1 else f"{count} streams"


def _all() -> list[Metric]:
    found = []
    for direction, suffix in (("", ""), (", reverse", "_reverse")):
        found += [Metric(f"tcp_{n}{suffix}", "tcp", f"TCP {streams(n)}{direction}", "Gbit/s") for n in STREAMS]
    for direction, suffix in (("", ""), (", reverse", "_reverse")):
        found += [Metric(f"retransmits_{n}{suffix}", "tcp", f"retransmits, {streams(n)}{direction}", "segments", False) for n in STREAMS]
    found.append(Metric("cpu", "cpu", "CPU of the whole machine, TCP 1 stream", "s/GB", False))
    found += [Metric(f"udp_{size}", "udp", f"UDP {size} bytes, loss below 0.1 %", "packets/s") for size in UDP_SIZES]
    found += [Metric(f"udp_{size}_flood", "udp", f"UDP {size} bytes, flood, delivered", "packets/s") for size in UDP_SIZES]
    found += [Metric(f"rtt_idle_{p}", "rtt", f"round trip {p}, idle", "µs", False) for p in PERCENTILES]
    found += [Metric(f"rtt_bulk_{p}", "rtt", f"round trip {p}, beside bulk TCP", "µs", False) for p in PERCENTILES]
    found.append(Metric("rtt_bulk_lost", "rtt", "lost probes, beside bulk TCP", "%", False))
    found.append(Metric("rtt_bulk_tcp", "rtt", "that bulk TCP", "Gbit/s"))
    found.append(Metric("start", "start", "process start to first ping", "s", False, True))
    found.append(Metric("warm", "start", "process start to 90 % of TCP 1 stream", "s", False, True))
    found.append(Metric("rss", "rss", "resident memory of a tunnel process, peak", "MB", False, True))
    return found


METRICS = {metric.name: metric for metric in _all()}


def in_groups(groups: list[str]) -> list[Metric]:
    return [metric for metric in METRICS.values() if metric.group in groups]
