"""顔認証: the server asks action by action, a worker judges, and the reservation follows (checklist 003-44 to 003-53)."""

from collections.abc import Mapping

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from reset_app.resident import forms
from reset_app.resident.browser import current_intake, keep_reservation, ports, wants_json
from reset_app.resident.guards import intake_at
from reset_app.resident.outcomes import outcome_of
from services.domain.errors import StepNotAllowed
from services.domain.intake import CheckKind, Intake, IntakeState
from services.domain.liveness import ACTION_TIME, LivenessSession
from services.domain.policy import FREE_REVEALS
from services.domain.reservation import printed, printed_to_the_second
from services.usecases.check_face import accept_frames, require_chip_photo, start_liveness, submit_face_check
from services.usecases.look import FaceAttempts, face_attempts
from services.usecases.reserve import reserve
from services.usecases.run_check import check_status


def guide() -> ResponseReturnValue:
    """顔認証の開始: what happens, and the four notes; whose chip photo has expired learns it here, not after a film."""
    intake = _intake()
    require_chip_photo(ports(), intake)
    attempts = _attempts(intake)
    return render_template(
        "resident/face_guide.html",
        intake=intake,
        attempts=attempts,
        left=_left(attempts),
        repeats=_repeats(attempts.free_repeats),
        printed=printed,
    )


def capture() -> ResponseReturnValue:
    """The camera page. Its module asks for the camera first, so that permission does not eat the first deadline."""
    intake = _intake()
    return render_template(
        "resident/face_capture.html", intake=intake, smile=_smiles(request.args), left=_left(_attempts(intake))
    )


def start() -> ResponseReturnValue:
    """A new challenge, and its first action; `smile=no` for somebody who finds smiling hard."""
    return jsonify(_asked(start_liveness(ports(), _intake().id, smile=_smiles(request.form))))


def frames() -> ResponseReturnValue:
    """The frames of the action that is asked now; the answer asks the next one."""
    intake = _intake()
    sent = forms.sent_frames(request)
    return jsonify(_asked(accept_frames(ports(), intake.id, sent.nonce, sent.frames)))


def judge() -> ResponseReturnValue:
    """Every action has been answered: a worker judges."""
    submit_face_check(ports(), _intake().id)
    if wants_json():
        return jsonify(state="waiting", next=url_for("resident.face_status")), 202
    return redirect(url_for("resident.face_status"), 303)


def status() -> ResponseReturnValue:
    """How far the judging is. Finishing the face step completes the reservation (checklist 003-53).

    The reservation is made here, because it follows from the check's answer and not from a further wish of the
    resident; the intake's table lets it happen once, however often the page asks.
    """
    intake = intake_at(IntakeState.CHIP_READ, IntakeState.FACE_MATCHED, IntakeState.RESERVED)
    if intake.state is IntakeState.FACE_MATCHED:
        _reserve(intake)
        intake = current_intake()
    if intake.state is IntakeState.RESERVED:
        return _reserved()
    outcome = outcome_of(check_status(ports(), intake.id, CheckKind.FACE))
    attempts = _attempts(intake)
    if wants_json():
        return jsonify(outcome.facts(next=url_for("resident.done"), **_cost(attempts.free_repeats), **_wait(attempts)))
    if outcome.state == "none":
        return redirect(url_for("resident.face"), 303)
    return render_template(
        "resident/face_status.html",
        intake=intake,
        outcome=outcome,
        attempts=attempts,
        left=_left(attempts),
        repeats=_repeats(attempts.free_repeats),
        printed=printed,
    )


def _intake() -> Intake:
    return intake_at(IntakeState.CHIP_READ)


def _reserve(intake: Intake) -> None:
    try:
        reserve(ports(), intake.id)
    except StepNotAllowed:
        # Another poll of the same page was faster; the caller looks at what it left.
        return


def _reserved() -> Response:
    done = url_for("resident.done")
    answer = jsonify(state="passed", code=None, reason=None, next=done) if wants_json() else redirect(done, 303)
    return keep_reservation(make_response(answer))


def _attempts(intake: Intake) -> FaceAttempts:
    return face_attempts(ports(), intake.card_fingerprint or "")


def _left(attempts: FaceAttempts) -> int | None:
    """How often somebody who has failed may fail on before there is a wait; `None` where it is no matter yet."""
    return max(0, ports().free_face_attempts - attempts.failures) if attempts.failures else None


def _repeats(free: int) -> str | None:
    """What a further film costs that cannot be judged, told before it is made; `None` where there was none so far."""
    if free == FREE_REVEALS:
        return None
    if free:
        return str(gettext("判定できなかった撮影は、あと%(count)s回まで、失敗した回数に数えません。", count=free))
    return str(
        gettext(
            "判定できなかった撮影が%(count)s回ありました。次に始めると失敗1回と数え、指示の組み合わせが変わります。",
            count=FREE_REVEALS,
        )
    )


def _cost(free: int) -> dict[str, int | str | None]:
    return {"free_repeats": free, "repeats": _repeats(free)}


def _smiles(wishes: Mapping[str, str]) -> bool:
    return wishes.get("smile") != "no"


def _wait(attempts: FaceAttempts) -> dict[str, str]:
    return (
        {} if attempts.next_allowed_at is None else {"next_allowed_at": printed_to_the_second(attempts.next_allowed_at)}
    )


def _asked(session: LivenessSession) -> dict[str, str | int | bool | None]:
    step = None if session.finished else session.challenge.steps[session.step]
    return {
        "session": session.id,
        "step": session.step,
        "steps": len(session.challenge.steps),
        "finished": session.finished,
        "action": step.action.value if step else None,
        "prompt": step.action.prompt if step else None,
        "nonce": step.nonce if step else None,
        "deadline_s": int(ACTION_TIME.total_seconds()),
        **_cost(session.free_repeats),
    }
