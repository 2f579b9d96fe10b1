"""The fleet in the lab: it is built, and what can befall it is done to it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Callable

import kernel
from lab import Lab, LabError, Process
from nodes import Node, reflector_config, reflectors
from tunnels import Gateways, Tunnels
from underlay import Underlay

ADMIN_PORT = 15555
GATEWAY_SECONDS = 60


class Fleet:
    """Nodes in segments, each a switch; the segments hang on a router. The switches are bridges in the router's namespace."""

    def __init__(self, lab: Lab, nodes: list[Node], tunnels: Tunnels, gateway: list[str], bfd_ms: int) -> None:
        self.lab, self.nodes, self.tunnels, self.gateway, self.bfd_ms = lab, nodes, tunnels, gateway, bfd_ms
        self.underlay = nodes[0].underlay
        self.segments = max(node.segment for node in self.nodes)
        self.gateways = [node for node in self.nodes if node.is_gateway]
        self.namespaces: dict[str, str] = {}
        self._birds: dict[str, Process] = {}
        self._gateways: dict[int, Process] = {}
        self._reflectors = ("r1", "r2")

    # ---- building ----

    def build(self, progress: Callable[[str], None]) -> None:
        self.router = self.lab.namespace("router")
        self._write_sysctl(self.router, self.underlay.forwarding, "1")
        for segment in range(self.segments + 1):
            self.lab.ip(
                self.router,
                f"link add seg{segment} type bridge",
                f"link add up{segment} type veth peer name to{segment}",
                f"link set up{segment} master seg{segment} up",
                f"link set seg{segment} up",
                *self.underlay.router_commands(segment, f"to{segment}"),
                f"link set to{segment} up",
            )
        for name, address in zip(self._reflectors, reflectors(self.underlay)):
            self._add_machine(name, address, 0)
        for node in self.nodes:
            self._add_node(node)
            if node.number % 10 == 0:
                progress(f"{node.number} of {len(self.nodes)} nodes are built")
        for node in self.gateways if self.has_gateways else []:
            self._await_gateway(node)

    @property
    def has_gateways(self) -> bool:
        return self.tunnels is Gateways

    def _add_machine(self, name: str, address: str, segment: int) -> str:
        namespace = self.namespaces[name] = self.lab.namespace(name)
        self.lab.ip(
            self.router,
            f"link add {name} type veth peer name eth0 netns {namespace}",
            f"link set {name} master seg{segment} up",
        )
        self.lab.ip(namespace, *self.underlay.machine_commands(segment, address))
        if self.underlay.ipv6:
            self._write_sysctl(namespace, "ipv6/conf/eth0/accept_redirects", "0")
        return namespace

    def _add_node(self, node: Node) -> None:
        namespace = self._add_machine(node.name, node.outer, node.segment)
        self.lab.ip(
            namespace,
            "link add br0 type bridge",
            f"address add {node.inner4}/24 dev br0",
            f"address add {node.inner6}/64 dev br0 nodad",
            "link set br0 up",
        )
        if not self.has_gateways:
            self.lab.ip(namespace, self.tunnels.told(node))
        elif node.is_gateway:
            self.start_gateway(node)
        else:
            device = self.tunnels.device4
            self.lab.closing.callback(os.close, kernel.make_tun(namespace, device))
            self.lab.ip(namespace, f"link set {device} up")

    @staticmethod
    def _write_sysctl(namespace: str, path: str, value: str) -> None:
        with kernel.inside(namespace):
            Path("/proc/sys/net", path).write_text(value)

    def _await_gateway(self, node: Node) -> None:
        end = time.monotonic() + GATEWAY_SECONDS
        while not self.is_ready(node):
            self._gateways[node.number].check_alive()
            if time.monotonic() > end:
                raise LabError(f"the gateway of {node.name} is not ready after {GATEWAY_SECONDS} s")
            time.sleep(0.05)

    # ---- what is done to it ----

    def start_gateway(self, node: Node) -> None:
        file = self.lab.folder / f"{node.name}.yaml"
        file.write_text(self.tunnels.told(node))
        self._gateways[node.number] = self.lab.start(self.namespaces[node.name], f"gateway-{node.name}", [*self.gateway, "run", "-c", str(file)])

    def kill_gateway(self, node: Node) -> None:
        self._gateways[node.number].kill()

    def is_ready(self, node: Node) -> bool:
        return self._get(node, "/readyz") is not None

    def metrics(self, node: Node) -> str:
        return self._get(node, "/metrics") or ""

    def _get(self, node: Node, path: str) -> str | None:
        return kernel.get(self.namespaces[node.name], ADMIN_PORT, path)

    def start_bird(self, node: Node) -> None:
        self._start_bird(node.name, node.bird_config(self.tunnels.device4, self.tunnels.device6, self.bfd_ms))

    def start_reflectors(self) -> None:
        for name in self._reflectors:
            self.start_reflector(name)

    def start_reflector(self, name: str) -> None:
        self._start_bird(name, reflector_config(self._reflectors.index(name), self.nodes, self.bfd_ms))

    def _start_bird(self, name: str, config: str) -> None:
        file = self.lab.folder / f"{name}.conf"
        file.write_text(config)
        arguments = ["bird", "-f", "-c", str(file), "-s", str(file.with_suffix(".ctl"))]
        self._birds[name] = self.lab.start(self.namespaces[name], f"bird-{name}", arguments)

    def restart_bird(self, node: Node) -> None:
        self._birds[node.name].stop()
        self.start_bird(node)

    def kill_bird(self, name: str) -> None:
        self._birds.pop(name).kill()

    def die_silently(self, node: Node) -> None:
        """As when the power goes: no link goes down anywhere and nothing more comes."""
        self.lab.ip(self.router, f"link set {node.name} nomaster")
        self.kill_bird(node.name)

    def cut_segment(self, segment: int) -> None:
        self.lab.ip(self.router, f"link set up{segment} down")

    def join_segment(self, segment: int) -> None:
        self.lab.ip(self.router, f"link set up{segment} up")

    def check_birds(self) -> None:
        for bird in self._birds.values():
            bird.check_alive()
