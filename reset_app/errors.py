"""The only place with HTTP status codes: a problem document (RFC 9457) for programs, a page for people."""

import secrets
import traceback
from typing import Final

import structlog
from flask import Flask, Response, current_app, render_template, request
from jinja2 import TemplateError
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from reset_app.security import API_PREFIXES
from services.domain import errors as domain
from services.domain.errors import ResetError

log = structlog.get_logger()

# The nearest class in an error's ancestry decides.
STATUS: Final[dict[type[ResetError], int]] = {
    ResetError: 500,
    domain.InvalidInput: 400,
    domain.RequestTooLarge: 413,
    domain.ImageTooLarge: 413,
    domain.NotAllowedNow: 409,
    domain.IntakeEnded: 410,
    domain.TooManyAttempts: 429,
    domain.Refused: 403,
    domain.ProofMalformed: 422,
    domain.CardFrontUnreadable: 422,
    domain.WrongSide: 422,
    domain.CaptureUnusable: 422,
    domain.LivenessFailed: 422,
    domain.FaceMismatch: 422,
    domain.Locked: 403,
    domain.NotFound: 404,
    domain.CardFault: 422,
    domain.Unavailable: 503,
    domain.Unexpected: 500,
}
RETRY_AFTER_S: Final = domain.BUSY_S
LONGEST_COMEBACK_S: Final = 120  # nobody keeps a page open for longer; the time is told
PROBLEM: Final = "application/problem+json"
# A refusal by the framework, in the words of our catalogue; any other of the 4xx is a malformed request.
FRAMEWORK: Final[dict[int, type[ResetError]]] = {
    404: domain.PageNotFound,
    405: domain.PageNotFound,
    413: domain.RequestTooLarge,
}


class Problem(BaseModel):
    """An RFC 9457 problem document. `code` is from the error catalogue and stays what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(description="Where the code is explained, relative to the server's origin.")
    title: str = Field(description="What happened, in the resident's language.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What happened this time.")
    code: str = Field(pattern=r"^PR-[0-9]{4}$")
    cost: str = Field(description="What was used up: tries, time, or nothing.")
    remedy: str = Field(description="What to do next.")
    helper: str = Field(description="Who can help.")
    tries_left: int | None = None
    next_allowed_at: str | None = Field(default=None, description="YYYY/MM/DD HH:MM:SS, Japan time.")
    expired_at: str | None = Field(default=None, description="YYYY/MM/DD HH:MM, Japan time.")
    wait_s: int | None = None
    age_s: int | None = Field(default=None, description="The server's clock minus the date of a signed request.")
    where: str | None = Field(default=None, description="The field that is not in its form.")
    reason: str | None = None
    incident: str | None = Field(default=None, description="The fault's number in the server's log.")


_EXTENSIONS: Final = ("tries_left", "next_allowed_at", "expired_at", "wait_s", "age_s", "where", "reason", "incident")


def status_of(error: ResetError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(error: ResetError, status: int | None = None) -> Problem:
    """The error as a problem document."""
    facts = {name: error.detail[name] for name in _EXTENSIONS if name in error.detail}
    place = f"(項目: {facts['where']})" if "where" in facts else ""
    return Problem.model_validate(
        {
            "type": f"/help/codes#{error.code}",
            "title": error.message,
            "status": status or status_of(error),
            "detail": f"{error.message}{place}",
            "code": error.code,
            "cost": error.cost,
            "remedy": error.remedy,
            "helper": error.helper,
            **facts,
        }
    )


def handle(app: Flask) -> None:
    """Answers every error of the application, foreseen or not."""
    app.register_error_handler(ResetError, _refused)
    app.register_error_handler(HTTPException, _framework)
    app.register_error_handler(Exception, _unexpected)


def _refused(error: ResetError) -> Response:
    level = log.warning if isinstance(error, domain.Unavailable) else log.info
    level("request_refused", code=error.code, facts=str(error), route=_route())
    return _answer(error)


def _framework(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect that routing asks for
        return error.get_response()  # type: ignore[return-value]  # Flask's Response is werkzeug's here
    if status >= 500:
        return _unexpected(error)
    answer = _answer(FRAMEWORK.get(status, domain.RequestMalformed)(), status)
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        answer.headers["Allow"] = allowed
    return answer


def _unexpected(error: Exception) -> Response:
    incident = secrets.token_hex(6)
    log.error("unexpected", incident=incident, route=_route(), trace=traced(error))
    return _answer(domain.Unexpected(incident=incident))


def traced(error: BaseException) -> list[str]:
    """Where the error came from, as names and places only: a message may quote what a person typed."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None and len(lines) < 40:
        lines.append(type(link).__qualname__)
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
        link = link.__cause__ or link.__context__
    return lines


def _route() -> str:
    return str(request.url_rule) if request.url_rule else "(none)"


def _answer(error: ResetError, status: int | None = None) -> Response:
    status = status or status_of(error)
    found = problem(error, status)
    if _asked_by_a_program():
        answer = Response(found.model_dump_json(exclude_none=True), status, mimetype=PROBLEM)
    else:
        answer = Response(_page(error, found), status, mimetype="text/html")
    wait_s = RETRY_AFTER_S if status == 503 and found.wait_s is None else found.wait_s
    if wait_s is not None:
        answer.headers["Retry-After"] = str(wait_s)
    return answer


def _asked_by_a_program() -> bool:
    if request.path.startswith(API_PREFIXES):
        return True
    asked = request.accept_mimetypes.best_match(["text/html", PROBLEM, "application/json"])
    return asked not in (None, "text/html")


def _comeback(found: Problem) -> str | None:
    """Where a page that has to wait goes by itself: back to where the form was, which may be sent again."""
    if found.wait_s is None or found.wait_s > LONGEST_COMEBACK_S or request.url_rule is None:
        return None
    try:
        current_app.url_map.bind("").match(request.path, method="GET")
    except HTTPException:
        return "/"
    return request.path


def _page(error: ResetError, found: Problem) -> str:
    try:
        return render_template("error.html", error=error, problem=found, comeback=_comeback(found))
    except TemplateError as broken:
        # A fault in the page that tells of faults must not hide the code that the resident needs.
        log.error("error_page_broken", trace=traced(broken))  # noqa: TRY400  # `traced` leaves the message out on purpose
        words = " ".join(filter(None, (found.code, found.title, found.remedy, found.incident)))
        return f"<!doctype html><html lang=ja><title>{found.code}</title><p>{words}"
