"""券面情報入力: by camera or by hand, the same object either way (checklist 003-18 to 003-29)."""

from collections.abc import Set as AbstractSet

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reset_app.resident import forms
from reset_app.resident.browser import ports, wants_json
from reset_app.resident.guards import intake_at
from reset_app.resident.outcomes import ADVICE, FIELD_NAMES, outcome_of
from services.domain.errors import CardFrontMalformed, FrontByHand, IntakeNotFound, PageNotFound, StepNotAllowed
from services.domain.intake import CheckKind, CheckState, Intake, IntakeState
from services.usecases.keep_typed import keep_typed, typed_before
from services.usecases.read_card_front import (
    ReadFront,
    confirm_front,
    front_reading,
    sealed_front,
    submit_front_picture,
)
from services.usecases.retake_front import pictures_left, refused_fields, strip_of
from services.usecases.run_check import check_status


def guide() -> ResponseReturnValue:
    """操作説明, before the entry."""
    return render_template("resident/front_guide.html", intake=_intake())


def show_picture() -> ResponseReturnValue:
    """The camera, with a file to choose where there is none; after the last retake, the fields to type."""
    intake = _intake()
    if pictures_left(ports(), intake.id) == 0:
        return redirect(url_for("resident.front_manual"), 303)
    return render_template("resident/front_picture.html", intake=intake)


def send_picture() -> ResponseReturnValue:
    """A picture goes to a worker; the browser goes to the page that waits for it."""
    intake = _intake()
    try:
        submit_front_picture(ports(), intake.id, forms.picture(request))
    except FrontByHand:
        if wants_json():
            raise
        return redirect(url_for("resident.front_manual"), 303)
    return redirect(url_for("resident.front_status"), 303)


def status() -> ResponseReturnValue:
    """How far the picture is."""
    intake = _intake()
    check = check_status(ports(), intake.id, CheckKind.FRONT)
    outcome, left = outcome_of(check), pictures_left(ports(), intake.id)
    if wants_json():
        number = "" if check is None else check.id
        return jsonify(outcome.facts(next=url_for("resident.front_confirm"), pictures_left=left, check=number))
    if outcome.state == CheckState.PASSED.value:
        return redirect(url_for("resident.front_confirm"), 303)
    return render_template(
        "resident/front_status.html",
        outcome=outcome,
        check=check,
        intake=intake,
        left=left,
        refused=refused_fields(ports(), check),
        names=FIELD_NAMES,
        advice=ADVICE,
    )


def show_confirm() -> ResponseReturnValue:
    """The fields beside the strips that they were read from."""
    intake = _intake()
    found = front_reading(ports(), intake.id)
    return redirect(url_for("resident.front_picture"), 303) if found is None else _confirm_page(intake, found)


def confirm() -> ResponseReturnValue:
    """The resident says that the reading they see is what the card shows. A newer picture's reading has to be seen first."""
    intake = _intake()
    found, seen = front_reading(ports(), intake.id), request.form.get("check", "")
    if found is None or found.check_id != seen:
        if wants_json():
            raise StepNotAllowed(machine="front", state="another_reading", event="confirm")
        if found is None:
            return redirect(url_for("resident.front_status"), 303)
        return _confirm_page(intake, found, another=True), 409
    confirm_front(ports(), intake.id, forms.front_of_reading(found.reading), method="camera", check_id=found.check_id)
    return redirect(url_for("resident.card"), 303)


def strip(check_id: str, field: str) -> ResponseReturnValue:
    """The piece of the picture that a field was read from, or could not be; for this browser only, until it is confirmed."""
    piece = strip_of(ports(), _intake().id, check_id, field)
    if piece is None:
        raise PageNotFound
    return Response(piece, mimetype="image/jpeg", headers={"Cache-Control": "no-store"})


def show_manual() -> ResponseReturnValue:
    """券面情報入力 by hand, filled with what was read or typed before."""
    intake = _intake()
    return _manual_page(intake, _typed_before(intake))


def manual() -> ResponseReturnValue:
    """The three fields as typed; a fault is told beside its field. On the way to the camera they are kept."""
    intake = _intake()
    if request.form.get("to") == "camera":
        keep_typed(ports(), intake.id, {name: request.form.get(name, "") for name in forms.FRONT_FIELDS})
        return redirect(url_for("resident.front_picture"), 303)
    try:
        confirm_front(ports(), intake.id, forms.card_front(request.form), method="manual")
    except CardFrontMalformed as fault:
        if wants_json():
            raise
        return _manual_page(intake, request.form.to_dict(), forms.faulty_fields(request.form, fault)), 422
    return redirect(url_for("resident.card"), 303)


def _confirm_page(intake: Intake, found: ReadFront, *, another: bool = False) -> str:
    return render_template(
        "resident/front_confirm.html",
        intake=intake,
        check_id=found.check_id,
        reading=found.reading,
        front=forms.front_of_reading(found.reading),
        another=another,
    )


def _manual_page(intake: Intake, typed: dict[str, str], faults: AbstractSet[str] = frozenset()) -> str:
    left = pictures_left(ports(), intake.id)
    return render_template(
        "resident/front_manual.html", intake=intake, typed=typed, faults=faults, eras=forms.ERAS, left=left
    )


def _typed_before(intake: Intake) -> dict[str, str]:
    found = front_reading(ports(), intake.id)
    if found is not None:
        return forms.typed_from(forms.front_of_reading(found.reading))
    typed = typed_before(ports(), intake.id)
    if typed:
        return typed
    try:
        return forms.typed_from(sealed_front(ports().evidence, intake.id))
    except IntakeNotFound:
        return {}


def _intake() -> Intake:
    return intake_at(IntakeState.STARTED, IntakeState.FRONT_READ)
