"""The console's addresses for terminals.

| address | sends | answers |
|---|---|---|
| GET /console/terminals | | every terminal with its last report; what needs somebody on top |
| POST /console/terminals/codes | `name`, `store`, `place`, `cohort` | a one-time code, shown once |
| GET /console/suspensions | | what is suspended, and what was |
| POST /console/suspensions | `cohort`, `why` | suspends; 303 back |
| POST /console/suspensions/ID/lift | `why` | lifts; 303 back |

Whoever is signed in may look; operators act. Each act is in the log with its reason.
"""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reset_app import services
from reset_app.console import fleet, session, words
from reset_app.console.routes import blueprint, signed_in
from services.domain.errors import InvalidInput, NotAllowedNow, ResetError
from services.domain.terminal import PlaceClass
from services.domain.terminal_policy import Trait
from services.storage.tables_of_access import StaffRole
from services.usecases.enrol_terminal import CODE_LIFE, Place, issue_code
from services.usecases.suspend import lift, suspend


@blueprint.get("/terminals")
@signed_in
def terminals() -> ResponseReturnValue:
    """The table, and the form for a code."""
    return _terminals_page()


@blueprint.post("/terminals/codes")
@signed_in
def issue() -> ResponseReturnValue:
    """The only time that the code is told."""
    who = session.require(StaffRole.OPERATOR)
    place = next((place for place in PlaceClass if place.value == request.form.get("place")), None)
    if place is None:
        return _terminals_page(wrong="place"), 422
    name, store, cohort = (_line(field) for field in ("name", "store", "cohort"))
    try:
        code = issue_code(services().ports, Place(name, place, store, cohort), by=who.name)
    except InvalidInput as wrong:
        return _terminals_page(wrong=str(wrong.detail["where"])), 422
    minutes = int(CODE_LIFE.total_seconds() // 60)
    return _page("code.html", code=code, called=name, store=store, minutes=minutes)


@blueprint.get("/suspensions")
@signed_in
def suspensions() -> ResponseReturnValue:
    """What is suspended now, the form for more, and what was."""
    return _suspensions_page()


@blueprint.post("/suspensions")
@signed_in
def add_suspension() -> ResponseReturnValue:
    """At once at the server, within a minute at the terminals."""
    who = session.require(StaffRole.OPERATOR)
    trait = fleet.chosen(request.form.get("cohort", ""))
    if trait is None:
        return _suspensions_page(refusal=InvalidInput(where="cohort")), 422
    try:
        suspend(services().ports, trait, by=who.name, why=_line("why"))
    except (InvalidInput, NotAllowedNow) as refusal:
        return _suspensions_page(refusal=refusal, trait=trait), 422
    return redirect(url_for("console.suspensions"), 303)


@blueprint.post("/suspensions/<hexadecimal:suspension_id>/lift")
@signed_in
def lift_suspension(suspension_id: str) -> ResponseReturnValue:
    """Terminals open again at their next heartbeat."""
    who = session.require(StaffRole.OPERATOR)
    try:
        lift(services().ports, suspension_id, by=who.name, why=_line("why"))
    except InvalidInput as refusal:
        return _suspensions_page(refusal=refusal), 422
    return redirect(url_for("console.suspensions"), 303)


def _terminals_page(*, wrong: str | None = None) -> str:
    rows = fleet.overview(services())
    return _page("terminals.html", rows=rows, places=PlaceClass, wrong=wrong, now=services().ports.clock.now())


def _suspensions_page(*, refusal: ResetError | None = None, trait: Trait | None = None) -> str:
    found = services()
    rows = fleet.overview(found)
    with found.ports.ledger.begin() as unit:
        live, lifted, serial = unit.suspensions(), unit.lifted_suspensions(), unit.policy_serial()
    return _page(
        "suspensions.html",
        live=[(suspension, fleet.touched(rows, suspension)) for suspension in live],
        lifted=lifted,
        serial=serial,
        cohorts=fleet.cohorts(found, rows),
        refusal=refusal,
        trait=trait,
    )


def _line(field: str) -> str:
    return " ".join(request.form.get(field, "").split())


def _page(template: str, **context: object) -> str:
    member = session.member()
    may_act = session.may(member, StaffRole.OPERATOR)
    return render_template(f"console/{template}", member=member, may_act=may_act, words=words, **context)
