"""ICカードセット案内, the hand-over to the companion, and what it brought back (checklist 003-30 to 003-43)."""

from flask import jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reset_app import services
from reset_app.resident.browser import ports, wants_json
from reset_app.resident.guards import intake_at
from reset_app.resident.outcomes import Outcome, error_of
from services.domain.errors import CardNumberRejected, FrontRejectedBefore, NonceUsed
from services.domain.intake import Intake, IntakeState
from services.usecases.card_session import open_card_session
from services.usecases.look import card_session_result, session_is_pending


def guide() -> ResponseReturnValue:
    """ICカードセット案内."""
    return render_template("resident/card_guide.html", intake=intake_at(IntakeState.FRONT_READ))


def hand_over() -> ResponseReturnValue:
    """Opens a card session. Its secret goes to the companion by a form, never in an address."""
    intake = intake_at(IntakeState.FRONT_READ)
    try:
        opened = open_card_session(ports(), intake.id)
    except FrontRejectedBefore:
        if wants_json():
            raise
        return redirect(url_for("resident.front_manual"), 303)
    settings = services().settings
    action = f"{settings.companion_origin}/start"
    task = {
        "session": opened.id,
        "secret": opened.secret,
        "server": settings.origin,
        "return_path": url_for("resident.card_return"),
    }
    if wants_json():
        return jsonify(action=action, **task)
    return render_template("resident/card_hand_over.html", intake=intake, action=action, task=task)


def come_back() -> ResponseReturnValue:
    """What the card session came to."""
    intake = intake_at(IntakeState.FRONT_READ, IntakeState.CHIP_READ)
    outcome = _outcome(intake)
    if wants_json():
        return jsonify(outcome.facts(next=url_for("resident.face")))
    if outcome.state == "none":
        return redirect(url_for("resident.card"), 303)
    rejected = outcome.error is CardNumberRejected
    return render_template("resident/card_return.html", intake=intake, outcome=outcome, rejected=rejected)


def _outcome(intake: Intake) -> Outcome:
    if intake.state is IntakeState.CHIP_READ:
        return Outcome("passed")
    session = card_session_result(ports(), intake.id)
    if session is None:
        return Outcome("none")
    if session_is_pending(ports(), session):
        return Outcome("waiting")
    return Outcome("failed", error_of(session.failure) if session.failure else NonceUsed)
