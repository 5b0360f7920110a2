"""Liveness and face match: the server asks action by action, a worker judges all of it at once (`judge_face`)."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.domain import policy
from services.domain.errors import (
    ChallengeLate,
    RequestMalformed,
    StepNotAllowed,
)
from services.domain.intake import Check, CheckKind, CheckState, IntakeState
from services.domain.liveness import (
    ACTION_TIME,
    ACTIONS_DRAWN,
    Action,
    LivenessSession,
    challenge_of,
    draw_actions,
    step_deadline,
    without_smile,
)
from services.domain.policy import Attempt
from services.ports import EvidenceKind, Ports, Unit
from services.usecases.card_session import check_attempts
from services.usecases.hand_over import COUNTED, hand_over
from services.usecases.under_way import under_way

_COUNTED_CODES: Final = frozenset(error.code for error in COUNTED)


def start_liveness(ports: Ports, intake_id: str, *, smile: bool = True) -> LivenessSession:
    """Draws a challenge and asks its first action. `smile` is false for somebody who finds that hard.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is not at this step.
        TooManyAttempts: says when the next attempt is allowed.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    now = ports.clock.now()
    nonces = [secrets.token_urlsafe(16) for _ in range(ACTIONS_DRAWN)]
    with ports.ledger.begin() as unit:
        check_attempts(unit.failures(intake.card_fingerprint or "", Attempt.FACE), now, ports.free_face_attempts)
        actions = _unjudged_order(unit, intake.card_fingerprint or "") or draw_actions(ports.random)
        if not smile:
            actions = without_smile(actions, intake.id)
        session = LivenessSession(secrets.token_hex(16), intake.id, challenge_of(actions, nonces), 0, now)
        unit.add_liveness(session)
    ports.evidence.drop(intake.id, EvidenceKind.FRAME)
    return session


def _unjudged_order(unit: Unit, card_fingerprint: str) -> Sequence[Action] | None:
    """The order of the card's last challenge, in whichever intake, until it was passed or an attempt was counted by it.

    Frames that could not be judged, and a new intake, cost nothing, and so they buy nothing: else a dark picture would draw a new
    order for free.
    """
    last = unit.newest_liveness_of_card(card_fingerprint)
    if last is None:
        return None
    check = unit.newest_check(last.intake_id, CheckKind.FACE)
    if check is not None and check.created_at >= last.asked_at and _spent(check):
        return None
    return [step.action for step in last.challenge.steps]


def _spent(check: Check) -> bool:
    return check.state is CheckState.PASSED or check.failure in _COUNTED_CODES


def accept_frames(ports: Ports, intake_id: str, nonce: str, frames: Sequence[tuple[int, bytes]]) -> LivenessSession:
    """Takes the frames of the action that is asked now, and asks the next one.

    `frames` are (milliseconds since the browser's first frame, JPEG) in the order of capture.

    Raises:
        ChallengeLate: the deadline has passed; a new challenge is needed.
        RequestMalformed: another action's nonce, no frames, too many, or of a longer time than the action has.
        IntakeEnded, StepNotAllowed: the intake is not at this step.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        session = unit.newest_liveness(intake.id)
    if session is None or session.finished:
        raise StepNotAllowed(machine="liveness", state="not_asked", event="frames")
    if not secrets.compare_digest(session.challenge.steps[session.step].nonce.encode(), nonce.encode()):
        raise RequestMalformed(where="nonce")
    if step_deadline(session.asked_at) <= now:
        raise ChallengeLate
    if not 0 < len(frames) <= policy.FRAMES_PER_STEP:
        raise RequestMalformed(where="frames")
    if frames[-1][0] - frames[0][0] > ACTION_TIME // timedelta(milliseconds=1):
        raise RequestMalformed(where="captured_ms")
    for number, (captured_ms, jpeg) in enumerate(frames):
        label = f"{session.step:02d}-{number:02d}-{captured_ms:07d}"
        ports.evidence.put(intake.id, EvidenceKind.FRAME, jpeg, label=label)
    with ports.ledger.begin() as unit:
        if not unit.move_liveness(session.id, session.step, asked_at=now):
            raise StepNotAllowed(machine="liveness", state="moved", event="frames")
        return unit.liveness(session.id) or session


def submit_face_check(ports: Ports, intake_id: str) -> Check:
    """Hands the finished challenge to a worker.

    Raises:
        StepNotAllowed: not every action has been answered.
        TooManyAttempts: says when the next attempt is allowed.
        ChecksBusy: the queue is full; the frames are kept, ask again.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    now, fingerprint = ports.clock.now(), intake.card_fingerprint or ""
    check = Check(secrets.token_hex(16), intake.id, CheckKind.FACE, CheckState.WAITING, now)
    with ports.ledger.begin() as unit:
        session = unit.newest_liveness(intake.id)
        if session is None or not session.finished:
            raise StepNotAllowed(machine="liveness", state="unfinished", event="judge")
        waiting = unit.newest_check(intake.id, CheckKind.FACE)
        if waiting is not None and waiting.state is CheckState.WAITING and waiting.created_at >= session.asked_at:
            return waiting  # asked twice for one film: it is judged once, and costs one attempt at most
        # Counted before it is judged, and taken back where it was none: many at once must not share one look at the count.
        check_attempts(unit.failures(fingerprint, Attempt.FACE), now, ports.free_face_attempts)
        unit.count_failure(fingerprint, Attempt.FACE, at=now)
        unit.add_check(check)
    hand_over(ports, check)
    return check
