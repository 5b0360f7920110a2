"""What a worker decides about one finished challenge: liveness first, then the match with the chip's photo."""

from collections.abc import Sequence

from services.domain.errors import CaptureUnusable, FaceMismatch, FaceUncertain, IntakeEnded, LivenessFailed
from services.domain.intake import Check, IntakeEvent
from services.domain.liveness import LiveFrame
from services.domain.policy import Attempt
from services.domain.verdicts import FaceAnswer, FaceVerdict, LivenessVerdict
from services.ports import EvidenceKind, FaceMatcher, LivenessCheck, Ports, Unit
from services.usecases.settle import settle_passed


def judge_face(ports: Ports, liveness: LivenessCheck, matcher: FaceMatcher, check: Check) -> FaceVerdict:
    """In the worker: liveness first, then the match with the chip's photo. Writes nothing.

    Raises:
        CaptureUnusable: costs no attempt.
        LivenessFailed, FaceMismatch, FaceUncertain: cost one.
        IntakeEnded: the images have expired.
    """
    with ports.ledger.begin() as unit:
        session = unit.newest_liveness(check.intake_id)
    photo = ports.evidence.get(check.intake_id, EvidenceKind.CHIP_PHOTO)
    frames = _sealed_frames(ports, check.intake_id)
    if photo is None or session is None or not frames:
        raise IntakeEnded
    return decide_face(liveness.judge(session.challenge, frames), matcher, photo, frames)


def accept_face(ports: Ports, unit: Unit, check: Check, match: FaceVerdict) -> None:
    """Ends the check: the intake goes on, the card's failures are forgotten, and every image is dropped; or none of it.

    A check that has ended otherwise, by its time for instance, passes nobody.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is no longer at this step.
    """
    if not settle_passed(ports, unit, check):
        return
    intake = unit.advance_intake(
        check.intake_id,
        IntakeEvent.ACCEPT_FACE,
        at=ports.clock.now(),
        audit={"engine": match.engine, "threshold_milli": match.threshold_milli},
    )
    unit.forget_failures(intake.card_fingerprint or "", Attempt.FACE)
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
