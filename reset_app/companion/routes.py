"""The companion's addresses. The same forms serve a browser and a plain HTTP client that keeps cookies.

Every POST answers 303; the screen is always at GET /visit, whose `<main data-screen="…">` names it. A client sends
`Origin: http://127.0.0.1:24727` with every POST but the first, and the server's own origin with the first.

| address | sends | leads to the screen |
|---|---|---|
| POST /start | `session`, `secret`, `server`, `return_path`, as the server's page has them | `consent`; sets the visit's cookie |
| POST /visit/agree | nothing | `placement` |
| POST /visit/next | nothing: the card lies on the reader | `looking`, then `password`; `placement` with what is wrong; `failed` |
| POST /visit/password | `password`; `sure` = `yes` for the last try | `reading`, then `finished` or one of the screens before |
| POST /visit/back | nothing, from `password` | `placement` |
| POST /visit/stop | `to` = `menu` or `return` | 303 to the server |
| GET /visit | | the screen; in `finished` and `stopped` 303 to `server` + `return_path` |
| GET /visit/status | | JSON `{"screen", "card": "present", "absent", "no_reader" or "busy", "stage", "reader", "virtual"}` |

On `password`, `<main>` has `data-tries-left`; wherever something went wrong, `<main>` has `data-code` with the code.
"""

from dataclasses import dataclass
from typing import Final, cast

from flask import Blueprint, Response, current_app, g, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from reset_app.companion.flow import Flow
from reset_app.companion.guard import field_of, handover, owned, remember
from reset_app.companion.reader_thread import Presence
from reset_app.companion.settings import CompanionSettings
from reset_app.companion.visit import Event, Screen, Stage, Visit
from services.domain.errors import RequestMalformed, StepNotAllowed

blueprint: Final = Blueprint("companion", __name__)
EXTENSION: Final = "companion"
LONGEST_FIELD: Final = 256
_AT_WORK: Final = (Screen.LOOKING, Screen.READING)


@blueprint.post("/start")
def start() -> AnyResponse:
    """A page of a server on the list hands over."""
    found = handover(_settings())
    g.back = found.return_address
    _place().visit = visit = _flow().begin(found)
    return remember(_see("/visit"), visit)


@blueprint.get("/visit")
def show() -> AnyResponse | str:
    """The screen of the visit."""
    visit = _visit().as_it_is()
    if visit.screen in (Screen.FINISHED, Screen.STOPPED):
        return redirect(visit.handover.return_address, 303)
    return render_template(
        f"{visit.screen.value}.html",
        visit=visit,
        kind=visit.task.kind,
        other=visit.task.kind.other,
        reader=_flow().reader,
        stages=tuple(Stage),
    )


@blueprint.get("/visit/status")
def status() -> Response:
    """For the screen to follow: whether a card is there, how far the reading is. Asks nothing of a reader at work."""
    visit = _visit().as_it_is()
    reader = _flow().reader
    card = Presence.BUSY if visit.screen in _AT_WORK else reader.presence()
    return jsonify(
        screen=visit.screen.value,
        card=card.value,
        stage=visit.stage.value,
        reader=reader.reader_name,
        virtual=reader.is_virtual,
    )


@blueprint.post("/visit/agree")
def agree() -> AnyResponse:
    """The resident has read who asks for what."""
    _visit().move(Event.AGREE)
    return _see("/visit")


@blueprint.post("/visit/next")
def look() -> AnyResponse:
    """The card lies on the reader."""
    _flow().look(_visit())
    return _see("/visit")


@blueprint.post("/visit/password")
def enter() -> AnyResponse:
    """The password, on its way to the card and nowhere else."""
    visit = _visit()
    if visit.screen is not Screen.PASSWORD:
        raise StepNotAllowed(machine="companion", state=visit.screen.value, event=Event.ENTER.value)
    _flow().enter(visit, field_of("password", LONGEST_FIELD), sure=request.form.getlist("sure") == ["yes"])
    return _see("/visit")


@blueprint.post("/visit/back")
def back() -> AnyResponse:
    """〈 戻る."""
    _visit().move(Event.BACK)
    return _see("/visit")


@blueprint.post("/visit/stop")
def stop() -> AnyResponse:
    """To the server's page, or to its menu (checklist 003-30)."""
    visit = _visit()
    to = field_of("to", LONGEST_FIELD)
    if to not in ("menu", "return"):
        raise RequestMalformed(where="to")
    _flow().stop(visit)
    return redirect(f"{visit.handover.server}/" if to == "menu" else visit.handover.return_address, 303)


@dataclass
class Place:
    """What the views work with, and the one visit of this device."""

    settings: CompanionSettings
    flow: Flow
    visit: Visit | None = None


def _place() -> Place:
    return cast("Place", current_app.extensions[EXTENSION])


def _settings() -> CompanionSettings:
    return _place().settings


def _flow() -> Flow:
    return _place().flow


def _visit() -> Visit:
    return owned(_place().visit)


def _see(address: str) -> Response:
    return Response(status=303, headers={"Location": address})
