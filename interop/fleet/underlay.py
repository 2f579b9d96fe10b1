"""The network below the tunnels: segments with a router between them, IPv4 or IPv6."""

from __future__ import annotations

from dataclasses import dataclass

ROUTER_LINK_LOCAL = "fe80::1"


@dataclass(frozen=True)
class Underlay:
    """A network in which each segment is a subnet, and all of them are in one prefix."""

    ipv6: bool

    @property
    def name(self) -> str:
        return "ipv6" if self.ipv6 else "ipv4"

    @property
    def prefix(self) -> str:
        return "fd00:16::/32" if self.ipv6 else "172.16.0.0/16"

    @property
    def forwarding(self) -> str:
        """The setting of a router, below /proc/sys/net."""
        return "ipv6/conf/all/forwarding" if self.ipv6 else "ipv4/ip_forward"

    def address(self, segment: int, host: int) -> str:
        return f"fd00:16:{segment}::{host}" if self.ipv6 else f"172.16.{segment}.{host}"

    def router_commands(self, segment: int, device: str) -> list[str]:
        """What ``ip`` is told on the router."""
        if not self.ipv6:
            return [f"address add {self.address(segment, 1)}/24 dev {device}"]
        return [f"address add {address}/64 dev {device} nodad" for address in (self.address(segment, 1), ROUTER_LINK_LOCAL)]

    def machine_commands(self, segment: int, address: str) -> list[str]:
        """What ``ip`` is told on a machine with an ``eth0``. IPv6 takes no ``onlink`` next hop that a route more specific than the default
        one leads to, hence no route to the subnet: its machines reach each other by the router, as in many clouds."""
        if not self.ipv6:
            return [f"address add {address}/24 dev eth0", "link set eth0 up", f"route add default via {self.address(segment, 1)}"]
        return [f"address add {address}/128 dev eth0 nodad", "link set eth0 up", f"route add default via {ROUTER_LINK_LOCAL} dev eth0"]


IPV4, IPV6 = Underlay(False), Underlay(True)
