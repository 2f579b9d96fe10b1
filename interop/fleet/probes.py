"""A UDP packet every few milliseconds from each gateway's network to each other's, in both families. A program of its own, so that nothing else delays it.

probes.py MILLISECONDS FLOWS RESULT: FLOWS is JSON, a list of {"from", "to": namespaces, "source", "target": addresses}. On SIGTERM it stops sending, waits
for what is under way, and writes for each flow when its packets were sent and which of them did not arrive.
"""

from __future__ import annotations

import json
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from kernel import inside

UNDER_WAY_SECONDS = 1.0
PORT = 7007
PACKET = struct.Struct("=II")


class Flow:
    def __init__(self, index: int, description: dict[str, str]) -> None:
        self.index = index
        self.sent: list[float] = []
        self.arrived: set[int] = set()
        self._target = (description["target"], PORT)
        with inside(description["from"]):
            self._socket = socket.socket(_family(description["source"]), socket.SOCK_DGRAM)
            self._socket.bind((description["source"], 0))
        self._socket.setblocking(False)

    def send(self) -> None:
        packet = PACKET.pack(self.index, len(self.sent))
        self.sent.append(time.monotonic())
        try:
            self._socket.sendto(packet, self._target)
        except OSError:
            pass  # no route: it is lost

    def result(self) -> dict[str, Any]:
        return {"sent": self.sent, "lost": [number for number in range(len(self.sent)) if number not in self.arrived]}


class Probes:
    def __init__(self, period_seconds: float, descriptions: list[dict[str, str]]) -> None:
        self._period_seconds = period_seconds
        self.flows = [Flow(i, description) for i, description in enumerate(descriptions)]
        self.ended = False
        self._poll = select.poll()
        self._receivers: dict[int, socket.socket] = {}
        for namespace, address in sorted({(d["to"], d["target"]) for d in descriptions}):
            with inside(namespace):
                receiver = socket.socket(_family(address), socket.SOCK_DGRAM)
                receiver.bind((address, PORT))
            receiver.setblocking(False)
            self._receivers[receiver.fileno()] = receiver
            self._poll.register(receiver, select.POLLIN)

    def run(self) -> None:
        next_ = time.monotonic()
        while not self.ended:
            for flow in self.flows:
                flow.send()
            next_ += self._period_seconds
            self._receive_until(next_)
        self._receive_until(time.monotonic() + UNDER_WAY_SECONDS)

    def _receive_until(self, end: float) -> None:
        while True:
            for descriptor, _ in self._poll.poll(max(0.0, end - time.monotonic()) * 1000):
                self._receive(self._receivers[descriptor])
            if time.monotonic() >= end:
                return

    def _receive(self, receiver: socket.socket) -> None:
        while True:
            try:
                packet = receiver.recv(64)
            except BlockingIOError:
                return
            index, number = PACKET.unpack(packet)
            self.flows[index].arrived.add(number)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def main(milliseconds: str, flows: str, result: str) -> None:
    probes = Probes(int(milliseconds) / 1000, json.loads(Path(flows).read_text()))

    def end(*_: object) -> None:
        probes.ended = True

    signal.signal(signal.SIGTERM, end)
    probes.run()
    Path(result).write_text(json.dumps([flow.result() for flow in probes.flows]))


if __name__ == "__main__":
    main(*sys.argv[1:])
