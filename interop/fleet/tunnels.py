"""The two kinds of tunnel: the devices by which a node reaches the others, and what it is told for them."""

from __future__ import annotations

from nodes import Node


class Gateways:
    """One device for both families. Where no gateway is, it is a bare TUN device."""

    name = "gateway"
    device4 = device6 = "fou0"

    @staticmethod
    def told(node: Node) -> str:
        """The gateway's configuration."""
        return (
            f'device: {{name: fou0, address: [10.10.10.{node.number}/32, "fd00:10::{node.number}/128"], persist: true}}\n'
            "routes: {from_kernel: main}\n"
            "peers:\n"
            f'  - {{name: fleet, type: next_hop, remote: ["{node.underlay.prefix}"]}}\n'
        )


class KernelTunnels:
    """The kernel's own devices without remote: ``ipip`` for IPv4 and ``sit`` for IPv6, each with a FOU port, as such a port takes one protocol.
    Their underlay is IPv4."""

    name = "kernel"
    device4, device6 = "fou0", "fou6"

    @staticmethod
    def told(node: Node) -> str:
        """Commands of ``ip``."""
        return (
            "fou add port 5555 ipproto 4\n"
            "fou add port 5556 ipproto 41\n"
            f"link add fou0 type ipip local {node.outer} ttl 64 encap fou encap-sport auto encap-dport 5555\n"
            f"link add fou6 type sit local {node.outer} ttl 64 encap fou encap-sport auto encap-dport 5556\n"
            f"address add 10.10.10.{node.number}/32 dev fou0\n"
            f"address add fd00:10::{node.number}/128 dev fou6\n"
            "link set fou0 up\n"
            "link set fou6 up\n"
        )


Tunnels = type[Gateways] | type[KernelTunnels]
BY_NAME: dict[str, Tunnels] = {tunnels.name: tunnels for tunnels in (Gateways, KernelTunnels)}
