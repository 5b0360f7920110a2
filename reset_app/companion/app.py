"""The companion's pages, put together."""

from typing import Final

from flask import Flask, Response, g, redirect, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from reset_app.companion.faults import report
from reset_app.companion.flow import Flow
from reset_app.companion.guard import guard
from reset_app.companion.routes import EXTENSION, Place, blueprint
from reset_app.companion.settings import CompanionSettings
from services.domain import errors as domain
from services.domain.errors import ResetError

# The companion is a program of its own: the server's table of status codes is not here. The nearest class decides.
_STATUS: Final[dict[type[ResetError], int]] = {
    ResetError: 500,
    domain.InvalidInput: 400,
    domain.RequestTooLarge: 413,
    domain.NotAllowedNow: 409,
    domain.Refused: 403,
    domain.Locked: 409,
    domain.NotFound: 404,
    domain.CardFault: 409,
    domain.Unavailable: 502,
    domain.Unexpected: 500,
}


def create_companion(settings: CompanionSettings, flow: Flow) -> Flask:
    """The loopback application over a reader and a server's client."""
    app = Flask("reset_app.companion")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[EXTENSION] = Place(settings, flow)
    guard(app, settings)
    app.register_blueprint(blueprint)
    app.register_error_handler(domain.StepNotAllowed, _stale)
    app.register_error_handler(ResetError, _refused)
    app.register_error_handler(HTTPException, _framework)
    app.register_error_handler(Exception, _unexpected)
    return app


def _stale(_error: ResetError) -> AnyResponse:
    """A button of a screen that is no longer shown was pressed, perhaps twice: show the screen that is."""
    return redirect("/visit", 303)


def _refused(error: ResetError) -> Response:
    return _page(error, next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS))


def _framework(error: HTTPException) -> Response:
    status = error.code or 500
    if status >= 500:
        return _unexpected(error)
    if status == 413:
        return _page(domain.RequestTooLarge(), status)
    return _page(domain.PageNotFound() if status in (404, 405) else domain.RequestMalformed(), status)


def _unexpected(error: Exception) -> Response:
    return _page(domain.Unexpected(incident=report(error)), 500)


def _page(error: ResetError, status: int) -> Response:
    """What happened. There is a way back only to a page of a server on the list."""
    page = render_template("error.html", error=error, back=g.get("back"))
    return Response(page, status, mimetype="text/html")
