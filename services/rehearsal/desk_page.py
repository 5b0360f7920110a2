"""The hand that lays the practice card on a reader, as a page: for trying the rehearsal by hand.

It shows what only the card's holder knows (the practice passwords), so it exists in a rehearsal only, on loopback, and
touches nothing but the stage of that rehearsal.
"""

import threading
from dataclasses import dataclass
from typing import Final, cast

import waitress
from flask import Flask, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from services.domain.password import PasswordKind
from services.rehearsal.front_picture import printed_birth, printed_expiry
from services.rehearsal.props import Props
from services.rehearsal.stage import COMPANION_SLOT, KIOSK_SLOT, Stage

PLACES: Final = {COMPANION_SLOT: "スマートフォン(コンパニオン)", KIOSK_SLOT: "キオスク端末"}
_POLICY: Final = "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"


@dataclass(frozen=True)
class _Table:
    stage: Stage
    props: Props
    used: PasswordKind


def serve_desk_page(stage: Stage, props: Props, port: int, used: PasswordKind) -> str:
    """Serves the page from a thread of this process; returns its address. `used` is the kind that was just reset."""
    listen = f"127.0.0.1:{port}"
    serving = {"listen": listen, "ident": None}
    threading.Thread(target=waitress.serve, args=(desk_page(stage, props, used),), kwargs=serving, daemon=True).start()
    return f"http://{listen}"


def desk_page(stage: Stage, props: Props, used: PasswordKind) -> Flask:
    """The page's application."""
    app = Flask(__name__)
    app.extensions["desk"] = _Table(stage, props, used)
    app.before_request(_own_pages_only)
    app.after_request(_headers)
    app.add_url_rule("/", view_func=_desk)
    app.add_url_rule("/front.jpg", view_func=_front_picture)
    app.add_url_rule("/put", view_func=_put, methods=["POST"])
    app.add_url_rule("/take", view_func=_take, methods=["POST"])
    return app


def _table() -> _Table:
    return cast("_Table", current_app.extensions["desk"])


def _own_pages_only() -> Response | None:
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return Response("refused", 403)
    return None


def _headers(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _desk() -> str:
    table = _table()
    front = table.props.person.front
    return render_template(
        "desk.html",
        places=PLACES,
        where=next((slot for slot, found in enumerate(table.stage.desk.status()) if found["card"]), None),
        birth=printed_birth(front),
        expiry=printed_expiry(front),
        code=front.security_code,
        passwords=table.props.passwords,
        new_passwords={table.used: table.props.new_passwords[table.used]},
        at=table.stage.addresses,
    )


def _front_picture() -> Response:
    return Response(_table().props.front_picture, mimetype="image/jpeg")


def _put() -> WerkzeugResponse:
    slot = request.form.get("slot", type=int)
    if slot in PLACES:
        _take_off()
        _table().stage.desk.insert(slot, _table().props.card_file)
    return redirect("/", 303)


def _take() -> WerkzeugResponse:
    _take_off()
    return redirect("/", 303)


def _take_off() -> None:
    for slot in PLACES:
        _table().stage.desk.remove(slot)
