"""What the journal knows of one claim, and its form on disk.

Never a password. The evidence of a signature reset carries a certificate with name and address: it is sealed.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kiosk.terminal_key import Seal

LARGEST_RECORD: Final = 65_536


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


class _Stored(BaseModel):
    """The file's form; anything else is not a record of ours."""

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
        ValueError: not a record of this terminal.
    """
    stored = _Stored.model_validate_json(octets)
    claim_id = str(UUID(stored.claim_id))
    step = Step(stored.step)
    if (step is Step.VERIFIED) != (stored.evidence is not None):
        raise ValueError("evidence belongs to a verified record and to no other")
    if stored.evidence is None:
        return Record(claim_id, step, why=stored.why)
    return Record(claim_id, step, _unpacked(seal.open(b64decode(stored.evidence, validate=True), claim_id)), stored.why)


def _packed(evidence: Evidence) -> bytes:
    return json.dumps({name: b64encode(octets).decode() for name, octets in vars(evidence).items()}).encode()


def _unpacked(octets: bytes) -> Evidence:
    parts = json.loads(octets)
    return Evidence(**{field.name: b64decode(parts[field.name], validate=True) for field in fields(Evidence)})
