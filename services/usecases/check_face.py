"""Liveness and face match: the server asks action by action, a worker judges all of it at once (`judge_face`)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.domain import policy
from services.domain.audit import AuditEvent
from services.domain.errors import ChallengeLate, IntakeEnded, RequestMalformed, StepNotAllowed
from services.domain.intake import Check, CheckKind, CheckState, Intake, IntakeState
from services.domain.liveness import (
    ACTION_TIME,
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
from services.usecases.face_round import give_up_film, next_face_round
from services.usecases.hand_over import hand_over
from services.usecases.under_way import under_way


def start_liveness(ports: Ports, intake_id: str, *, smile: bool = True) -> LivenessSession:
    """Draws a challenge, or repeats the card's; asks its first action. `smile` is false for somebody who finds that hard.

    An order that was shown to its end too often without being judged is counted as a failed attempt here (`next_round`).

    Raises:
        IntakeEnded: its time has passed, or the chip photo's: nothing is shown or counted, the card has to be read again.
        StepNotAllowed: the intake is not at this step.
        TooManyAttempts: says when the next attempt is allowed.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    require_chip_photo(ports, intake)
    now, fingerprint = ports.clock.now(), intake.card_fingerprint or ""
    with ports.ledger.begin() as unit:
        unit.hold_card(fingerprint)
        give_up_film(ports, unit, fingerprint)
        check_attempts(unit.failures(fingerprint, Attempt.FACE), now, ports.free_face_attempts)
        following = next_face_round(unit, fingerprint, now)
        if following.costs_attempt:
            unit.count_failure(fingerprint, Attempt.FACE, at=now)
            seen = {"reveals": policy.FREE_REVEALS}
            unit.record(AuditEvent.ORDER_SEEN, intake.id, at=now, actor="resident", audit=seen)
        actions = following.kept or draw_actions(ports.random)
        session = _round_of(intake.id, actions if smile else without_smile(actions, intake.id), following.reveals, now)
        unit.add_liveness(session)
        ports.evidence.drop(intake.id, EvidenceKind.FRAME)
        failures = unit.failures(fingerprint, Attempt.FACE)
    # After the transaction: what was counted stays counted, and the new order waits for whoever has waited.
    check_attempts(failures, now, ports.free_face_attempts)
    return session


def require_chip_photo(ports: Ports, intake: Intake) -> None:
    """A film of this intake can be compared: the photo lives shorter than the intake (`policy.EVIDENCE_LIFE`).

    Raises:
        IntakeEnded: it has expired.
    """
    if not ports.evidence.labels(intake.id, EvidenceKind.CHIP_PHOTO):
        raise IntakeEnded


def _round_of(intake_id: str, actions: Sequence[Action], reveals: int, now: datetime) -> LivenessSession:
    challenge = challenge_of(actions, [secrets.token_urlsafe(16) for _ in actions])
    return LivenessSession(secrets.token_hex(16), intake_id, challenge, 0, now, reveals)


def accept_frames(ports: Ports, intake_id: str, nonce: str, frames: Sequence[tuple[int, bytes]]) -> LivenessSession:
    """Takes the frames of the action that is asked now, and asks the next one.

    `frames` are (milliseconds since the browser's first frame, JPEG) in the order of capture. The step's move and its frames are
    one transaction: of two answers to one action the first counts, and nothing of the other is kept.

    Raises:
        ChallengeLate: the deadline has passed; a new challenge is needed.
        RequestMalformed: another action's nonce, no frames, too many, or of a longer time than the action has.
        IntakeEnded, StepNotAllowed: the intake is not at this step, or a newer round of the card has begun.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        session = _newest_round(unit, intake)
        if session is None or session.finished:
            raise StepNotAllowed(machine="liveness", state="not_asked", event="frames")
        _check_answer(session, nonce, frames, now)
        if not unit.move_liveness(session.id, session.step, asked_at=now):
            raise StepNotAllowed(machine="liveness", state="moved", event="frames")
        for number, (captured_ms, jpeg) in enumerate(frames):
            label = f"{session.step:02d}-{number:02d}-{captured_ms:07d}"
            ports.evidence.put(intake.id, EvidenceKind.FRAME, jpeg, label=label)
        return unit.liveness(session.id) or session


def _newest_round(unit: Unit, intake: Intake) -> LivenessSession | None:
    """The round that may go on: a card's newest, when it is this intake's. Many at once would each show the order for nothing."""
    unit.hold_card(intake.card_fingerprint or "")
    newest = unit.newest_liveness_of_card(intake.card_fingerprint or "")
    return newest if newest is not None and newest.intake_id == intake.id else None


def _check_answer(session: LivenessSession, nonce: str, frames: Sequence[tuple[int, bytes]], now: datetime) -> None:
    if not secrets.compare_digest(session.challenge.steps[session.step].nonce.encode(), nonce.encode()):
        raise RequestMalformed(where="nonce")
    if step_deadline(session.asked_at) <= now:
        raise ChallengeLate
    if not 0 < len(frames) <= policy.FRAMES_PER_STEP:
        raise RequestMalformed(where="frames")
    if frames[-1][0] - frames[0][0] > ACTION_TIME // timedelta(milliseconds=1):
        raise RequestMalformed(where="captured_ms")


def submit_face_check(ports: Ports, intake_id: str) -> Check:
    """Hands the finished challenge to a worker, once: asked again, the answer is the check there is, whatever became of it.

    Raises:
        IntakeEnded: its time has passed, or the chip photo's.
        StepNotAllowed: not every action has been answered, or a newer round of the card has begun.
        TooManyAttempts: says when the next attempt is allowed.
        ChecksBusy: the queue is full; the frames are kept, ask again.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    require_chip_photo(ports, intake)
    now, fingerprint = ports.clock.now(), intake.card_fingerprint or ""
    check = Check(secrets.token_hex(16), intake.id, CheckKind.FACE, CheckState.WAITING, now)
    with ports.ledger.begin() as unit:
        session = _newest_round(unit, intake)
        if session is None or not session.finished:
            raise StepNotAllowed(machine="liveness", state="unfinished", event="judge")
        newest = unit.newest_check(intake.id, CheckKind.FACE)
        if newest is not None and not _may_judge_again(ports, newest):
            return newest
        # Counted before it is judged, and taken back where it was none: many at once must not share one look at the count.
        check_attempts(unit.failures(fingerprint, Attempt.FACE), now, ports.free_face_attempts)
        unit.count_failure(fingerprint, Attempt.FACE, at=now)
        unit.add_check(check)
    hand_over(ports, check)
    return check


def _may_judge_again(ports: Ports, newest: Check) -> bool:
    """Whether there is a film that `newest` was not about, or did not come to be judged (the queue was full).

    A check that ends drops its frames in the same transaction, so the check has to be read before they are looked for. A second
    check of one film would find none, cost nothing, and so undo what the first one counted.
    """
    return newest.state is not CheckState.WAITING and bool(ports.evidence.labels(newest.intake_id, EvidenceKind.FRAME))
