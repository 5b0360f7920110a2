"""Where an intake is, as an address: a page out of order leads to the page that is next."""

from typing import Final

from flask import abort, redirect, url_for

from reset_app.resident.browser import current_intake, ports, wants_json
from services.domain.errors import IntakeEnded, StepNotAllowed
from services.domain.intake import Intake, IntakeState

_PLACES: Final = {
    IntakeState.STARTED: "resident.front_guide",
    IntakeState.FRONT_READ: "resident.card",
    IntakeState.CHIP_READ: "resident.face",
    IntakeState.FACE_MATCHED: "resident.face_status",
    IntakeState.RESERVED: "resident.done",
}


def intake_at(*states: IntakeState) -> Intake:
    """This browser's intake, when it is at this page's step; otherwise a browser is sent to its own step.

    Raises:
        IntakeNotFound, IntakeEnded
        StepNotAllowed: to a client that asks for data.
    """
    intake = current_intake()
    late = intake.ends_at <= ports().clock.now() and intake.state is not IntakeState.RESERVED
    if late or intake.state is IntakeState.ABANDONED:
        raise IntakeEnded
    if intake.state in states:
        return intake
    if wants_json():
        raise StepNotAllowed(machine="intake", state=intake.state.value, event="page")
    return abort(redirect(url_for(_PLACES[intake.state]), 303))
