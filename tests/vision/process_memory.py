"""Looks into the memory of other processes, and for their children (Linux: /proc)."""

import os
import re
import select
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

PIECE = 1 << 24
LONGEST = 256  # of what is looked for: pieces overlap by so much
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r\S+) \S+ \S+ \S+ *(.*)")
_PATIENCE_MS = 30_000
_LOOK_AGAIN_MS = 250  # a child is stopped while it is looked at, and its time runs on


def found_in(pid: int, wanted: Mapping[str, bytes], *, rights: str = "r") -> set[str]:
    """The names of those that lie in the process's memory now."""
    found = set()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            mapping = _MAPPING.match(line)
            if mapping is None or not mapping[3].startswith(rights) or mapping[4].startswith("[v"):
                continue
            first, last = (int(mapping[part], 16) for part in (1, 2))
            for start in range(first, last, PIECE):
                piece = _read(memory.fileno(), start, min(last - start, PIECE + LONGEST))
                found |= {name for name, octets in wanted.items() if octets in piece}
    return found


def children(pid: int) -> list[int]:
    """The process's children now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(after_name[1]) == pid:
            found.append(int(path.parent.name))
    return found


def ended(pid: int) -> Callable[[], bool]:
    """To be asked for while the process is there; what it returns waits until it has ended, and says whether it has."""
    handle = os.pidfd_open(pid)

    def wait() -> bool:
        ending = select.poll()
        ending.register(handle, select.POLLIN)
        try:
            return bool(ending.poll(_PATIENCE_MS))
        finally:
            os.close(handle)

    return wait


def found_while_working(worker: int, wanted: Mapping[str, bytes]) -> set[str]:
    """What a child of the worker holds, looked at again and again while it is stopped, until it is all or it has ended."""
    found: set[str] = set()
    while not (working := children(worker)):
        os.sched_yield()
    handle = os.pidfd_open(working[0])
    ending = select.poll()
    ending.register(handle, select.POLLIN)
    try:
        while found != set(wanted) and not ending.poll(_LOOK_AGAIN_MS):
            signal.pidfd_send_signal(handle, signal.SIGSTOP)
            missing = {name: octets for name, octets in wanted.items() if name not in found}
            found |= found_in(working[0], missing, rights="rw")
            signal.pidfd_send_signal(handle, signal.SIGCONT)
    except (ProcessLookupError, FileNotFoundError):
        pass
    finally:
        os.close(handle)
    return found


def _read(memory: int, start: int, length: int) -> bytes:
    try:
        return os.pread(memory, length, start)
    except OSError:
        return b""  # a page of a file that has become shorter, or a mapping that is gone
