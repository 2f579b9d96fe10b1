"""Arithmetic on what was seen: how many routes were right when, which packets were lost in which phase."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Sequence

from nodes import Node
from sampler import Reading


@dataclass(frozen=True)
class State:
    """The routes of all living nodes together, from this time on."""

    time: float
    wanted: int  # routes that should be there
    there: int  # those of them that are
    stale: int  # routes to nodes that are not there any more

    @property
    def is_right(self) -> bool:
        return self.there == self.wanted and not self.stale


def states(readings: Sequence[Reading], living: Sequence[tuple[float, frozenset[Node]]], mask: Callable[[set[Node]], int]) -> list[State]:
    """The last entry of ``living`` before a time says which nodes have to have routes, and to whom."""
    found: list[State] = []
    now: dict[Node, int] = {}
    waiting = deque(readings)
    for index, (since, alive) in enumerate(living):
        until = living[index + 1][0] if index + 1 < len(living) else float("inf")
        wanted = {node: mask(set(alive) - {node}) for node in alive}
        while waiting and waiting[0].time < since:
            now[waiting[0].node] = waiting.popleft().routes
        there = {node: (now.get(node, 0) & routes).bit_count() for node, routes in wanted.items()}
        stale = {node: (now.get(node, 0) & ~routes).bit_count() for node, routes in wanted.items()}
        total = sum(routes.bit_count() for routes in wanted.values())
        sums = [sum(there.values()), sum(stale.values())]
        found.append(State(since, total, *sums))
        while waiting and waiting[0].time < until:
            reading = waiting.popleft()
            now[reading.node] = reading.routes
            if reading.node in wanted:
                routes = wanted[reading.node]
                for kind, (counts, bits) in enumerate(((there, reading.routes & routes), (stale, reading.routes & ~routes))):
                    sums[kind] += bits.bit_count() - counts[reading.node]
                    counts[reading.node] = bits.bit_count()
                found.append(State(reading.time, total, *sums))
    return found


def converged(all_states: Sequence[State], since: float) -> float | None:
    """Seconds after ``since`` at which the last wrong state ended; None when none was wrong."""
    end = None
    for state, next_ in zip(all_states, all_states[1:]):
        if next_.time > since and not state.is_right:
            end = next_.time - since
    return end


@dataclass(frozen=True)
class Flow:
    """What was sent from one gateway's network to another's."""

    source: int
    target: int
    ipv6: bool
    sent: list[float]
    lost: list[float]  # when those that did not arrive were sent

    def count(self, begin: float, end: float) -> tuple[int, int]:
        """Sent and lost in a time."""
        return sum(begin <= time < end for time in self.sent), sum(begin <= time < end for time in self.lost)


def read_flows(descriptions: Iterable[dict[str, Any]], results: Iterable[dict[str, Any]]) -> list[Flow]:
    return [
        Flow(d["from_node"], d["to_node"], ":" in d["target"], r["sent"], [r["sent"][number] for number in r["lost"]])
        for d, r in zip(descriptions, results)
    ]


def losses(flows: Iterable[Flow], begin: float, end: float, concerned: Sequence[int]) -> dict[str, int]:
    """Sent and lost between the gateways that are not concerned, and to and from those that are."""
    sums = {"sent_between_others": 0, "lost_between_others": 0, "sent_concerned": 0, "lost_concerned": 0}
    for flow in flows:
        whose = "concerned" if {flow.source, flow.target} & set(concerned) else "between_others"
        sent, lost = flow.count(begin, end)
        sums[f"sent_{whose}"] += sent
        sums[f"lost_{whose}"] += lost
    return sums
