"""What this browser holds: the token of the intake under way, and the tokens of its reservations.

Tokens live in HttpOnly cookies only; the server keeps their hashes. The browser keeps more than one reservation,
because both password kinds can be reserved, one after the other, and each stays on the home screen until its deadline.
"""

from typing import Final

from flask import Response, request

from reset_app import services
from services.domain import policy
from services.domain.errors import IntakeNotFound
from services.domain.intake import Intake
from services.domain.reservation import LIFE, Reservation
from services.ports import Ports
from services.usecases.look import shown_reservation
from services.usecases.start_intake import find_intake

_INTAKE: Final = "intake"
_RESERVATIONS: Final = "reservations"
_SEPARATOR: Final = "."  # never part of a base64url token
_KEPT: Final = 4
_LONGEST_TOKEN: Final = 64


def ports() -> Ports:
    """The ports that every use case takes."""
    return services().ports


def current_intake() -> Intake:
    """The intake that this browser is going through.

    Raises:
        IntakeNotFound: the browser has no token, or an unknown one.
    """
    token = _token()
    intake = find_intake(ports(), token) if token else None
    if intake is None:
        raise IntakeNotFound
    return intake


def keep_intake(response: Response, token: str) -> Response:
    """Gives the browser the token of its new intake."""
    return _set(response, _INTAKE, token, int(policy.INTAKE_LIFE.total_seconds()))


def keep_reservation(response: Response) -> Response:
    """Remembers that the intake under way became a reservation, for as long as it is shown."""
    tokens = list(dict.fromkeys([_token(), *_reservation_tokens()]))[:_KEPT]
    return _set(response, _RESERVATIONS, _SEPARATOR.join(tokens), int(LIFE.total_seconds()))


def leave_intake(response: Response) -> Response:
    """Takes the intake's token back; its reservation stays."""
    response.delete_cookie(_name(_INTAKE), path="/", secure=services().settings.production, httponly=True)
    return response


def shown_reservations() -> list[Reservation]:
    """This browser's reservations whose deadline has not passed, newest first."""
    tokens = dict.fromkeys([*_reservation_tokens(), *filter(None, [_token()])])
    found = (shown_reservation(ports(), token) for token in tokens)
    by_id = {reservation.id: reservation for reservation in found if reservation is not None}
    return sorted(by_id.values(), key=lambda reservation: reservation.reserved_at, reverse=True)


def wants_json() -> bool:
    """Whether the client asks for data instead of a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _token() -> str:
    token = request.cookies.get(_name(_INTAKE), "")
    return token if len(token) <= _LONGEST_TOKEN else ""


def _reservation_tokens() -> list[str]:
    tokens = request.cookies.get(_name(_RESERVATIONS), "").split(_SEPARATOR)
    return [token for token in tokens if 0 < len(token) <= _LONGEST_TOKEN][:_KEPT]


def _name(name: str) -> str:
    # Browsers take a __Host- cookie over TLS only, so that a rehearsal on http://127.0.0.1 cannot use the prefix.
    return f"__Host-{name}" if services().settings.production else name


def _set(response: Response, name: str, value: str, seconds: int) -> Response:
    response.set_cookie(
        _name(name),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=services().settings.production,
    )
    return response
