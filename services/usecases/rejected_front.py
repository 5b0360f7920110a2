"""Card fronts that the card itself refused: presented again, the same fields would only use up another of its ten tries."""

import json

from services.domain.errors import FrontRejectedBefore, IntakeNotFound
from services.ports import Evidence, EvidenceKind
from services.usecases.read_card_front import sealed_front

_REJECTED = "rejected"  # the label beside the confirmed fields' own; both go when the card is accepted


def note_rejected(evidence: Evidence, intake_id: str) -> None:
    """Remembers, encrypted, that the card refused the fields that are confirmed now."""
    number = _number(evidence, intake_id)
    if number is not None:
        rejected = json.dumps([*_rejected(evidence, intake_id), number]).encode("utf-8")
        evidence.put(intake_id, EvidenceKind.CARD_FRONT, rejected, label=_REJECTED)


def require_not_rejected(evidence: Evidence, intake_id: str) -> None:
    """Raises FrontRejectedBefore when the card has refused the confirmed fields in this intake."""
    if _number(evidence, intake_id) in _rejected(evidence, intake_id):
        raise FrontRejectedBefore


def _rejected(evidence: Evidence, intake_id: str) -> list[str]:
    sealed = evidence.get(intake_id, EvidenceKind.CARD_FRONT, label=_REJECTED)
    return [] if sealed is None else [str(number) for number in json.loads(sealed)]


def _number(evidence: Evidence, intake_id: str) -> str | None:
    """What the card is told of the confirmed fields: without the expiry's month and day, which it never sees.

    Sealed like the fields that it is made of.
    """
    try:
        return sealed_front(evidence, intake_id).verification_number_b.decode("ascii")
    except IntakeNotFound:
        return None
