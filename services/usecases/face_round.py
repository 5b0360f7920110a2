"""Where a card stands with its order of actions."""

from typing import Final

from services.domain.intake import CheckKind, CheckState
from services.domain.liveness import LivenessSession, NextRound, next_round
from services.ports import Unit
from services.usecases.hand_over import COUNTED

_COUNTED_CODES: Final = frozenset(error.code for error in COUNTED)


def next_face_round(unit: Unit, card_fingerprint: str) -> NextRound:
    """What the card's next start asks: the order is the card's, in whichever intake its last round was."""
    last = unit.newest_liveness_of_card(card_fingerprint)
    return next_round(last, spent=last is not None and last.finished and _spent(unit, last))


def _spent(unit: Unit, finished: LivenessSession) -> bool:
    check = unit.newest_check(finished.intake_id, CheckKind.FACE)
    if check is None or check.created_at < finished.asked_at:
        return False
    return check.state is CheckState.PASSED or check.failure in _COUNTED_CODES
