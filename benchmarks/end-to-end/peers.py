"""The ways over which packets go from one host to the other. Each gives the inner address 10.10.10.1 to the left host and 10.10.10.2 to the right one.

Every tunnel gets the largest MTU whose packets fit the link's 1500 bytes, so that no one is measured with fragments.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from lab import HOSTS, INNER, INNER_PREFIX, LINK, OUTER, OUTER6, Host, Lab, LabError, Process, command
from machine import Tools, first_line

OTHER: dict[Host, Host] = {"left": "right", "right": "left"}
FIRST_PING_SECONDS = 30


def inner(host: Host) -> str:
    return f"{INNER[host]}/{INNER_PREFIX}"


def give_address(lab: Lab, host: Host, device: str, *, mtu: int | None = None, queue: int | None = None) -> None:
    lab.ip(host, "address", "add", inner(host), "dev", device)
    options = [*(("mtu", str(mtu)) if mtu else ()), *(("txqueuelen", str(queue)) if queue else ())]
    lab.ip(host, "link", "set", device, *options, "up")


class Peer:
    name = ""
    label = ""
    in_user_space = True
    is_rival = True  # a finished user-space tunnel of somebody else

    def __init__(self, tools: Tools) -> None:
        self.tools = tools

    def version(self) -> str | None:
        """None: it cannot be had here."""
        raise NotImplementedError

    def prepare(self, lab: Lab) -> None:
        """What an operator does once: keys and files. Not part of the start time."""

    def up(self, lab: Lab) -> list[Process]:
        """Builds the tunnel; returns its processes."""
        raise NotImplementedError


class Raw(Peer):
    name, label = "raw", "bare link"
    in_user_space = is_rival = False

    def version(self) -> str | None:
        return first_line(["uname", "-r"])

    def up(self, lab: Lab) -> list[Process]:
        for host in HOSTS:
            lab.ip(host, "address", "add", inner(host), "dev", LINK)
        return []


class Vxlan(Peer):
    name, label = "vxlan", "kernel VXLAN"
    in_user_space = is_rival = False

    def version(self) -> str | None:
        """Whether the kernel has it is seen when a device is made, in a lab of its own."""
        try:
            with Lab("veth") as lab:
                self.up(lab)
        except LabError:
            return None
        return first_line(["uname", "-r"])

    def up(self, lab: Lab) -> list[Process]:
        for host in HOSTS:
            ends = ["remote", OUTER[OTHER[host]], "local", OUTER[host]]
            lab.ip(host, "link", "add", "vx0", "type", "vxlan", "id", "7", *ends, "dstport", "4789", "dev", LINK)
            give_address(lab, host, "vx0")
        return []


class Limit(Peer):
    name, label = "limit", "C yardstick"
    is_rival = False

    def version(self) -> str | None:
        return "limit.c" if self.tools.limit.exists() else None

    def up(self, lab: Lab) -> list[Process]:
        processes = [lab.start(host, str(self.tools.limit), "fo0", OUTER[host], OUTER[OTHER[host]]) for host in HOSTS]
        for host, process in zip(HOSTS, processes):
            process.wait_for_device("fo0")
            give_address(lab, host, "fo0", mtu=1472, queue=1000)
        return processes


class Fou(Peer):
    name, label = "fou", "fou-gateway"
    is_rival = False
    options = ""
    listen = "ipproto: auto"
    ebpf = {"left": "off", "right": "off"}
    outer = OUTER

    def version(self) -> str | None:
        return "this checkout" if first_line([str(self.tools.gateway), "--help"]) else None

    def prepare(self, lab: Lab) -> None:
        for host in HOSTS:
            self._file(lab, host).write_text(
                f"device: {{name: fou0, address: [{inner(host)}], offload: {{ebpf: {self.ebpf[host]}}}}}\n"
                f"listen: [{{port: 5555, {self.listen}}}]\n"
                f'peers: [{{name: other, remote: "{self.outer[OTHER[host]]}", {self.options} allowed_ips: [10.10.10.0/24]}}]\n'
            )

    def up(self, lab: Lab) -> list[Process]:
        environment = self.tools.environment()
        return [lab.start(host, str(self.tools.gateway), "run", "-c", str(self._file(lab, host)), env=environment) for host in HOSTS]

    def _file(self, lab: Lab, host: Host) -> Path:
        return lab.folder / f"gateway-{host}.yaml"


class FouOverIpv6(Fou):
    name, label = "fou-over-ipv6", "FOU over IPv6"
    outer = OUTER6


class Gre(Fou):
    name, label = "gre", "GRE in FOU"
    options = "protocol: gre,"


class GreWithEverything(Fou):
    name, label = "gre-all", "GRE with key, checksum, sequence"
    options = "protocol: gre, gre: {key: 42, checksum: true, sequence: true},"


class Gue(Fou):
    name, label = "gue", "GUE"
    options = "encapsulation: gue,"
    listen = "encapsulation: gue"


class GueRemoteChecksum(Gue):
    name, label = "gue-remcsum", "GUE with remote checksum"
    options = "encapsulation: gue, remote_checksum: true,"


class Ebpf(Fou):
    name, label = "fou-ebpf", "eBPF both ways"
    options = "in_kernel: true,"
    ebpf = {"left": "both", "right": "both"}


class EbpfReceive(Fou):
    name, label = "fou-ebpf-receive", "eBPF receives, user space sends"
    ebpf = {"left": "receive", "right": "receive"}


class WireguardGo(Peer):
    name, label = "wireguard-go", "wireguard-go"

    def version(self) -> str | None:
        packages = sorted(Path(self.tools.wireguard_go).parents[3].glob("*.deb")) if "/" in self.tools.wireguard_go else []
        version = first_line([self.tools.wireguard_go, "--version"], r"v?\d\S+") if shutil.which("wg") else None
        return version and " ".join([version, *(package.name for package in packages[-1:])])

    def prepare(self, lab: Lab) -> None:
        for host in HOSTS:
            key = command(["wg", "genkey"])
            self._key(lab, host).touch(0o600)
            self._key(lab, host).write_text(key)
            self._public(lab, host).write_text(command(["wg", "pubkey"], stdin=key))

    def up(self, lab: Lab) -> list[Process]:
        # Device names differ by host and run: the control sockets of all namespaces lie in one folder.
        devices = {host: f"w{host[0]}{lab.suffix}" for host in HOSTS}
        environment = {**self.tools.environment(), "LOG_LEVEL": "error"}
        processes = [lab.start(host, self.tools.wireguard_go, "-f", devices[host], env=environment) for host in HOSTS]
        for host, process in zip(HOSTS, processes):
            process.wait_for_device(devices[host])
            self._configure(lab, host, devices[host], process)
            give_address(lab, host, devices[host], mtu=1440)
        return processes

    def _configure(self, lab: Lab, host: Host, device: str, process: Process) -> None:
        control = Path(f"/var/run/wireguard/{device}.sock")
        end = time.monotonic() + 5
        while not control.exists() and time.monotonic() < end:
            process.check_alive()
            time.sleep(0.005)
        public = self._public(lab, OTHER[host]).read_text().strip()
        peer = ["peer", public, "allowed-ips", "0.0.0.0/0", "endpoint", f"{OUTER[OTHER[host]]}:51820"]
        lab.run(host, "wg", "set", device, "listen-port", "51820", "private-key", str(self._key(lab, host)), *peer)

    def _key(self, lab: Lab, host: Host) -> Path:
        return lab.folder / f"wireguard-{host}.key"

    def _public(self, lab: Lab, host: Host) -> Path:
        return lab.folder / f"wireguard-{host}.public"


class Fastd(Peer):
    name, label = "fastd", "fastd, method null"

    def version(self) -> str | None:
        return first_line(["fastd", "--version"], r"v?\d\S+")

    def prepare(self, lab: Lab) -> None:
        secrets = {host: command(["fastd", "--generate-key", "--machine-readable"]).strip() for host in HOSTS}
        for host in HOSTS:
            other = OTHER[host]
            public = command(["fastd", "--show-key", "--machine-readable", "--config", "-"], stdin=f'secret "{secrets[other]}";').strip()
            self._file(lab, host).write_text(
                f'mode tun; interface "fd0"; method "null"; mtu 1470; secret "{secrets[host]}"; bind {OUTER[host]}:10000; log level warn;\n'
                f'peer "other" {{ key "{public}"; remote {OUTER[other]}:10000; }}\n'
            )

    def up(self, lab: Lab) -> list[Process]:
        processes = [lab.start(host, "fastd", "-c", str(self._file(lab, host))) for host in HOSTS]
        for host, process in zip(HOSTS, processes):
            process.wait_for_device("fd0")
            give_address(lab, host, "fd0")
        return processes

    def _file(self, lab: Lab, host: Host) -> Path:
        return lab.folder / f"fastd-{host}.conf"


class Openvpn(Peer):
    name, label = "openvpn", "OpenVPN, no cipher"

    def version(self) -> str | None:
        return first_line(["openvpn", "--version"], r"OpenVPN \d\S+")

    def up(self, lab: Lab) -> list[Process]:
        options = "--proto udp --port 1194 --dev-type tun --dev ov0 --tun-mtu 1450 --sndbuf 4194304 --rcvbuf 4194304 --disable-dco --auth none --cipher none"
        return [
            lab.start(host, "openvpn", *options.split(), "--remote", OUTER[OTHER[host]], "--ifconfig", INNER[host], INNER[OTHER[host]])
            for host in HOSTS
        ]


class Socat(Peer):
    name, label = "socat", "socat"

    def version(self) -> str | None:
        return first_line(["socat", "-V"], r"version \S+")

    def up(self, lab: Lab) -> list[Process]:
        processes = []
        for host in HOSTS:
            wire = f"UDP4-DATAGRAM:{OUTER[OTHER[host]]}:7000,bind={OUTER[host]}:7000"
            processes.append(lab.start(host, "socat", "-b", "65536", wire, f"TUN:{inner(host)},up,iff-no-pi,tun-name=so0"))
        for host, process in zip(HOSTS, processes):
            process.wait_for_device("so0")
            lab.ip(host, "link", "set", "so0", "mtu", "1472")
        return processes


RIVALS_AND_OURS: tuple[type[Peer], ...] = (Raw, Vxlan, Limit, Fou, WireguardGo, Fastd, Openvpn, Socat)
ENCAPSULATIONS: tuple[type[Peer], ...] = (FouOverIpv6, Gre, GreWithEverything, Gue, GueRemoteChecksum, Ebpf, EbpfReceive)
USUAL = tuple(peer.name for peer in RIVALS_AND_OURS)
ALL = (*RIVALS_AND_OURS, *ENCAPSULATIONS)
NAMES = tuple(peer.name for peer in ALL)
LABELS = {peer.name: peer.label for peer in ALL}
RIVALS = tuple(peer.name for peer in ALL if peer.is_rival)


def start(peer: Peer, lab: Lab) -> tuple[list[Process], float]:
    """Builds the tunnel and waits for the first ping; the processes and the seconds that it took."""
    peer.prepare(lab)
    begin = time.monotonic()
    processes = peer.up(lab)
    while not _ping_passes(lab):
        for process in processes:
            process.check_alive()
        if time.monotonic() - begin > FIRST_PING_SECONDS:
            raise LabError(f"no ping after {FIRST_PING_SECONDS} s; " + "; ".join(p.said().strip()[-200:] for p in processes))
    return processes, time.monotonic() - begin


def _ping_passes(lab: Lab) -> bool:
    try:
        lab.run("left", "ping", "-n", "-c", "1", "-W", "0.05", INNER["right"])
    except LabError:
        time.sleep(0.01)
        return False
    return True
