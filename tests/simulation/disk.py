"""A terminal's disk in memory, which knows what a power cut leaves: content is safe once written, names once synced."""

from kiosk.disk import Disk
from services.domain.errors import StorageUnavailable

from .faults import Fault, Points
from .view import no_secret_in


class MemoryDisk(Disk):
    """`kiosk.disk.Disk`. Every operation is a point at which something may happen."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self.safe: dict[str, bytes] = {}
        self._seen: dict[str, bytes] = {}
        self.full = False

    def power_cut(self, fault: Fault) -> None:
        """What was not synced is lost, or was on its way to the disk all the same."""
        if fault == "dark-kept":
            self.safe = dict(self._seen)
        self._seen = dict(self.safe)

    def open(self) -> None:
        self._seen = dict(self.safe)

    def names(self) -> list[str]:
        return sorted(self._seen)

    def read(self, name: str, limit: int) -> bytes:
        return self._seen[name][:limit]

    def write(self, name: str, octets: bytes) -> None:
        no_secret_in(octets, "the journal")
        fault = self._points.pass_by("disk write", ("dark", "dark-torn", "full"), self._cuts())
        if fault == "dark-torn":
            self.safe[name] = octets[: len(octets) // 2]
        if fault == "full":
            self.full = True
        if fault in ("dark", "dark-torn"):
            self._points.go_dark(fault)
        if self.full:
            self._seen[name] = b""
            raise StorageUnavailable(errno=28)
        self._seen[name] = octets

    def rename(self, old: str, new: str) -> None:
        self._may_fail("disk rename")
        self._seen[new] = self._seen.pop(old)

    def remove(self, name: str) -> None:
        self._may_fail("disk remove")
        self._seen.pop(name, None)

    def sync(self) -> None:
        self._may_fail("disk sync", kept=1)
        self.safe = dict(self._seen)
        self._points.effects += 1

    def _cuts(self, kept: int = 0) -> dict[Fault, str]:
        now = self._points.effects
        before, after = f"dark {now}", f"dark {now + kept}"
        return {"dark": before, "dark-torn": before, "dark-lost": before, "dark-kept": after}

    def _may_fail(self, where: str, kept: int = 0) -> None:
        fault = self._points.pass_by(where, ("dark-lost", "dark-kept", "fails"), self._cuts(kept))
        if fault == "fails":
            raise StorageUnavailable(errno=5)
        if fault is not None:
            self._points.go_dark(fault)
