"""Attacks on the session instead of on the camera, through the real use cases on a real ledger, with a clock that is moved.

Every attempt starts where an honest one stands: the card's proof held, only the face check is left. Whatever reaches the judges
passes here; what stands between are nonces, deadlines, the kept order and the count of attempts.
"""

import secrets
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Final

from services.domain.errors import ResetError
from services.domain.liveness import ACTION_TIME, Action, LivenessSession
from services.domain.policy import FREE_ATTEMPTS, FREE_REVEALS
from services.domain.verdicts import CaptureFault
from services.rehearsal.attack_stage import FRAMES, Stage
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check

_REDRAWS: Final = 20


def _nonces(session: LivenessSession) -> list[str]:
    return [step.nonce for step in session.challenge.steps]


def honest(server: Stage, _: Random) -> str:
    """The control: what an honest resident sends passes, or the other rows would say nothing."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    server.send(intake, session, _nonces(session))
    submit_face_check(server.ports, intake)
    return intake


def _old_nonces(server: Stage, _: Random) -> str:
    intake = server.card_read()
    earlier = start_liveness(server.ports, intake)
    server.send(intake, earlier, _nonces(earlier))
    server.send(intake, start_liveness(server.ports, intake), _nonces(earlier))
    submit_face_check(server.ports, intake)
    return intake


def _foreign_nonces(server: Stage, _: Random) -> str:
    theirs = start_liveness(server.ports, server.card_read())
    intake = server.card_read()
    server.send(intake, start_liveness(server.ports, intake), _nonces(theirs))
    submit_face_check(server.ports, intake)
    return intake


def _wrong_step(server: Stage, chance: Random) -> str:
    """The session's own nonces, but in another order."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    nonces = _nonces(session)
    while (order := chance.sample(nonces, len(nonces))) == nonces:
        continue
    server.send(intake, session, order)
    submit_face_check(server.ports, intake)
    return intake


def _late(server: Stage, chance: Random) -> str:
    """One step's frames come when its time is over, by nothing up to a minute."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    late = chance.randrange(len(session.challenge.steps))
    for number, nonce in enumerate(_nonces(session)):
        if number == late:
            server.clock.advance(ACTION_TIME + timedelta(milliseconds=chance.choice([0, 1, chance.randrange(60_000)])))
        accept_frames(server.ports, intake, nonce, FRAMES)
    submit_face_check(server.ports, intake)
    return intake


def _judged_again(server: Stage, _: Random) -> str:
    """The frames of a failed session are asked to be judged once more."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    server.send(intake, session, _nonces(session))
    server.believer.passes = False
    submit_face_check(server.ports, intake)
    server.believer.passes = True
    submit_face_check(server.ports, intake)
    return intake


def _kept_order(server: Stage, chance: Random) -> str:
    """A failed film is posted again with nothing left to judge, so that its order stays and the next film is made for it."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    server.send(intake, session, _nonces(session))
    server.believer.passes = False
    for _ in range(chance.randint(2, 4)):
        submit_face_check(server.ports, intake)
    server.believer.passes = True
    session = start_liveness(server.ports, intake)
    if session.reveals:  # the order that was counted, as if it had not been
        server.send(intake, session, _nonces(session))
        submit_face_check(server.ports, intake)
    return intake


def _redrawn(server: Stage, chance: Random) -> str:
    """A recording waits until its order is drawn for one card: challenges are started, left to lapse, begun anew as intakes."""
    card = secrets.token_hex(16)
    intake = server.card_read(card)
    first = _asked(start_liveness(server.ports, intake))
    for _ in range(_REDRAWS):
        match chance.randrange(4):
            case 0:
                server.clock.advance(ACTION_TIME)
            case 1:
                intake = server.card_read(card)
        session = start_liveness(server.ports, intake)
        if _asked(session) != first:
            server.send(intake, session, _nonces(session))
            submit_face_check(server.ports, intake)
            break
    return intake


def _asked(session: LivenessSession) -> list[Action]:
    return [step.action for step in session.challenge.steps]


def _read_ahead(server: Stage, chance: Random) -> str:
    """Rounds of junk show one card's order, through new intakes and with the smile on and off; a film is made for the next.

    Another order would be welcome as well: whatever the fourth start asks, it must not be free.
    """
    card = secrets.token_hex(16)
    intake = server.card_read(card)
    for _ in range(FREE_REVEALS):
        _look(server, intake, chance)
        intake = server.card_read(card) if chance.random() < 0.5 else intake
    session = start_liveness(server.ports, intake, smile=chance.random() < 0.5)
    if not server.counted(card):
        server.send(intake, session, _nonces(session))
        submit_face_check(server.ports, intake)
    return intake


def _look(server: Stage, intake: str, chance: Random) -> None:
    """A round up to its last action; then it is left, too late, not sent to be judged, or sent in the dark."""
    session = start_liveness(server.ports, intake, smile=chance.random() < 0.5)
    server.send(intake, session, _nonces(session)[:-1])
    match chance.randrange(4):
        case 0:
            server.clock.advance(ACTION_TIME)
        case 1:
            accept_frames(server.ports, intake, _nonces(session)[-1], FRAMES)
        case 2:
            accept_frames(server.ports, intake, _nonces(session)[-1], FRAMES)
            server.believer.fault = CaptureFault.TOO_DARK
            submit_face_check(server.ports, intake)
            server.believer.fault = None


def _too_often(server: Stage, chance: Random) -> str:
    """One attempt more than is free, before its wait is over."""
    intake = server.card_read()
    for attempt in range(FREE_ATTEMPTS + 1):
        server.believer.passes = attempt == FREE_ATTEMPTS
        if attempt == FREE_ATTEMPTS:
            server.clock.advance(timedelta(milliseconds=chance.randrange(30_000)))
        session = start_liveness(server.ports, intake)
        server.send(intake, session, _nonces(session))
        submit_face_check(server.ports, intake)
    return intake


class Trick(StrEnum):
    """What is wrong with the session."""

    OLD_NONCES = "old_nonces"
    FOREIGN_NONCES = "foreign_nonces"
    WRONG_STEP = "wrong_step"
    LATE = "late"
    JUDGED_AGAIN = "judged_again"
    KEPT_ORDER = "kept_order"
    REDRAWN = "redrawn"
    READ_AHEAD = "read_ahead"
    TOO_OFTEN = "too_often"


TRICKS: Final[dict[Trick, tuple[str, Callable[[Stage, Random], str]]]] = {
    Trick.OLD_NONCES: ("recorded session with its old nonces", _old_nonces),
    Trick.FOREIGN_NONCES: ("nonces of somebody else's session", _foreign_nonces),
    Trick.WRONG_STEP: ("the session's nonces in another order", _wrong_step),
    Trick.LATE: ("frames after their deadline (8 s an action)", _late),
    Trick.JUDGED_AGAIN: ("a failed session's frames judged once more", _judged_again),
    Trick.KEPT_ORDER: ("a counted order kept, its film posted again", _kept_order),
    Trick.REDRAWN: (f"another order drawn without an attempt, in {_REDRAWS} tries", _redrawn),
    Trick.READ_AHEAD: (f"an order seen {FREE_REVEALS + 1} times without an attempt", _read_ahead),
    Trick.TOO_OFTEN: ("one attempt more than is free, before the wait", _too_often),
}


def accepted(server: Stage, play: Callable[[Stage, Random], str], chance: Random) -> tuple[bool, str]:
    """Whether the attempt came past the face check, and the error's code where it was refused."""
    server.believer.passes = True
    try:
        return server.matched(play(server, chance)), ""
    except ResetError as refusal:
        return False, refusal.code
