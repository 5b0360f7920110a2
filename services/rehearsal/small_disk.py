"""A disk of the terminal's own that can be full: a small tmpfs, or a limit on its process where none may be mounted."""

import errno
import os
import resource
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

SIZE: Final = "24m"  # the terminal closes below 20 MB of free space
_BALLAST: Final = "ballast"
_CHUNK: Final = bytes(1 << 20)


class SmallDisk(Protocol):
    """The disk below one folder."""

    means: str  # how it is filled, in words

    def fill(self) -> None:
        """From now on nothing more can be written."""

    def free(self) -> None:
        """There is room again."""

    def close(self) -> None:
        """Removes what was made."""


class Tmpfs:
    """A file system of its own, mounted at the folder and filled with a file."""

    means = f"tmpfs of {SIZE}, filled to its last byte"

    def __init__(self, folder: Path) -> None:
        """Raises OSError where none may be mounted."""
        self._folder = folder
        folder.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "pinreset", str(folder)]
        if subprocess.run(words, check=False, capture_output=True).returncode != 0:  # noqa: S603  # our own words and folder
            raise OSError(errno.EPERM, "no tmpfs may be mounted")

    def fill(self) -> None:
        with suppress(OSError), (self._folder / _BALLAST).open("wb", buffering=0) as ballast:
            chunk = _CHUNK
            while chunk:
                try:
                    ballast.write(chunk)
                except OSError:
                    chunk = chunk[: len(chunk) // 2]  # the last bytes, too

    def free(self) -> None:
        (self._folder / _BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=False, capture_output=True)  # noqa: S603, S607


class NoFileLonger:
    """A limit of the kernel's on how long a file the process may write (setrlimit(2), RLIMIT_FSIZE): EFBIG instead of ENOSPC."""

    means = "RLIMIT_FSIZE of the terminal's process at 0"

    def __init__(self, process: Callable[[], int]) -> None:
        self._process = process

    def fill(self) -> None:
        self._limit(0)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.free()

    def _limit(self, octets: int) -> None:
        resource.prlimit(self._process(), resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def small_disk(folder: Path, process: Callable[[], int], *, mount: bool) -> SmallDisk:
    """A tmpfs at the folder, where it is wanted and this machine permits it."""
    if mount and os.geteuid() == 0:
        with suppress(OSError):
            return Tmpfs(folder)
    return NoFileLonger(process)
