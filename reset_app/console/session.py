"""Who is signed in. A session is a row that the server can end; the cookie only names it."""

from typing import Final

from flask import Response, request

from reset_app import services
from services.domain.errors import SignInRefused
from services.storage.staff import SESSION_LIFE, StaffMember
from services.storage.tables_of_access import StaffRole

_ROLES: Final = tuple(StaffRole)  # each may do what the earlier ones may
_LONGEST_TOKEN: Final = 64


def member() -> StaffMember:
    """Who asks.

    Raises:
        SignInRefused: nobody is signed in here, or the session has ended.
    """
    token = token_of_request()
    if not token:
        raise SignInRefused
    return services().staff.signed_in(token)


def may(who: StaffMember, role: StaffRole) -> bool:
    """Whether this member has the role or a higher one."""
    return _ROLES.index(who.role) >= _ROLES.index(role)


def require(role: StaffRole) -> StaffMember:
    """Who asks, when the role allows it.

    Raises:
        SignInRefused
    """
    who = member()
    if not may(who, role):
        raise SignInRefused
    return who


def token_of_request() -> str:
    """The session's token; empty where there is none."""
    token = request.cookies.get(_cookie(), "")
    return token if len(token) <= _LONGEST_TOKEN else ""


def keep(response: Response, token: str) -> Response:
    """Gives the browser its session."""
    response.set_cookie(
        _cookie(),
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        path=_path(),
        httponly=True,
        samesite="Strict",
        secure=services().settings.production,
    )
    return response


def forget(response: Response) -> Response:
    """Takes the cookie back."""
    response.delete_cookie(
        _cookie(), path=_path(), secure=services().settings.production, httponly=True, samesite="Strict"
    )
    return response


def _cookie() -> str:
    return "__Host-staff" if services().settings.production else "staff"


def _path() -> str:
    # __Host- demands the root path; a rehearsal keeps the cookie to the console.
    return "/" if services().settings.production else "/console"
