"""Card fronts that the card itself refused: presented again, the same fields would only use up another of its ten tries."""

import json
from hashlib import sha256

from services.domain.errors import FrontRejectedBefore
from services.ports import Evidence, EvidenceKind

_REJECTED = "rejected"  # the label beside the confirmed fields' own; both go when the card is accepted


def note_rejected(evidence: Evidence, intake_id: str) -> None:
    """Remembers, encrypted, that the card refused the fields that are confirmed now."""
    front = evidence.get(intake_id, EvidenceKind.CARD_FRONT)
    if front is not None:
        rejected = json.dumps([*_rejected(evidence, intake_id), _digest(front)]).encode("utf-8")
        evidence.put(intake_id, EvidenceKind.CARD_FRONT, rejected, label=_REJECTED)


def require_not_rejected(evidence: Evidence, intake_id: str) -> None:
    """Raises FrontRejectedBefore when the card has refused the confirmed fields in this intake."""
    front = evidence.get(intake_id, EvidenceKind.CARD_FRONT)
    if front is not None and _digest(front) in _rejected(evidence, intake_id):
        raise FrontRejectedBefore


def _rejected(evidence: Evidence, intake_id: str) -> list[str]:
    sealed = evidence.get(intake_id, EvidenceKind.CARD_FRONT, label=_REJECTED)
    return [] if sealed is None else [str(digest) for digest in json.loads(sealed)]


def _digest(front: bytes) -> str:
    return sha256(front).hexdigest()
