"""Two namespaces with a cable between them, a gateway in one of them, and what arrives at the other."""

from __future__ import annotations

import ctypes
import http.client
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

PATIENCE_SECONDS = 300
ADMIN = ("127.0.0.1", 15555)
OUTER_PORT = 5555
BUFFER_BYTES = 64 << 20
SO_RCVBUFFORCE = 33
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
HERE = f"scale-{os.getpid()}-a"
THERE = f"scale-{os.getpid()}-b"


def ip(arguments: str, lines: str | None = None) -> None:
    """Runs ip in the namespace that this thread is in; with lines, which it gets on its standard input."""
    subprocess.run(["ip", *arguments.split()], check=True, input=lines, text=True)


def enter(namespace: str) -> None:
    with open(f"/run/netns/{namespace}") as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def wait(done, process: subprocess.Popen | None = None, pause: float = 0.005) -> float:
    """Seconds until it is done."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > PATIENCE_SECONDS or (process and process.poll() is not None):
            raise TimeoutError
        time.sleep(pause)
    return time.monotonic() - began


class Lab:
    """The gateway's host has 172.31.0.1/16 on u0; the host at the other end has all of 172.16.0.0/13."""

    def __enter__(self) -> Lab:
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            for namespace in (HERE, THERE):
                ip(f"netns add {namespace}")
                ip(f"-n {namespace} link set lo up")
            ip(f"-n {HERE} link add u0 type veth peer name u1 netns {THERE}")
            ip(f"-n {HERE} addr add 172.31.0.1/16 dev u0")
            ip(f"-n {THERE} addr add 172.31.0.2/16 dev u1")
            ip(f"-n {HERE} link set u0 up")
            ip(f"-n {THERE} link set u1 up")
            ip(f"-n {HERE} route add default via 172.31.0.2")
            ip(f"-n {THERE} route add local 172.16.0.0/13 dev lo")
            enter(THERE)
            self.arrivals = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.arrivals.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
            self.arrivals.bind(("0.0.0.0", OUTER_PORT))
            self.arrivals.setblocking(False)
            enter(HERE)
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *problem) -> None:
        LIBC.setns(self.home, CLONE_NEWNET)
        os.close(self.home)
        for namespace in (HERE, THERE):
            subprocess.run(["ip", "netns", "del", namespace], check=False, stderr=subprocess.DEVNULL)

    def arrived(self) -> set[int]:
        """Numbers of the packets that came to the other end and were not asked for yet."""
        numbers = set()
        while True:
            try:
                datagram = self.arrivals.recv(2048)
            except BlockingIOError:
                return numbers
            numbers.add(struct.unpack("!I", datagram[-4:])[0])


class Traffic:
    """Numbered UDP packets to an inner address, some 1,000 a second, as long as it is entered."""

    def __init__(self, lab: Lab, target: str) -> None:
        self.lab = lab
        self.target = (target, 7)
        self.sent = 0
        self.over = False

    def __enter__(self) -> Traffic:
        self.lab.arrived()
        self.thread = threading.Thread(target=self._send)
        self.thread.start()
        return self

    def _send(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            due = time.monotonic()
            while not self.over:
                try:
                    sender.sendto(struct.pack("!I", self.sent), self.target)
                except ConnectionError:
                    continue
                self.sent += 1
                due = max(due + 0.001, time.monotonic() - 0.05)
                time.sleep(max(due - time.monotonic(), 0))

    def __exit__(self, *problem) -> None:
        self.over = True
        self.thread.join()

    def lost(self) -> int:
        """After the end of the traffic."""
        time.sleep(0.5)
        return self.sent - len(self.lab.arrived())


class Gateway:
    """A gateway, started by its launcher in the namespace that this process is in."""

    def __init__(self, launcher: str, folder: Path) -> None:
        self.launcher = launcher
        self.file = folder / "gateway.yaml"
        self.log = folder / "log"
        self.process: subprocess.Popen | None = None

    def check(self) -> float:
        began = time.monotonic()
        subprocess.run([self.launcher, "check", "-c", str(self.file)], check=True, capture_output=True)
        return time.monotonic() - began

    def start(self) -> float:
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([self.launcher, "run", "-c", str(self.file)], stdout=log, stderr=log)
        return wait(lambda: self.get("/readyz") is not None, self.process)

    def stop(self) -> float:
        self.process.terminate()
        return wait(lambda: self.process.poll() is not None)

    def close(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def tell_log(self) -> None:
        print(self.log.read_text()[-2000:], file=sys.stderr)

    def get(self, path: str) -> str | None:
        """The document; nothing where the answer is not 200."""
        connection = http.client.HTTPConnection(*ADMIN, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read()
            return text.decode() if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def metric(self, name: str, *labels: str) -> float:
        """Sum over the series of this name that have all these labels."""
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in (self.get("/metrics") or "").splitlines()
            if re.match(name + r"[ {]", line) and all(label in line for label in labels)
        )

    def resident_mib(self) -> float:
        """Peak."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time of each of its threads, by name."""
        seconds: dict[str, float] = {}
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                name, rest = (task / "stat").read_text().split(" (", 1)[1].rsplit(") ", 1)
            except FileNotFoundError:
                continue
            user, system = rest.split()[11:13]
            ticks = os.sysconf("SC_CLK_TCK")
            seconds[name] = seconds.get(name, 0) + (int(user) + int(system)) / ticks
        return seconds
