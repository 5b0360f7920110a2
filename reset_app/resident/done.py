"""パスワード初期化予約完了 (checklist 003-53 to 003-61)."""

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from reset_app.resident.browser import keep_reservation, leave_intake, shown_reservations
from reset_app.resident.guards import intake_at
from reset_app.resident.receipt import receipts_of
from services.domain.errors import ReservationNotFound
from services.domain.intake import IntakeState


def show() -> ResponseReturnValue:
    """The deadline, and what to bring."""
    intake = intake_at(IntakeState.RESERVED)
    mine = [found for found in shown_reservations() if found.id == intake.reservation_id]
    if not mine:
        raise ReservationNotFound
    kept = receipts_of(mine).get(mine[0].id)
    return keep_reservation(make_response(render_template("resident/done.html", reservation=mine[0], receipt=kept)))


def finish() -> ResponseReturnValue:
    """完了: back to home, where the reservation's deadline stays."""
    intake_at(IntakeState.RESERVED)
    return leave_intake(keep_reservation(make_response(redirect(url_for("resident.home"), 303))))
