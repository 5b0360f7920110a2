"""What a picture of the card front gave, sealed under its check: all fields to be confirmed, or the pieces that were refused."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from services.domain.intake import Check
from services.domain.verdicts import FieldReading, FrontFault, FrontReading
from services.ports import Evidence, EvidenceKind

FIELDS: Final = ("birth", "expiry", "security_code")


def seal_reading(evidence: Evidence, check: Check, reading: FrontReading) -> None:
    """Keeps an accepted reading whole; of a refused one only the fields at fault, which carry no value."""
    found = {name: getattr(reading, name) for name in FIELDS}
    kept = {
        name: {**asdict(field), "strip": b64encode(field.strip).decode("ascii")}
        for name, field in found.items()
        if field is not None and (reading.accepted or field.fault is not None)
    }
    if kept:
        evidence.put(check.intake_id, EvidenceKind.FRONT_READING, json.dumps(kept).encode("utf-8"), label=check.id)


def sealed_fields(evidence: Evidence, check: Check) -> Mapping[str, FieldReading]:
    """What was kept under this check, in the card's order; empty where nothing was, or its minutes are over."""
    sealed = evidence.get(check.intake_id, EvidenceKind.FRONT_READING, label=check.id)
    kept = {} if sealed is None else json.loads(sealed)
    return {name: _field(**kept[name]) for name in FIELDS if name in kept}


def _field(value: str | None, printed: str | None, margin: float, strip: str, fault: str | None) -> FieldReading:
    return FieldReading(value, printed, margin, b64decode(strip), None if fault is None else FrontFault(fault))
