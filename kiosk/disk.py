"""The terminal's own disk, in the few operations whose order decides what a power cut leaves behind.

A file is safe after `write`, which syncs it. A new name, or a removed one, is safe after `sync`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from services.domain.errors import JournalUnavailable, StorageUnavailable

BESIDE: Final = ".new"  # the end of a name whose file is not whole yet


class Disk(Protocol):
    """One folder. Every method may raise StorageUnavailable: the disk is full, gone, or not ours."""

    def open(self) -> None:
        """Makes the folder where it is missing."""

    def names(self) -> list[str]:
        """The files' names, sorted."""

    def read(self, name: str, limit: int) -> bytes:
        """The first so many bytes of a file."""

    def write(self, name: str, octets: bytes) -> None:
        """Writes the file whole; its content is on the disk afterwards, its name perhaps not."""

    def rename(self, old: str, new: str) -> None:
        """Gives the file another name, in one step; a file of that name is replaced."""

    def remove(self, name: str) -> None:
        """Removes the file, where there is one."""

    def sync(self) -> None:
        """Brings the names onto the disk."""


class Folder:
    """`Disk` on the machine's file system; for the terminal's own user alone."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> None:
        with _translated():
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def names(self) -> list[str]:
        with _translated():
            return sorted(entry.name for entry in self._path.iterdir())

    def read(self, name: str, limit: int) -> bytes:
        with _translated(), (self._path / name).open("rb") as file:
            return file.read(limit)

    def write(self, name: str, octets: bytes) -> None:
        with _translated():
            descriptor = os.open(self._path / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())

    def rename(self, old: str, new: str) -> None:
        with _translated():
            (self._path / old).replace(self._path / new)

    def remove(self, name: str) -> None:
        with _translated():
            (self._path / name).unlink(missing_ok=True)

    def sync(self) -> None:
        with _translated():
            descriptor = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def replace_whole(disk: Disk, name: str, octets: bytes, between: Callable[[], None] = lambda: None) -> None:
    """Puts these octets under this name, whole or not at all; the name is safe after `sync`.

    `between` is called when the new file is on the disk under its temporary name only.

    Raises:
        StorageUnavailable: the old file is as it was.
    """
    beside = name + BESIDE
    try:
        disk.write(beside, octets)
        between()
        disk.rename(beside, name)
    except StorageUnavailable:
        with suppress(StorageUnavailable):  # what is half written takes room on a disk that has none
            disk.remove(beside)
        raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise JournalUnavailable(errno=exc.errno or 0) from exc
