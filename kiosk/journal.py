"""The terminal's intent record: what it was about to do, on its own disk, before it does it.

One file a claim, replaced whole: written beside, fsynced, renamed, and the folder fsynced, so that a power cut leaves the old
record or the new one.

    claiming → claimed → authorising → resetting → verified (with evidence) → done | dead

After a restart, `verified` is sent until the server has heard it. Everything before it is dead: passwords lived in memory only, so
the holder starts again, under a new claim, and that claim asks the card first. A dead claim is released, then forgotten.
"""

import threading
from dataclasses import replace
from typing import Final

import structlog

from kiosk.crash import CrashPoint, PowerCut, no_power_cut
from kiosk.disk import BESIDE, Disk, replace_whole
from kiosk.record import LARGEST_RECORD, SETTLED, Evidence, NewerFormat, Record, Step, decode, encode
from kiosk.terminal_key import Seal
from services.domain.errors import StorageUnavailable

RECORD: Final = ".json"
DAMAGED: Final = ".damaged"

log = structlog.get_logger(__name__)


class Journal:
    """The records of one terminal. The controller's thread and the outbox's may both use it."""

    def __init__(self, disk: Disk, seal: Seal, cut: PowerCut = no_power_cut) -> None:
        self._disk = disk
        self._seal = seal
        self._cut = cut
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._in_session: set[str] = set()
        self._damaged = 0
        self._newer = 0

    def recover(self) -> None:
        """Reads the folder after a start: unfinished claims die, damaged files are set aside.

        Raises:
            StorageUnavailable: the folder cannot be used.
        """
        with self._lock:
            self._disk.open()
            names = self._disk.names()
            self._damaged, self._newer = sum(name.endswith(DAMAGED) for name in names), 0
            for unfinished in names:
                if unfinished.endswith(BESIDE):
                    self._disk.remove(unfinished)
            for name in names:
                if name.endswith(RECORD):
                    self._adopt(name)

    def advance(self, claim_id: str, step: Step) -> None:
        """Records the step durably before it is taken. The claim belongs to the session until `give_up`.

        Raises:
            StorageUnavailable: the disk did not take it; the step must not be taken.
        """
        with self._lock:
            self._in_session.add(claim_id)
        self._write(Record(claim_id, step))

    def keep(self, claim_id: str, evidence: Evidence) -> None:
        """Records the evidence durably.

        Raises:
            StorageUnavailable: the disk did not take it; only the server's answer can prove the reset now.
        """
        self._write(Record(claim_id, Step.VERIFIED, evidence))

    def give_up(self, claim_id: str, why: str) -> None:
        """The session lets go of the claim, which ends where it brought no evidence; what has evidence is left alone.

        A full disk stops no wipe and no start: the outbox gives the claim up again until the disk takes it.
        """
        with self._lock:
            self._in_session.discard(claim_id)
            record = self._records.get(claim_id)
            if record is not None:
                self._give_up(record, why)

    def settle(self, claim_id: str) -> None:
        """The server has heard it: the evidence goes.

        Raises:
            StorageUnavailable: it stays, and is sent again, which is harmless.
        """
        self._write(Record(claim_id, Step.DONE))

    def refuse(self, claim_id: str, why: str) -> None:
        """The server will never take this evidence: it goes, and the reason stays until the claim is released.

        Raises:
            StorageUnavailable
        """
        self._write(Record(claim_id, Step.DEAD, why=why))

    def forget(self, claim_id: str) -> None:
        """Removes a settled record.

        Raises:
            StorageUnavailable
        """
        with self._lock:
            self._disk.remove(claim_id + RECORD)
            self._disk.sync()
            self._records.pop(claim_id, None)

    def records(self) -> list[Record]:
        """Everything that is not forgotten, by claim."""
        with self._lock:
            return sorted(self._records.values(), key=lambda record: record.claim_id)

    def waiting(self) -> list[Record]:
        """What no session is at work on."""
        with self._lock:
            return [record for record in self.records() if record.claim_id not in self._in_session]

    def counts(self) -> tuple[int, int, int]:
        """How many records wait for the server, were found damaged, and are of a newer build."""
        with self._lock:
            return len(self.waiting()), self._damaged, self._newer

    def _give_up(self, record: Record, why: str) -> None:
        if record.step in SETTLED or record.step is Step.VERIFIED:
            return
        try:
            self._write(replace(record, step=Step.DEAD, why=why))
        except StorageUnavailable:
            log.warning("journal_write_failed", claim=record.claim_id)

    def _write(self, record: Record) -> None:
        with self._lock:
            octets = encode(record, self._seal)
            replace_whole(
                self._disk,
                record.claim_id + RECORD,
                octets,
                between=lambda: self._cut(CrashPoint.JOURNAL_WRITTEN_BESIDE),
            )
            # Known before it is certain: a name that is on the disk already must be found by the outbox, synced or not.
            self._records[record.claim_id] = record
            self._disk.sync()

    def _adopt(self, name: str) -> None:
        try:
            record = decode(self._disk.read(name, LARGEST_RECORD), self._seal)
        except NewerFormat:
            # It stays as it is for the build that wrote it, and the terminal serves nobody until that build is back.
            self._newer += 1
            log.error("journal_record_of_a_newer_build", file=name)  # noqa: TRY400  # the file's name says enough
            return
        except ValueError:
            self._damaged += 1
            # Kept for the operator, out of the way of the next person. No traceback: it could quote the file.
            self._disk.rename(name, name.removesuffix(RECORD) + DAMAGED)
            log.warning("journal_record_damaged", file=name)
            return
        self._records[record.claim_id] = record
        self._give_up(record, "restart")
