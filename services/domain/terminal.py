"""A kiosk terminal as the server knows it, what it says of itself, and the code that lets one in."""

import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

HEARTBEAT: Final = timedelta(seconds=20)
SILENT: Final = timedelta(seconds=60)  # three heartbeats: a terminal that was not heard for so long is looked after
# Staff are told of such an offset; beyond `policy.REQUEST_AGE` nothing works.
CLOCK_NOTICE: Final = timedelta(seconds=30)
_ID_BYTES: Final = 10
TERMINAL_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # as a key id of RFC 9421 in our profile


class TerminalStatus(StrEnum):
    """Whether a terminal's key is accepted."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class PlaceClass(StrEnum):
    """What kind of place a terminal stands in."""

    STORE = "store"
    MUNICIPAL = "municipal"
    REHEARSAL = "rehearsal"


class Part(StrEnum):
    """A part of a terminal at its self-test."""

    PRESENT = "present"
    ABSENT = "absent"
    OFF = "off"  # this terminal is not meant to have one


@dataclass(frozen=True)
class Terminal:
    """An enrolled terminal. `public_key` is what its requests are verified with, Ed25519, 32 bytes."""

    id: str
    public_key: bytes
    name: str
    place: PlaceClass
    status: TerminalStatus = TerminalStatus.ACTIVE
    store: str = ""
    cohort: str = ""  # a group that is rolled out, and held back, together


@dataclass(frozen=True)
class Report:
    """What a terminal says of itself: nothing of any person. `closed` is why it serves nobody, or empty."""

    build: str
    policy_serial: int
    clock_offset_ms: int | None  # the server's clock minus its own; not known before the first answer
    reader: Part
    printer: Part
    disk_writable: bool
    disk_free_mb: int
    journal_waiting: int  # records that the server must still hear of
    journal_damaged: int
    journal_newer: int  # records of a newer build, which this one keeps and cannot read
    closed: str = ""


@dataclass(frozen=True)
class Heard:
    """The last report of a terminal, and when it came."""

    terminal_id: str
    seen_at: datetime
    report: Report

    def alerts(self, now: datetime) -> tuple[str, ...]:
        """What staff should look after, as names of the console's words."""
        report, offset_ms = self.report, self.report.clock_offset_ms
        found = {
            "silent": now - self.seen_at > SILENT,
            "clock": offset_ms is not None and timedelta(milliseconds=abs(offset_ms)) > CLOCK_NOTICE,
            "reader": report.reader is Part.ABSENT,
            "printer": report.printer is Part.ABSENT,
            "disk": not report.disk_writable,
            "journal": report.journal_damaged + report.journal_newer > 0,
        }
        return tuple(name for name, is_so in found.items() if is_so)


@dataclass(frozen=True)
class EnrolmentCode:
    """What a one-time code lets in. Only the hash of its secret half is kept; `used_by` is the terminal that came with it."""

    selector: str
    secret_hash: bytes
    name: str
    store: str
    place: PlaceClass
    cohort: str
    issued_by: str
    ends_at: datetime
    tries: int = 0
    used_by: str | None = None


def terminal_id_of(public_key: bytes) -> str:
    """The id that belongs to a key, made the same way by terminal and server: nobody else can bring a key under it."""
    return "t-" + b32encode(sha256(public_key).digest()[:_ID_BYTES]).decode("ascii").lower()
