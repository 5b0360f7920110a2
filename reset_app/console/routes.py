"""The console's addresses.

| address | sends | answers |
|---|---|---|
| GET /console/sign-in, POST /console/sign-in | `number`, `password` | 303 /console/, sets the session cookie |
| POST /console/sign-out | nothing | 303 /console/sign-in; the session is ended on the server |
| GET /console/?state=… | | reservations, newest first |
| GET /console/reservations/ID | | asks for the purpose |
| POST /console/reservations/ID | `why` | the timeline; the look is logged with its purpose |
| POST /console/reservations/ID/review | `why` | closes a doubt after its deadline; 303 back |
| GET /console/log | | whether the audit log's chain holds |
"""

from functools import wraps
from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reset_app import services
from reset_app.console import session, words
from services.domain.errors import SignInRefused, TooManyAttempts
from services.domain.reservation import ReservationState
from services.storage.tables_of_access import StaffRole
from services.usecases import review as staff_acts
from services.usecases.look import log_break
from services.usecases.sign_in import count_sign_in, note_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

blueprint = Blueprint("console", __name__, url_prefix="/console")
blueprint.entry = "staff"  # type: ignore[attr-defined]  # who may enter; a test reads it

_LONGEST_PURPOSE: Final = 200
_SHORTEST_PURPOSE: Final = 4
_LONGEST_ENTRY: Final = 128


def signed_in(view: "Callable[..., ResponseReturnValue]") -> "Callable[..., ResponseReturnValue]":
    """Leads to the sign-in page whoever has no session."""

    @wraps(view)
    def entered(**values: str) -> ResponseReturnValue:
        try:
            session.member()
        except SignInRefused:
            return redirect(url_for("console.sign_in"), 303)
        return view(**values)

    return entered


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The door."""
    return render_template("console/sign_in.html", refused=None)


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Opens a session; which of number and password was wrong is not told."""
    number, password = (request.form.get(name, "")[:_LONGEST_ENTRY] for name in ("number", "password"))
    directory = services().staff
    try:
        _demand_printable(number)
        count_sign_in(services().ports, number)
        token = directory.sign_in(number, password)
    except (SignInRefused, TooManyAttempts) as refused:
        return render_template("console/sign_in.html", refused=refused), 403
    note_sign_in(services().ports, directory.signed_in(token).name)
    return session.keep(make_response(redirect(url_for("console.reservations"), 303)), token)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Ends the session on the server, not only in this browser."""
    services().staff.sign_out(session.token_of_request())
    return session.forget(make_response(redirect(url_for("console.sign_in"), 303)))


@blueprint.get("/")
@signed_in
def reservations() -> ResponseReturnValue:
    """The list; an unknown state filters nothing."""
    chosen = next((state for state in ReservationState if state.value == request.args.get("state")), None)
    states = (chosen,) if chosen else ()
    found = staff_acts.list_reservations(services().ports, staff=session.member().name, states=states)
    return _page("reservations.html", found=found, chosen=chosen)


@blueprint.get("/reservations/<hexadecimal:reservation_id>")
@signed_in
def ask_purpose(reservation_id: str) -> ResponseReturnValue:
    """A timeline is shown for a purpose only."""
    return _page("purpose.html", reservation_id=reservation_id, fault=False)


@blueprint.post("/reservations/<hexadecimal:reservation_id>")
@signed_in
def timeline(reservation_id: str) -> ResponseReturnValue:
    """Everything that the log says of one reservation."""
    why = _purpose()
    if why is None:
        return _page("purpose.html", reservation_id=reservation_id, fault=True), 422
    ports = services().ports
    found = staff_acts.timeline(ports, reservation_id, staff=session.member().name, why=why)
    in_doubt = found.reservation.state is ReservationState.UNKNOWN and found.reservation.expires_at <= ports.clock.now()
    reviewable = in_doubt and session.may(session.member(), StaffRole.OPERATOR)
    return _page("timeline.html", found=found, why=why, broken=log_break(ports), reviewable=reviewable)


@blueprint.post("/reservations/<hexadecimal:reservation_id>/review")
@signed_in
def review(reservation_id: str) -> ResponseReturnValue:
    """Closes a reservation in doubt whose deadline has passed."""
    who = session.require(StaffRole.OPERATOR)
    why = _purpose()
    if why is None:
        return _page("purpose.html", reservation_id=reservation_id, fault=True), 422
    staff_acts.review(services().ports, reservation_id, staff=who.name, why=why)
    return redirect(url_for("console.ask_purpose", reservation_id=reservation_id), 303)


@blueprint.get("/log")
@signed_in
def log() -> ResponseReturnValue:
    """Whether the whole audit log's chain holds."""
    return _page("log.html", broken=log_break(services().ports))


def _demand_printable(number: str) -> None:
    # No staff number has control characters, and PostgreSQL takes no NUL in a text.
    if not number.isprintable():
        raise SignInRefused


def _purpose() -> str | None:
    why = " ".join(request.form.get("why", "").split())
    return why if why.isprintable() and _SHORTEST_PURPOSE <= len(why) <= _LONGEST_PURPOSE else None


def _page(name: str, **context: object) -> str:
    return render_template(f"console/{name}", member=session.member(), words=words, **context)
