"""What the journal knows of one claim, and its form on disk.

Never a password. The evidence of a signature reset carries a certificate with name and address: it is sealed.
"""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kiosk.terminal_key import Seal

LARGEST_RECORD: Final = 65_536
VERSION: Final = 1
_FORMAT: Final = re.compile(r"kiosk-journal:([1-9][0-9]{0,3})")


class Step(StrEnum):
    """How far a claim has come."""

    CLAIMING = "claiming"
    CLAIMED = "claimed"
    AUTHORISING = "authorising"
    RESETTING = "resetting"
    VERIFIED = "verified"
    DONE = "done"
    DEAD = "dead"


SETTLED: Final = frozenset({Step.DONE, Step.DEAD})


@dataclass(frozen=True)
class Evidence:
    """What the card signed under the new password: step 4 of the kiosk's protocol."""

    certificate: bytes
    identity_certificate: bytes
    signature: bytes
    identity_signature: bytes

    def __repr__(self) -> str:
        return "<Evidence>"


@dataclass(frozen=True)
class Record:
    """One claim. `why` says how a dead one died."""

    claim_id: str
    step: Step
    evidence: Evidence | None = None
    why: str = ""


class NewerFormat(Exception):  # named after what happened, like the errors of the domain
    """A record that a newer build wrote. It is no damage: that build reads it, and every later one."""


class _Stored(BaseModel):
    """The file's form, version 1; anything else is not a record of ours."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal["kiosk-journal:1"]
    claim_id: str
    step: str
    evidence: str | None
    why: str


def encode(record: Record, seal: Seal) -> bytes:
    """The record's octets on disk."""
    evidence = None
    if record.evidence is not None:
        evidence = b64encode(seal.close(_packed(record.evidence), record.claim_id)).decode()
    stored = _Stored(
        format="kiosk-journal:1",
        claim_id=record.claim_id,
        step=record.step.value,
        evidence=evidence,
        why=record.why,
    )
    return stored.model_dump_json().encode()


def decode(octets: bytes, seal: Seal) -> Record:
    """The record in these octets.

    Raises:
        NewerFormat: a record of a version that this build does not know.
        ValueError: not a record of this terminal.
    """
    if (version := _version_of(octets)) is not None and version > VERSION:
        raise NewerFormat
    stored = _Stored.model_validate_json(octets)
    claim_id = str(UUID(stored.claim_id))
    step = Step(stored.step)
    if (step is Step.VERIFIED) != (stored.evidence is not None):
        raise ValueError("evidence belongs to a verified record and to no other")
    if stored.evidence is None:
        return Record(claim_id, step, why=stored.why)
    return Record(claim_id, step, _unpacked(seal.open(b64decode(stored.evidence, validate=True), claim_id)), stored.why)


def _version_of(octets: bytes) -> int | None:
    """The version that the octets claim to be of, where they claim any."""
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        return None
    match = _FORMAT.fullmatch(str(found.get("format"))) if isinstance(found, dict) else None
    return None if match is None else int(match[1])


def _packed(evidence: Evidence) -> bytes:
    return json.dumps({name: b64encode(octets).decode() for name, octets in vars(evidence).items()}).encode()


def _unpacked(octets: bytes) -> Evidence:
    parts = json.loads(octets)
    return Evidence(**{field.name: b64decode(parts[field.name], validate=True) for field in fields(Evidence)})
