"""Two hosts joined by one link, in network namespaces that belong to this run alone, and the processes in them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Iterator, Literal

LABS = {
    "veth": "plain veth: the link passes 64 KiB super-packets whole, which flatters the bare link and the kernel",
    "nic": "segmentation offloads of the link off, GRO and rx-udp-gro-forwarding on, as on an ordinary network card",
}
NIC_FEATURES = (
    "tso off tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off tx-udp-segmentation off gro on rx-udp-gro-forwarding on".split()
)
LINK = "link0"
INNER_PREFIX = 24

Host = Literal["left", "right"]
HOSTS: tuple[Host, Host] = ("left", "right")
OUTER = {"left": "192.168.127.151", "right": "192.168.127.152"}
OUTER6 = {"left": "fd00:127::151", "right": "fd00:127::152"}
INNER = {"left": "10.10.10.1", "right": "10.10.10.2"}


class LabError(Exception):
    """Something in the lab did not work; the message says what, for the results."""


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Ctrl-C and its like wait until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def command(arguments: list[str], timeout: float = 30, env: dict[str, str] | None = None, stdin: str | None = None) -> str:
    """Runs a command to its end and returns what it said."""
    said_by = " ".join(arguments[4:] if arguments[1:3] == ["netns", "exec"] else arguments)
    try:
        done = subprocess.run(arguments, input=stdin or "", capture_output=True, text=True, timeout=timeout, env=env, start_new_session=True)
    except subprocess.TimeoutExpired:
        raise LabError(f"{said_by}: no end after {timeout:.0f} s") from None
    except OSError as error:
        raise LabError(str(error)) from None
    if done.returncode:
        raise LabError(f"{said_by}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


@dataclass
class Process:
    """A process that runs in one of the hosts."""

    name: str
    child: subprocess.Popen[str]
    log: IO[str]

    @property
    def pid(self) -> int:
        return self.child.pid

    def proc(self, file: str) -> str:
        """A file of /proc for this process; nothing once it has ended."""
        try:
            return Path(f"/proc/{self.pid}/{file}").read_text()
        except OSError:
            return ""

    def said(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")

    def check_alive(self) -> None:
        if self.child.poll() is not None:
            raise LabError(f"{self.name} ended with {self.child.returncode}: {self.said().strip()[-300:]}")

    def wait_until(self, what: str, seconds: float, file: str, text: str) -> None:
        """Waits for a text in a file of /proc, by which one sees devices and sockets of the process's own namespace without starting anything."""
        end = time.monotonic() + seconds
        while not (self._is_started() and text in self.proc(file)):
            self.check_alive()
            if time.monotonic() > end:
                raise LabError(f"{self.name}: no {what} after {seconds:.0f} s")
            time.sleep(0.005)

    def _is_started(self) -> bool:  # not "ip netns exec" any more, which begins in the namespace of the machine
        return self.proc("comm").strip() not in ("ip", "python3", "main.py", "")

    def wait_for_device(self, device: str) -> None:
        self.wait_until(f"device {device}", 20, "net/dev", f"{device}:")

    def wait_for_port(self, protocol: str, port: int) -> None:
        self.wait_until(f"{protocol} port {port}", 5, f"net/{protocol}", f":{port:04X} 0000")

    def finish(self, seconds: float) -> str:
        """Waits for the end; what it said. A process that does not end is ended."""
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise LabError(f"{self.name}: no end after {seconds:.0f} s") from None
        return self.said()

    def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.child.terminate()
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Lab:
    """A context: inside it the two hosts stand; afterwards nothing of them is left, whatever happened inside."""

    count = 0

    def __init__(self, kind: str) -> None:
        Lab.count += 1
        self.kind = kind
        self.suffix = f"{os.getpid()}-{Lab.count}"
        self.namespaces = {host: f"fou-e2e-{host}-{self.suffix}" for host in HOSTS}
        self.processes: list[Process] = []
        self._folder = tempfile.TemporaryDirectory(prefix="fou-e2e-")
        self.folder = Path(self._folder.name)

    def __enter__(self) -> Lab:
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _build(self) -> None:
        left, right = (self.namespaces[host] for host in HOSTS)
        for namespace in (left, right):
            command(["ip", "netns", "add", namespace])
        command(["ip", "link", "add", LINK, "netns", left, "type", "veth", "peer", "name", LINK, "netns", right])
        for host in HOSTS:
            self.ip(host, "address", "add", f"{OUTER[host]}/24", "dev", LINK)
            self.ip(host, "address", "add", f"{OUTER6[host]}/64", "dev", LINK, "nodad")
            if self.kind == "nic":
                self._ordinary_card(host)
            self.ip(host, "link", "set", "lo", "up")
            self.ip(host, "link", "set", LINK, "up")

    def _ordinary_card(self, host: Host) -> None:
        """One feature at a time: one that a kernel does not know must not keep the others from being set."""
        for feature, value in zip(NIC_FEATURES[::2], NIC_FEATURES[1::2]):
            with contextlib.suppress(LabError):
                self.run(host, "ethtool", "-K", LINK, feature, value)
        features = self.run(host, "ethtool", "-k", LINK)
        for wanted in ("tcp-segmentation-offload: off", "tx-udp-segmentation: off", "rx-udp-gro-forwarding: on"):
            if wanted not in features:
                raise LabError(f"the link cannot be made an ordinary card: not {wanted}")

    def ip(self, host: Host, *arguments: str) -> str:
        return command(["ip", "-n", self.namespaces[host], *arguments])

    def run(self, host: Host, *arguments: str, timeout: float = 30) -> str:
        return command(["ip", "netns", "exec", self.namespaces[host], *arguments], timeout)

    def start(self, host: Host, *arguments: str, env: dict[str, str] | None = None) -> Process:
        name = Path(arguments[0]).name
        log = tempfile.NamedTemporaryFile("w+", dir=self.folder, prefix=f"{name}-", suffix=".log", delete=False)
        with signals_held():
            child = subprocess.Popen(
                ["ip", "netns", "exec", self.namespaces[host], *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True, env=env, start_new_session=True,
                preexec_fn=_release_signals,
            )  # fmt: skip
            process = Process(name, child, log)
            self.processes.append(process)
        return process

    def fragments(self) -> int:
        """Packets that the two hosts had to fragment: a tunnel whose MTU is too large is measured wrongly."""
        return sum(self._counter(host, "IpFragCreates") for host in HOSTS)

    def _counter(self, host: Host, name: str) -> int:
        found = [line.split()[1] for line in self.run(host, "nstat", "-asz", name).splitlines() if line.startswith(name)]
        return int(found[0]) if found else 0

    def close(self) -> None:
        with signals_held():
            self._end_processes()
            for namespace in self.namespaces.values():
                subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, stdin=subprocess.DEVNULL)
            self._folder.cleanup()

    def _end_processes(self) -> None:
        """First asks everything that we started or that lives in our namespaces to end, then ends it."""
        for signal_, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
            end = time.monotonic() + patience
            pids = self._pids()
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal_)
            while pids and time.monotonic() < end:
                time.sleep(0.02)
                pids = self._pids()
        for process in self.processes:
            process.child.poll()
            process.log.close()

    def _pids(self) -> set[int]:
        pids = {process.pid for process in self.processes if process.child.poll() is None}
        for namespace in self.namespaces.values():
            listed = subprocess.run(["ip", "netns", "pids", namespace], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            pids.update(int(pid) for pid in listed.stdout.split())
        return pids


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
