"""The machines of the fleet: where they are, and what BIRD and the gateway are told."""

from __future__ import annotations

import socket
from dataclasses import dataclass

GATEWAYS = 3
SMALLEST = 8
LARGEST = 250
REFLECTORS = ("172.16.0.11", "172.16.0.12")
AS = 64512
DEVICE = "fou0"


@dataclass(frozen=True)
class Node:
    """A machine with a network of its own behind it, in one of the segments of the underlay."""

    number: int
    segment: int
    place: int  # in the segment

    @property
    def name(self) -> str:
        return f"n{self.number}"

    @property
    def outer(self) -> str:
        return f"172.16.{self.segment}.{10 + self.place}"

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

    def gateway_config(self) -> str:
        return (
            f'device: {{name: {DEVICE}, address: [10.10.10.{self.number}/32, "fd00:10::{self.number}/128"], persist: true}}\n'
            "routes: {from_kernel: main}\n"
            "peers:\n"
            "  - {name: fleet, type: next_hop, remote: [172.16.0.0/16]}\n"
        )

    def bird_config(self, bfd_ms: int) -> str:
        reflectors = "".join(
            f"protocol bgp rr{i} from reflector {{ neighbor {address} as {AS}; }}\n" for i, address in enumerate(REFLECTORS, 1)
        )
        return f"""\
log stderr {{ warning, error, fatal }};
router id {self.outer};
protocol device {{ scan time 10; }}
protocol direct {{ ipv4; ipv6; interface "br0"; }}
filter tunnel {{ ifname = "{DEVICE}"; onlink = true; gw = bgp_next_hop; accept; }}
protocol kernel {{ ipv4 {{ import none; export where source = RTS_BGP; }}; merge paths on; persist; scan time 5; }}
protocol kernel {{ ipv6 {{ import none; export where source = RTS_BGP; }}; merge paths on; persist; scan time 5; }}
{bfd(bfd_ms)}
template bgp reflector {{
  local {self.outer} as {AS}; multihop; bfd on; hold time 9;
  connect delay time 1; connect retry time 5; error wait time 1, 10;
  ipv4 {{ import filter tunnel; export where source = RTS_DEVICE; next hop self; }};
  ipv6 {{ import filter tunnel; export where source = RTS_DEVICE; next hop address ::{self.outer}; }};
}}
{reflectors}"""


def reflector_config(address: str, nodes: list[Node], bfd_ms: int) -> str:
    clients = "".join(f"protocol bgp {node.name} from node {{ neighbor {node.outer} as {AS}; }}\n" for node in nodes)
    return f"""\
log stderr {{ warning, error, fatal }};
router id {address};
protocol device {{ scan time 10; }}
{bfd(bfd_ms)}
template bgp node {{
  local {address} as {AS}; multihop; rr client; bfd on; hold time 9;
  connect delay time 1; connect retry time 5; error wait time 1, 10;
  ipv4 {{ import all; export all; }};
  ipv6 {{ import all; export all; next hop address ::{address}; }};
}}
{clients}"""


def bfd(interval_ms: int) -> str:
    return f"protocol bfd {{ multihop {{ min rx interval {interval_ms} ms; min tx interval {interval_ms} ms; multiplier 3; }}; }}"


def make_nodes(count: int) -> list[Node]:
    """In turns over the segments, so that the gateways are in three of them and the last segment has none."""
    segments = max(GATEWAYS + 1, -(-count // 10))
    return [Node(number, (number - 1) % segments + 1, (number - 1) // segments) for number in range(1, count + 1)]
