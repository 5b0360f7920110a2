"""Programs that a rehearsal starts: each writes to its own log file, and all of them end with the rehearsal."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

START_TIME_S: Final = 90.0
STOP_TIME_S: Final = 10.0
_QUIET: Final = (25_000, 32_000)
_TRIES: Final = 100


class ProgramFailed(Exception):
    """A program ended, or did not answer in time. Its log file says why."""


@dataclass
class Program:
    """One running program."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raises ProgramFailed when the program has ended."""
        status = self.process.poll()
        if status is not None:
            tail = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
            raise ProgramFailed(f"{self.name} ended with status {status}:\n" + "\n".join(tail))

    def kill(self) -> None:
        """Ends it at once, as a power cut would, with everything that it started."""
        _signal(self.process, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Asks it to end, and insists."""
        _signal(self.process, signal.SIGTERM)
        try:
            self.process.wait(STOP_TIME_S)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Programs:
    """The programs of one stage, in the order of their start."""

    logs: Path
    running: dict[str, Program] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Program:
        """Starts a program in a process group of its own."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603  # our own programs, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self.running[name] = Program(name, process, log)
        return self.running[name]

    def stop_all(self) -> None:
        """Stops everything, last started first."""
        for program in reversed(list(self.running.values())):
            program.stop()
        self.running.clear()


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter, so that a rehearsal needs nothing on the PATH."""
    return [sys.executable, *arguments]


def wait_for_http(program: Program, address: str) -> None:
    """Returns when the address answers with anything but a server error.

    Raises:
        ProgramFailed: the program ended, or did not answer in time.
    """
    end = time.monotonic() + START_TIME_S
    while time.monotonic() < end:
        program.check()
        try:
            if httpx.get(address, timeout=2.0).status_code < 500:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise ProgramFailed(f"{program.name} did not answer at {address} within {START_TIME_S:.0f} s; see {program.log}")


def free_port(wanted: int) -> int:
    """The wanted loopback port, or any free one where it is taken."""
    for port in (wanted, 0):
        found = _bound(port)
        if found is not None:
            return found
    raise ProgramFailed("no free port on loopback")


def quiet_port() -> int:
    """A free loopback port that stays free while its program is started again.

    It is none that another rehearsal asks for first, and below those that the kernel lends to whoever connects (32768 and up,
    Linux ip(7), ip_local_port_range).
    """
    for _ in range(_TRIES):
        found = _bound(random.randrange(*_QUIET))
        if found is not None:
            return found
    raise ProgramFailed("no free port on loopback")


def _bound(port: int) -> int | None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return  # it has ended by itself
