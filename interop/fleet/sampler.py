"""The routes of all nodes against time."""

from __future__ import annotations

import select
import threading
import time
from dataclasses import dataclass

from kernel import Routes
from nodes import Node

TICK_SECONDS = 0.02


@dataclass(frozen=True)
class Reading:
    """From this time on a node had these routes; one bit for each."""

    time: float
    node: Node
    routes: int


class Sampler:
    """Reads the routes of a node, in a thread of its own, whenever the kernel has told of a change there: 20 ms later at most."""

    def __init__(self, namespaces: dict[Node, str], device4: str, device6: str) -> None:
        self.readings: list[Reading] = []
        self.bits = {prefix: 1 << bit for bit, prefix in enumerate(prefix for node in namespaces for prefix in node.prefixes())}
        self.now = {node: 0 for node in namespaces}
        self._sockets = {node: Routes(namespace, device4, device6) for node, namespace in namespaces.items()}
        self.failure: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        for routes in self._sockets.values():
            routes.close()

    def mask(self, nodes: set[Node]) -> int:
        """The bits of all that these nodes announce."""
        return sum(self.bits[prefix] for node in nodes for prefix in node.prefixes())

    def _run(self) -> None:
        try:
            self._watch()
        except Exception as error:  # for whoever waits for routes
            self.failure = error

    def _watch(self) -> None:
        by_descriptor = {routes.events.fileno(): node for node, routes in self._sockets.items()}
        poll = select.poll()
        for descriptor in by_descriptor:
            poll.register(descriptor, select.POLLIN)
        for node in self._sockets:
            self._read(node)
        while not self._ended.wait(TICK_SECONDS):
            for descriptor, _ in poll.poll(0):
                self._read(by_descriptor[descriptor])

    def _read(self, node: Node) -> None:
        routes = self._sockets[node]
        routes.forget_events()
        bits = sum({self.bits.get(prefix, 0) for prefix in routes.read()})
        if bits != self.now[node]:
            self.now[node] = bits
            self.readings.append(Reading(time.monotonic(), node, bits))
