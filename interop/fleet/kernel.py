"""What is asked of the kernel inside a namespace without starting a program there: devices, sockets, routes."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import http.client
import os
import socket
import struct
from typing import Iterator

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000

RTMGRP_LINK, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_ROUTE = 0x1, 0x40, 0x400
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
NLMSG_ERROR, NLMSG_DONE, RTM_NEWROUTE, RTM_GETROUTE = 2, 3, 24, 26
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
RTA_DST, RTA_OIF = 1, 4
RTPROT_BIRD = 12
HEADER = struct.Struct("=IHHII")
ROUTE = struct.Struct("=BBBBBBBBI")
ATTRIBUTE = struct.Struct("=HH")


@contextlib.contextmanager
def inside(namespace: str) -> Iterator[None]:
    """The calling thread is in the namespace until the block ends; sockets and devices that it makes stay there."""
    with open("/proc/thread-self/ns/net") as own, open(f"/run/netns/{namespace}") as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


def _enter(descriptor: int) -> None:
    if LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def make_tun(namespace: str, device: str) -> int:
    """A TUN device that nobody reads; it is there, and has carrier, as long as the descriptor is open."""
    with inside(namespace):
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def get(namespace: str, port: int, path: str) -> str | None:
    """What a server on the loopback of the namespace answers with status 200."""
    with inside(namespace), contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode()
        except OSError:
            return None
    return body if answer.status == 200 else None


class Routes:
    """The routes that BIRD has written through the tunnel devices of a namespace. Events only tell that they have to be read again."""

    def __init__(self, namespace: str, device4: str, device6: str) -> None:
        with inside(namespace):
            self._devices = {socket.AF_INET: socket.if_nametoindex(device4), socket.AF_INET6: socket.if_nametoindex(device6)}
            self.events = self._open(RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)
            self.events.setblocking(False)
            self._dumps = self._open(0)
            self._dumps.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)

    @staticmethod
    def _open(groups: int) -> socket.socket:
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        opened.bind((0, groups))
        return opened

    def forget_events(self) -> None:
        while True:
            try:
                self.events.recv(65536)
            except BlockingIOError:
                return
            except OSError:  # some were lost, which tells the same
                continue

    def read(self) -> list[bytes]:
        """The destinations, without their lengths."""
        return [*self._dump(socket.AF_INET), *self._dump(socket.AF_INET6)]

    def _dump(self, family: socket.AddressFamily) -> Iterator[bytes]:
        body = ROUTE.pack(family, 0, 0, 0, 0, RTPROT_BIRD, 0, 0, 0) + ATTRIBUTE.pack(8, RTA_OIF) + struct.pack("=I", self._devices[family])
        self._dumps.send(HEADER.pack(HEADER.size + len(body), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0) + body)
        while True:
            data = self._dumps.recv(65536)
            at = 0
            while at < len(data):
                length, kind, *_ = HEADER.unpack_from(data, at)
                if kind == NLMSG_DONE:
                    return
                if kind == NLMSG_ERROR:
                    raise OSError(-struct.unpack_from("=i", data, at + HEADER.size)[0], "RTM_GETROUTE")
                if kind == RTM_NEWROUTE:
                    yield _destination(data, at + HEADER.size + ROUTE.size, at + length)
                at += (length + 3) & ~3

    def close(self) -> None:
        self.events.close()
        self._dumps.close()


def _destination(data: bytes, at: int, end: int) -> bytes:
    while at < end:
        length, kind = ATTRIBUTE.unpack_from(data, at)
        if kind == RTA_DST:
            return data[at + ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return b""  # a default route
