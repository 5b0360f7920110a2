"""What a resident keeps of a reset: what, when, at which class of place, and where the audit log says so.

A receipt is canonical JSON of one form, so that no byte of it can change without being seen. It names no person, card, shop or
reservation: the entry's index and hash lead whoever has the log to the entry, and nobody else to anything. The chain hash makes
every receipt a witness of the whole log before it (ADR 0017).

    {"at": "2026-11-21T09:00+09:00", "chain": "…", "entry": "…", "format": "mnc-reset-receipt:1", "index": 17,
     "kind": "signature", "log": "…", "place": "store"}

`entry` is the RFC 9162 leaf hash of the entry at `index`, `chain` the chain hash after it, `log` the chain hash after the log's
first entry, by which one log is told from another; base64url, 32 bytes each. A later format adds an inclusion proof and a signed
checkpoint to these very values.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from services.domain.audit import GENESIS, AuditEntry, AuditEvent, chain, leaf_hash, read_entry
from services.domain.base64url import base64url, octets_of
from services.domain.canonical import SAFE_INTEGER, canonical_json
from services.domain.errors import RequestMalformed
from services.domain.password import PasswordKind
from services.domain.reservation import JAPAN
from services.domain.terminal import PlaceClass

FORMAT: Final = "mnc-reset-receipt:1"
LARGEST_RECEIPT: Final = 1024
_FIELDS: Final = ("at", "chain", "entry", "format", "index", "kind", "log", "place")
_MINUTE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\+09:00")
_HASH_BYTES: Final = sha256().digest_size


@dataclass(frozen=True)
class Receipt:
    """One reset. `at` is a whole minute, Japan time."""

    kind: PasswordKind
    at: datetime
    place: PlaceClass
    index: int
    entry: bytes
    chain: bytes
    log: bytes

    @classmethod
    def of(cls, entry: AuditEntry, *, head: bytes, log: bytes) -> "Receipt | None":
        """The receipt of this entry; `None` where it tells of no reset, or is older than receipts.

        `head` is the chain hash after the entry.
        """
        kind, place = entry.fields.get("kind"), entry.fields.get("place")
        if entry.event is not AuditEvent.RESERVATION_COMPLETED or kind is None or place is None:
            return None
        return cls(
            kind=PasswordKind(str(kind)),
            at=entry.at.astimezone(JAPAN).replace(second=0, microsecond=0),
            place=PlaceClass(str(place)),
            index=entry.index,
            entry=leaf_hash(entry.octets),
            chain=head,
            log=log,
        )

    @property
    def fields(self) -> dict[str, str | int]:
        """As in the receipt's JSON."""
        return {
            "at": self.at.isoformat(timespec="minutes"),
            "chain": base64url(self.chain),
            "entry": base64url(self.entry),
            "format": FORMAT,
            "index": self.index,
            "kind": self.kind.value,
            "log": base64url(self.log),
            "place": self.place.value,
        }

    @property
    def octets(self) -> bytes:
        """The receipt itself: what is downloaded, printed as a code, and verified."""
        return canonical_json(self.fields)


def read_receipt(octets: bytes) -> Receipt:
    """The receipt in these octets.

    Raises:
        RequestMalformed: not a receipt to the last byte; `where` names the field.
    """
    try:
        found = json.loads(octets) if len(octets) <= LARGEST_RECEIPT else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise RequestMalformed(where="format")
    receipt = _parsed(found)
    # One receipt, one form: spaces, an escape or a field given twice would be a change that nothing else shows.
    if receipt.octets != octets:
        raise RequestMalformed(where="format")
    return receipt


class Verdict(StrEnum):
    """What a log says to a receipt."""

    VALID = "valid"
    CHANGED = "changed"  # receipt and log disagree: one of them was changed since
    NOT_IN_THIS_LOG = "not in this log"


@dataclass(frozen=True)
class Finding:
    """A verdict, and the receipt's fields in which the log says something else."""

    verdict: Verdict
    differing: tuple[str, ...] = ()


def verify(receipt: Receipt, log: Iterable[bytes]) -> Finding:
    """Holds the receipt against the log's entries, from the first one on, as their octets.

    Nothing in the log is believed: every chain hash is computed here.

    Raises:
        RequestMalformed: an entry is not in its form; `where` is its index.
    """
    head, first = GENESIS, b""
    for position, octets in enumerate(log):
        head = chain(head, octets)
        first = first or head
        if first != receipt.log:
            return Finding(Verdict.NOT_IN_THIS_LOG)
        if position == receipt.index:
            return _compared(receipt, Receipt.of(_entry_at(position, octets), head=head, log=first))
    return Finding(Verdict.NOT_IN_THIS_LOG)


def _entry_at(position: int, octets: bytes) -> AuditEntry:
    try:
        return read_entry(octets)
    except ValueError as exc:
        raise RequestMalformed(where=str(position)) from exc


def _compared(receipt: Receipt, logged: Receipt | None) -> Finding:
    if logged is None:
        return Finding(Verdict.CHANGED, ("index",))
    said, known = receipt.fields, logged.fields
    differing = tuple(name for name in _FIELDS if said[name] != known[name])
    return Finding(Verdict.CHANGED if differing else Verdict.VALID, differing)


def _parsed(found: Mapping[str, object]) -> Receipt:
    if set(found) != set(_FIELDS):
        raise RequestMalformed(where="format")
    values = {}
    for name, read in _READERS.items():
        try:
            values[name] = read(found[name])
        except ValueError as exc:
            raise RequestMalformed(where=name) from exc
    return Receipt(**values)


def _minute(value: object) -> datetime:
    if not (isinstance(value, str) and _MINUTE.fullmatch(value)):
        raise ValueError("not a minute in Japan")
    return datetime.fromisoformat(value)


def _index(value: object) -> int:
    if type(value) is not int or not 0 <= value <= SAFE_INTEGER:
        raise ValueError("not an index")
    return value


def _hash(value: object) -> bytes:
    octets = octets_of(value) if isinstance(value, str) else b""
    if len(octets) != _HASH_BYTES:
        raise ValueError("not a hash")
    return octets


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "at": _minute,
    "kind": PasswordKind,
    "place": PlaceClass,
    "index": _index,
    "entry": _hash,
    "chain": _hash,
    "log": _hash,
}
