"""The machines of the fleet: where they are, and what BIRD is told."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from underlay import IPV4, Underlay

GATEWAYS = 3
SMALLEST = 8
LARGEST = 250
AS = 64512


@dataclass(frozen=True)
class Node:
    """A machine with a network of its own behind it, in one of the segments of the underlay."""

    number: int
    segment: int
    place: int  # in the segment
    underlay: Underlay = IPV4

    @property
    def name(self) -> str:
        return f"n{self.number}"

    @property
    def outer(self) -> str:
        return self.underlay.address(self.segment, 10 + self.place)

    @property
    def inner4(self) -> str:
        return f"10.42.{self.number}.1"

    @property
    def inner6(self) -> str:
        return f"fd00:42:{self.number}::1"

    @property
    def is_gateway(self) -> bool:
        return self.number <= GATEWAYS

    def prefixes(self) -> tuple[bytes, bytes]:
        """What the others shall have a route to."""
        network4 = socket.inet_pton(socket.AF_INET, f"10.42.{self.number}.0")
        return network4, socket.inet_pton(socket.AF_INET6, f"fd00:42:{self.number}::")

    def bird_config(self, device4: str, device6: str, bfd_ms: int) -> str:
        """The devices are those that routes of the two families lead through."""
        filters = "".join(
            f'filter {device} {{ ifname = "{device}"; onlink = true; gw = bgp_next_hop; accept; }}\n' for device in dict.fromkeys((device4, device6))
        )
        next_hop4 = "next hop self; extended next hop" if self.underlay.ipv6 else "next hop self"
        next_hop6 = "next hop self" if self.underlay.ipv6 else f"next hop address ::{self.outer}"
        sessions = "".join(f"protocol bgp rr{i} from reflector {{ neighbor {address} as {AS}; }}\n" for i, address in enumerate(reflectors(self.underlay), 1))
        return f"""\
log stderr {{ warning, error, fatal }};
router id {IPV4.address(self.segment, 10 + self.place)};
protocol device {{ scan time 10; }}
protocol direct {{ ipv4; ipv6; interface "br0"; }}
{filters}\
protocol kernel {{ ipv4 {{ import none; export where source = RTS_BGP; }}; merge paths on; persist; scan time 5; }}
protocol kernel {{ ipv6 {{ import none; export where source = RTS_BGP; }}; merge paths on; persist; scan time 5; }}
{bfd(bfd_ms)}
template bgp reflector {{
  local {self.outer} as {AS}; multihop; bfd on; hold time 9;
  connect delay time 1; connect retry time 5; error wait time 1, 10;
  ipv4 {{ import filter {device4}; export where source = RTS_DEVICE; {next_hop4}; }};
  ipv6 {{ import filter {device6}; export where source = RTS_DEVICE; {next_hop6}; }};
}}
{sessions}"""


def reflectors(underlay: Underlay) -> tuple[str, str]:
    return underlay.address(0, 11), underlay.address(0, 12)


def reflector_config(index: int, nodes: list[Node], bfd_ms: int) -> str:
    underlay = nodes[0].underlay
    address = reflectors(underlay)[index]
    clients = "".join(f"protocol bgp {node.name} from node {{ neighbor {node.outer} as {AS}; }}\n" for node in nodes)
    return f"""\
log stderr {{ warning, error, fatal }};
router id {reflectors(IPV4)[index]};
protocol device {{ scan time 10; }}
{bfd(bfd_ms)}
template bgp node {{
  local {address} as {AS}; multihop; rr client; bfd on; hold time 9;
  connect delay time 1; connect retry time 5; error wait time 1, 10;
  ipv4 {{ import all; export all;{" extended next hop;" if underlay.ipv6 else ""} }};
  ipv6 {{ import all; export all;{"" if underlay.ipv6 else f" next hop address ::{address};"} }};
}}
{clients}"""


def bfd(interval_ms: int) -> str:
    return f"protocol bfd {{ multihop {{ min rx interval {interval_ms} ms; min tx interval {interval_ms} ms; multiplier 3; }}; }}"


def make_nodes(count: int, underlay: Underlay = IPV4) -> list[Node]:
    """In turns over the segments, so that the gateways are in three of them and the last segment has none."""
    segments = max(GATEWAYS + 1, -(-count // 10))
    return [Node(number, (number - 1) % segments + 1, (number - 1) // segments, underlay) for number in range(1, count + 1)]
