"""Liveness and face match: the server asks action by action, a worker judges all of it at once."""

import secrets
from collections.abc import Sequence

from services.domain import policy
from services.domain.errors import (
    CaptureUnusable,
    ChallengeLate,
    FaceMismatch,
    IntakeEnded,
    LivenessFailed,
    RequestMalformed,
    StepNotAllowed,
)
from services.domain.intake import Check, CheckKind, CheckState, IntakeEvent, IntakeState
from services.domain.liveness import ACTIONS_DRAWN, LiveFrame, LivenessSession, draw_challenge, step_deadline
from services.domain.policy import Attempt
from services.domain.verdicts import FaceAnswer, FaceVerdict, LivenessVerdict
from services.ports import EvidenceKind, FaceMatcher, LivenessCheck, Ports
from services.usecases.card_session import check_attempts
from services.usecases.under_way import under_way


def start_liveness(ports: Ports, intake_id: str) -> LivenessSession:
    """Draws a challenge and asks its first action.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is not at this step.
        TooManyAttempts: says when the next attempt is allowed.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    now = ports.clock.now()
    nonces = [secrets.token_urlsafe(16) for _ in range(ACTIONS_DRAWN)]
    session = LivenessSession(secrets.token_hex(16), intake.id, draw_challenge(ports.random, nonces), 0, now)
    ports.evidence.drop(intake.id, EvidenceKind.FRAME)
    with ports.ledger.begin() as unit:
        check_attempts(unit.failures(intake.card_fingerprint or "", Attempt.FACE), now)
        unit.add_liveness(session)
    return session


def accept_frames(ports: Ports, intake_id: str, nonce: str, frames: Sequence[tuple[int, bytes]]) -> LivenessSession:
    """Takes the frames of the action that is asked now, and asks the next one.

    `frames` are (milliseconds since the browser's first frame, JPEG) in the order of capture.

    Raises:
        ChallengeLate: the deadline has passed; a new challenge is needed.
        RequestMalformed: another action's nonce, no frames, or too many.
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
        ChecksBusy: the queue is full; the frames are kept, ask again.
    """
    intake = under_way(ports, intake_id, IntakeState.CHIP_READ)
    check = Check(secrets.token_hex(16), intake.id, CheckKind.FACE, CheckState.WAITING, ports.clock.now())
    with ports.ledger.begin() as unit:
        session = unit.newest_liveness(intake.id)
        if session is None or not session.finished:
            raise StepNotAllowed(machine="liveness", state="unfinished", event="judge")
        unit.add_check(check)
    ports.runner.submit(check.id)
    return check


def judge_face(ports: Ports, liveness: LivenessCheck, matcher: FaceMatcher, check: Check) -> None:
    """In the worker: liveness first, then the match with the chip's photo; then every image is dropped.

    Raises:
        CaptureUnusable: costs no attempt.
        LivenessFailed, FaceMismatch: cost one.
        IntakeEnded: the images have expired.
    """
    with ports.ledger.begin() as unit:
        intake = unit.intake(check.intake_id)
        session = unit.newest_liveness(check.intake_id)
    photo = ports.evidence.get(intake.id, EvidenceKind.CHIP_PHOTO)
    frames = _sealed_frames(ports, intake.id)
    ports.evidence.drop(intake.id, EvidenceKind.FRAME)
    if photo is None or session is None or not frames:
        raise IntakeEnded
    now = ports.clock.now()
    fingerprint = intake.card_fingerprint or ""
    try:
        match = _matched(liveness.judge(session.challenge, frames), matcher, photo, frames)
    except (LivenessFailed, FaceMismatch):
        with ports.ledger.begin() as unit:
            unit.count_failure(fingerprint, Attempt.FACE, at=now)
        raise
    with ports.ledger.begin() as unit:
        unit.forget_failures(fingerprint, Attempt.FACE)
        unit.advance_intake(
            intake.id,
            IntakeEvent.ACCEPT_FACE,
            at=now,
            audit={"engine": match.engine, "threshold_milli": match.threshold_milli},
        )
    ports.evidence.drop(intake.id)


def _matched(verdict: LivenessVerdict, matcher: FaceMatcher, photo: bytes, frames: Sequence[LiveFrame]) -> FaceVerdict:
    _require_live(verdict)
    match = matcher.compare(photo, [frames[index].jpeg for index in verdict.frontal])
    if match.answer is FaceAnswer.ASK_AGAIN:
        raise CaptureUnusable(reason="similarity")
    if match.answer is FaceAnswer.NO_MATCH:
        raise FaceMismatch
    return match


def _require_live(verdict: LivenessVerdict) -> None:
    if verdict.capture_fault is not None:
        raise CaptureUnusable(reason=verdict.capture_fault.value)
    if verdict.fault is not None:
        raise LivenessFailed(reason=verdict.fault.value, **({"action": verdict.action} if verdict.action else {}))


def _sealed_frames(ports: Ports, intake_id: str) -> list[LiveFrame]:
    frames = []
    for label in ports.evidence.labels(intake_id, EvidenceKind.FRAME):
        step, _, captured_ms = label.split("-")
        jpeg = ports.evidence.get(intake_id, EvidenceKind.FRAME, label=label)
        if jpeg is not None:
            frames.append(LiveFrame(jpeg, int(step), int(captured_ms)))
    return frames
