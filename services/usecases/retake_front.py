"""A refused picture of the card front: what was wrong with it, how often it may be taken again, and when the resident types.

Refused pictures are counted by the ledger's own checks, per intake; a check that was lost or came to a full queue is no picture's
fault. Nothing that was read from a refused picture is filled in: only pieces of it are shown, so that the resident sees why.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping

from services.domain import policy
from services.domain.errors import CardFrontUnreadable, FrontByHand, WrongSide
from services.domain.intake import CheckKind
from services.domain.verdicts import FieldReading, FrontFault, FrontReading
from services.ports import Evidence, EvidenceKind, Ports, Unit

FIELDS = ("birth", "expiry", "security_code")
REFUSALS = (CardFrontUnreadable.code, WrongSide.code)
_REFUSED = "refused"  # the label beside a reading's own, so that a new picture takes both away


def pictures_left(ports: Ports, intake_id: str) -> int:
    """How many pictures the resident may still take; after the last refusal the fields are typed."""
    with ports.ledger.begin() as unit:
        return _left(unit, intake_id)


def require_picture_left(unit: Unit, intake_id: str) -> None:
    """Raises FrontByHand when too many pictures were refused."""
    if _left(unit, intake_id) == 0:
        raise FrontByHand(pictures=policy.FRONT_PICTURES)


def seal_refused(evidence: Evidence, intake_id: str, reading: FrontReading) -> None:
    """Keeps the pieces of the fields that could not be read, encrypted, for the page that says why."""
    fields = {name: getattr(reading, name) for name in FIELDS}
    pieces = {
        name: {"fault": field.fault.value, "strip": b64encode(field.strip).decode("ascii")}
        for name, field in fields.items()
        if field is not None and field.fault is not None
    }
    if pieces:
        packed = json.dumps(pieces).encode("utf-8")
        evidence.put(intake_id, EvidenceKind.FRONT_READING, packed, label=_REFUSED)


def refused_fields(ports: Ports, intake_id: str) -> Mapping[str, FieldReading]:
    """The fields that the last picture was refused for, in the card's order; they carry no value."""
    sealed = ports.evidence.get(intake_id, EvidenceKind.FRONT_READING, label=_REFUSED)
    pieces = {} if sealed is None else json.loads(sealed)
    return {
        name: FieldReading(None, None, 0.0, b64decode(pieces[name]["strip"]), FrontFault(pieces[name]["fault"]))
        for name in FIELDS
        if name in pieces
    }


def _left(unit: Unit, intake_id: str) -> int:
    checks = unit.checks_of(intake_id, CheckKind.FRONT)
    return max(0, policy.FRONT_PICTURES - sum(check.failure in REFUSALS for check in checks))
