"""Who may speak to a program on loopback: any page in any browser tab can try, so everything is checked."""

import re
import secrets
from typing import Final

from flask import Flask, Response, request

from reset_app.companion.settings import CompanionSettings
from reset_app.companion.visit import Handover, Visit
from services.domain.errors import OriginRefused, PageNotFound, RequestMalformed

COOKIE: Final = "companion"
BODY: Final = 16_384
_SESSION: Final = re.compile(r"[0-9a-f]{32}")
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,86}")
_PATH: Final = re.compile(r"/(?!/)[A-Za-z0-9/_.~-]{0,200}")


def guard(app: Flask, settings: CompanionSettings) -> None:
    """Sets limits, the checks of host and origin, and the headers."""
    app.config.update(MAX_CONTENT_LENGTH=BODY, MAX_FORM_MEMORY_SIZE=BODY, MAX_FORM_PARTS=16)
    headers = _headers(settings)

    @app.before_request
    def check() -> None:
        # A name of another site that was made to point to 127.0.0.1 (DNS rebinding) shows in the Host header.
        if request.host != settings.host:
            raise OriginRefused
        if request.method == "POST" and request.endpoint != "companion.start":
            _check_own_origin(settings.origin)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.update(headers)
        return response


def _headers(settings: CompanionSettings) -> dict[str, str]:
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; frame-ancestors 'none'; "
            # A form's answer may lead back to the server's page, and browsers follow that only where this names it.
            f"form-action 'self' {' '.join(settings.servers)}"
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _check_own_origin(origin: str) -> None:
    if request.headers.get("Origin") != origin:
        raise OriginRefused


def handover(settings: CompanionSettings) -> Handover:
    """What the server's page posted, from a page on the list and for itself only.

    Raises:
        OriginRefused: another page, or one that speaks for another server.
        RequestMalformed: a field is missing, doubled, or not in its form.
    """
    origin = request.headers.get("Origin", "")
    if origin not in settings.servers or _field("server") != origin:
        raise OriginRefused
    found = Handover(_field("session"), _field("secret"), origin, _field("return_path"))
    for pattern, value, where in (
        (_SESSION, found.session_id, "session"),
        (_SECRET, found.secret, "secret"),
        (_PATH, found.return_path, "return_path"),
    ):
        if not pattern.fullmatch(value):
            raise RequestMalformed(where=where)
    return found


def owned(visit: Visit | None) -> Visit:
    """The visit, for the browser that began it.

    Raises:
        PageNotFound: there is none, or another browser's.
    """
    sent = request.cookies.get(COOKIE, "").encode("utf-8", "replace")
    if visit is None or not secrets.compare_digest(sent, visit.token.encode()):
        raise PageNotFound
    return visit


def remember(response: Response, visit: Visit) -> Response:
    """Gives the browser its visit's key: HttpOnly, and sent to this program's pages only.

    Lax and not Strict: the visit begins with a form on another site, and a Strict cookie would not go along on the redirect.
    """
    response.set_cookie(COOKIE, visit.token, httponly=True, samesite="Lax", path="/visit")
    return response


def field_of(name: str, longest: int) -> str:
    """One form field, once.

    Raises:
        RequestMalformed: missing, doubled, or too long.
    """
    values = request.form.getlist(name)
    if len(values) != 1 or len(values[0]) > longest:
        raise RequestMalformed(where=name)
    return values[0]


def _field(name: str) -> str:
    return field_of(name, 256)
