"""What a worker decides about one finished challenge: liveness first, then the match with the chip's photo."""

from collections.abc import Sequence

from services.domain.errors import CaptureUnusable, FaceMismatch, FaceUncertain, IntakeEnded, LivenessFailed
from services.domain.intake import Check, IntakeEvent
from services.domain.liveness import LiveFrame
from services.domain.policy import Attempt
from services.domain.verdicts import FaceAnswer, FaceVerdict, LivenessVerdict
from services.ports import EvidenceKind, FaceMatcher, LivenessCheck, Ports


def judge_face(ports: Ports, liveness: LivenessCheck, matcher: FaceMatcher, check: Check) -> None:
    """In the worker: liveness first, then the match with the chip's photo; then every image is dropped.

    Raises:
        CaptureUnusable: costs no attempt.
        LivenessFailed, FaceMismatch, FaceUncertain: cost one.
        IntakeEnded: the images have expired.
    """
    with ports.ledger.begin() as unit:
        intake = unit.intake(check.intake_id)
        session = unit.newest_liveness(check.intake_id)
    photo = ports.evidence.get(intake.id, EvidenceKind.CHIP_PHOTO)
    frames = _sealed_frames(ports, intake.id)
    if photo is None or session is None or not frames:
        raise IntakeEnded
    match = decide_face(liveness.judge(session.challenge, frames), matcher, photo, frames)
    with ports.ledger.begin() as unit:
        unit.forget_failures(intake.card_fingerprint or "", Attempt.FACE)
        unit.advance_intake(
            intake.id,
            IntakeEvent.ACCEPT_FACE,
            at=ports.clock.now(),
            audit={"engine": match.engine, "threshold_milli": match.threshold_milli},
        )
    ports.evidence.drop(intake.id)


def decide_face(
    verdict: LivenessVerdict, matcher: FaceMatcher, photo: bytes, frames: Sequence[LiveFrame]
) -> FaceVerdict:
    """The whole decision over one attempt; the attack bench asks the same.

    Raises:
        CaptureUnusable, LivenessFailed, FaceMismatch, FaceUncertain: see `judge_face`.
    """
    _require_live(verdict)
    match = matcher.compare(photo, [frames[index].jpeg for index in verdict.frontal])
    if match.answer is FaceAnswer.ASK_AGAIN:
        raise FaceUncertain
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
