"""券面情報入力: by camera or by hand, the same object either way (checklist 003-18 to 003-29)."""

from collections.abc import Set as AbstractSet

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reset_app.resident import forms
from reset_app.resident.browser import ports, wants_json
from reset_app.resident.guards import intake_at
from reset_app.resident.outcomes import outcome_of
from services.domain.errors import CardFrontMalformed, IntakeNotFound, PageNotFound, StepNotAllowed
from services.domain.intake import CheckKind, CheckState, Intake, IntakeState
from services.domain.verdicts import FieldReading, FrontReading
from services.usecases.read_card_front import (
    FIELDS,
    confirm_front,
    front_reading,
    sealed_front,
    submit_front_picture,
)
from services.usecases.run_check import check_status


def guide() -> ResponseReturnValue:
    """操作説明, before the entry."""
    return render_template("resident/front_guide.html", intake=_intake())


def show_picture() -> ResponseReturnValue:
    """The camera, with a file to choose where there is none."""
    return render_template("resident/front_picture.html", intake=_intake())


def send_picture() -> ResponseReturnValue:
    """A picture goes to a worker; the browser goes to the page that waits for it."""
    intake = _intake()
    submit_front_picture(ports(), intake.id, forms.picture(request))
    return redirect(url_for("resident.front_status"), 303)


def status() -> ResponseReturnValue:
    """How far the picture is."""
    intake = _intake()
    outcome = outcome_of(check_status(ports(), intake.id, CheckKind.FRONT))
    if wants_json():
        return jsonify(outcome.facts(next=url_for("resident.front_confirm")))
    if outcome.state == CheckState.PASSED.value:
        return redirect(url_for("resident.front_confirm"), 303)
    return render_template("resident/front_status.html", outcome=outcome, intake=intake)


def show_confirm() -> ResponseReturnValue:
    """The fields beside the strips that they were read from."""
    intake = _intake()
    reading = front_reading(ports(), intake.id)
    if reading is None:
        return redirect(url_for("resident.front_picture"), 303)
    return render_template(
        "resident/front_confirm.html", intake=intake, reading=reading, front=forms.front_of_reading(reading)
    )


def confirm() -> ResponseReturnValue:
    """The resident says that the reading is what the card shows."""
    intake = _intake()
    confirm_front(ports(), intake.id, forms.front_of_reading(_reading(intake)), method="camera")
    return redirect(url_for("resident.card"), 303)


def strip(field: str) -> ResponseReturnValue:
    """The piece of the picture that a field was read from, for this browser only and only until it is confirmed."""
    reading: FieldReading | None = getattr(_reading(_intake()), field) if field in FIELDS else None
    if reading is None:
        raise PageNotFound
    return Response(reading.strip, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def show_manual() -> ResponseReturnValue:
    """券面情報入力 by hand, filled with what was read or typed before."""
    intake = _intake()
    return _manual_page(intake, _typed_before(intake))


def manual() -> ResponseReturnValue:
    """The three fields as typed; a fault is told beside its field."""
    intake = _intake()
    try:
        confirm_front(ports(), intake.id, forms.card_front(request.form), method="manual")
    except CardFrontMalformed as fault:
        if wants_json():
            raise
        return _manual_page(intake, request.form.to_dict(), forms.faulty_fields(request.form, fault)), 422
    return redirect(url_for("resident.card"), 303)


def _manual_page(intake: Intake, typed: dict[str, str], faults: AbstractSet[str] = frozenset()) -> str:
    return render_template("resident/front_manual.html", intake=intake, typed=typed, faults=faults, eras=forms.ERAS)


def _typed_before(intake: Intake) -> dict[str, str]:
    reading = front_reading(ports(), intake.id)
    if reading is not None:
        return forms.typed_from(forms.front_of_reading(reading))
    try:
        return forms.typed_from(sealed_front(ports().evidence, intake.id))
    except IntakeNotFound:
        return {}


def _intake() -> Intake:
    return intake_at(IntakeState.STARTED, IntakeState.FRONT_READ)


def _reading(intake: Intake) -> FrontReading:
    reading = front_reading(ports(), intake.id)
    if reading is None:
        raise StepNotAllowed(machine="front", state="no_reading", event="confirm")
    return reading
