"""Home, the pages around it, and the choice of the password kind (checklist 003-01 to 003-17)."""

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reset_app.resident.browser import keep_intake, ports, shown_reservations, wants_json
from reset_app.resident.receipt import receipts_of
from services.domain.errors import RequestMalformed, ReservationNotFound, catalogue
from services.domain.password import PasswordKind
from services.domain.reservation import Reservation, ReservationState
from services.usecases.cancel import cancel as cancel_reservation
from services.usecases.start_intake import start_intake


def home() -> ResponseReturnValue:
    """アプリホーム画面, with the browser's reservations at the bottom."""
    mine = shown_reservations()
    return render_template("resident/home.html", reservations=mine, states=ReservationState, receipts=receipts_of(mine))


def page(name: str) -> ResponseReturnValue:
    """A page that only informs: `guide`, `info`, `terms`, `counter`, `start`."""
    return render_template(f"resident/{name}.html")


def codes() -> ResponseReturnValue:
    """Every failure code, from the catalogue itself."""
    return render_template("resident/codes.html", errors=catalogue())


def choose() -> ResponseReturnValue:
    """初期化予約選択."""
    return render_template("resident/choose.html", kinds=list(PasswordKind), faults={})


def reserve() -> ResponseReturnValue:
    """The kind is chosen and the terms are accepted: an intake begins."""
    accepted = request.form.get("terms") == "yes"
    if not accepted and not wants_json():
        faults = {"terms": RequestMalformed(where="terms")}
        return render_template("resident/choose.html", kinds=list(PasswordKind), faults=faults), 422
    started = start_intake(ports(), kind=request.form.get("kind", ""), terms_accepted=accepted)
    return keep_intake(make_response(redirect(url_for("resident.front_guide"), 303)), started.token)


def ask_cancel() -> ResponseReturnValue:
    """Asks once before a reservation is given up."""
    return render_template("resident/cancel.html", reservation=_own(request.args.get("kind", "")))


def cancel() -> ResponseReturnValue:
    """Gives up this browser's reservation of this kind."""
    cancel_reservation(ports(), _own(request.form.get("kind", "")).id, actor="resident", why="resident")
    return redirect(url_for("resident.home"), 303)


def _own(kind: str) -> Reservation:
    mine = [found for found in shown_reservations() if found.kind.value == kind]
    if not mine:
        raise ReservationNotFound
    return mine[0]
