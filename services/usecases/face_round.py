"""Where a card stands with its order of actions."""

from datetime import datetime
from typing import Final

from services.domain.intake import CheckKind, CheckState
from services.domain.liveness import LivenessSession, NextRound, next_round
from services.domain.policy import ORDER_LIFE
from services.ports import Ports, Unit
from services.usecases.hand_over import COUNTED
from services.usecases.settle import supersede

_COUNTED_CODES: Final = frozenset(error.code for error in COUNTED)


def next_face_round(unit: Unit, card_fingerprint: str, now: datetime) -> NextRound:
    """What the card's next start asks: the order is the card's, in whichever intake its last round was.

    A card that has rested for `ORDER_LIFE` begins as if it had never been here: a new order, no looks.
    """
    last = unit.newest_liveness_of_card(card_fingerprint)
    if last is None or last.asked_at + ORDER_LIFE <= now:
        return next_round(None, spent=False)
    return next_round(last, spent=last.finished and _spent(unit, last))


def give_up_film(ports: Ports, unit: Unit, card_fingerprint: str) -> None:
    """Ends the check of the card's last film, where it still waits, in whichever intake: a newer round begins.

    No film is judged by newer frames, nor while its order is being shown again. Only the last can wait: see `submit_face_check`.
    """
    last = unit.newest_liveness_of_card(card_fingerprint)
    if last is not None:
        supersede(ports, unit, last.intake_id, CheckKind.FACE)


def _spent(unit: Unit, finished: LivenessSession) -> bool:
    check = unit.newest_check(finished.intake_id, CheckKind.FACE)
    if check is None or check.created_at < finished.asked_at:
        return False
    return check.state is CheckState.PASSED or check.failure in _COUNTED_CODES
