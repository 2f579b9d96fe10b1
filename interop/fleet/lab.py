"""Network namespaces that belong to this run alone, and the processes in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Iterator

SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


class LabError(Exception):
    """Something in the lab did not work; the message says what."""


@contextlib.contextmanager
def signals_held() -> Iterator[None]:
    """Ctrl-C and its like wait until the block has ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def command(arguments: list[str], stdin: str = "") -> str:
    done = subprocess.run(arguments, input=stdin, capture_output=True, text=True, start_new_session=True)
    if done.returncode:
        raise LabError(f"{' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


class Process:
    """A program in a namespace, or outside; it is one process, which the lab ends by its id."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self.name = log.stem
        self.log = log
        with log.open("a") as said, signals_held():
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_release_signals
            )

    def check_alive(self) -> None:
        if self.child.poll() is not None:
            raise LabError(f"{self.name} ended with {self.child.returncode}: {self.log.read_text(errors='replace').strip()[-300:]}")

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def stop(self) -> None:
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


def _release_signals() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


class Lab:
    """A context: afterwards nothing of what was made inside is left, whatever happened."""

    def __init__(self) -> None:
        self.prefix = f"fleet{os.getpid()}-"
        self.folder = Path(tempfile.mkdtemp(prefix="fou-fleet-"))
        self.processes: list[Process] = []
        self.closing = contextlib.ExitStack()
        self._namespaces: list[str] = []

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        with signals_held():
            self.closing.close()
            self._end_processes()
            for namespace in self._namespaces:
                subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, stdin=subprocess.DEVNULL)
            shutil.rmtree(self.folder, ignore_errors=True)

    def namespace(self, name: str) -> str:
        full = self.prefix + name
        with signals_held():
            command(["ip", "netns", "add", full])
            self._namespaces.append(full)
        self.ip(full, "link set lo up")
        return full

    @staticmethod
    def ip(namespace: str, *lines: str) -> None:
        command(["ip", "-n", namespace, "-batch", "-"], "\n".join(lines) + "\n")

    def start(self, namespace: str, name: str, arguments: list[str]) -> Process:
        """Starts a program in a namespace; what it says goes to a file that is named so."""
        process = Process(["nsenter", f"--net=/run/netns/{namespace}", *arguments], self.folder / f"{name}.log")
        self.processes.append(process)
        return process

    def start_outside(self, name: str, arguments: list[str]) -> Process:
        process = Process(arguments, self.folder / f"{name}.log")
        self.processes.append(process)
        return process

    def _end_processes(self) -> None:
        """Asks those that we started to end, then ends them."""
        running = [process.child for process in self.processes]
        for signal_, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
            running = [child for child in running if child.poll() is None]
            for child in running:
                child.send_signal(signal_)
            end = time.monotonic() + patience
            while time.monotonic() < end and any(child.poll() is None for child in running):
                time.sleep(0.02)
