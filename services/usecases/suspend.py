"""Staff suspend a cohort, lift that again, and plan maintenance; each with a reason, each in the log, each a new serial."""

import secrets
from datetime import datetime

from services.domain.errors import InvalidInput, NotAllowedNow
from services.domain.terminal_policy import (
    LONGEST_REASON,
    MOST_SUSPENSIONS,
    MOST_WINDOWS,
    POLICY_LIFE,
    Stop,
    Suspension,
    TerminalPolicy,
    Trait,
    Window,
)
from services.ports import Office, Unit

SHORTEST_REASON = 4


def suspend(ports: Office, trait: Trait, *, by: str, why: str) -> int:
    """Suspends a cohort from now on; returns the policy's serial.

    Raises:
        InvalidInput: no fit reason.
        NotAllowedNow: it is suspended already, or the document is full.
    """
    demand_reason(why)
    now = ports.clock.now()
    made = Suspension(secrets.token_hex(16), trait.scope, trait.value, why, issued_by=by, issued_at=now)
    with ports.ledger.begin() as unit:
        if len(unit.suspensions()) >= MOST_SUSPENSIONS:
            raise NotAllowedNow
        return unit.add_suspension(made)


def lift(ports: Office, suspension_id: str, *, by: str, why: str) -> int:
    """Ends a suspension; returns the policy's serial.

    Raises:
        InvalidInput: no fit reason.
        NotFound: no such suspension is in force.
    """
    demand_reason(why)
    with ports.ledger.begin() as unit:
        return unit.lift_suspension(suspension_id, at=ports.clock.now(), by=by, why=why)


def plan_maintenance(ports: Office, window: Window, *, by: str, why: str) -> int:
    """Plans a time in which terminals serve nobody; returns the policy's serial.

    Raises:
        InvalidInput: no fit reason, or a window that is empty or over.
        NotAllowedNow: too much is planned already.
    """
    demand_reason(why)
    now = ports.clock.now()
    if not now < window.ends_at > window.begins_at:
        raise InvalidInput(where="ends_at")
    with ports.ledger.begin() as unit:
        if len(unit.maintenance(now)) >= MOST_WINDOWS:
            raise NotAllowedNow
        return unit.plan_maintenance(window, at=now, by=by, why=why)


def renew(ports: Office, *, by: str, why: str) -> int:
    """Raises the serial above everything that terminals may have seen: after a database was restored from a copy.

    Raises:
        InvalidInput: no fit reason.
    """
    demand_reason(why)
    with ports.ledger.begin() as unit:
        return unit.renew_policy(at=ports.clock.now(), by=by, why=why)


def revoke(ports: Office, terminal_id: str, *, by: str, why: str) -> None:
    """Takes a terminal's key back: a stolen machine, one that left its place. It must be enrolled anew to serve again.

    Raises:
        InvalidInput: no fit reason.
        TerminalUnknown
    """
    demand_reason(why)
    with ports.ledger.begin() as unit:
        unit.revoke_terminal(terminal_id, at=ports.clock.now(), by=by, why=why)


def policy_at(unit: Unit, now: datetime, *, answers: str = "") -> TerminalPolicy:
    """The document as it stands; `answers` is the nonce of who asked."""
    serial = unit.policy_serial()
    return TerminalPolicy(
        serial=serial,
        issued_at=now,
        valid=POLICY_LIFE,
        answers=answers,
        stops=tuple(Stop(found.trait, found.reason) for found in unit.suspensions()),
        maintenance=tuple(unit.maintenance(now)),
    )


def demand_reason(why: str) -> None:
    """Lets a reason pass that somebody can read later.

    Raises:
        InvalidInput: too short, too long, or with control characters.
    """
    if not (SHORTEST_REASON <= len(why) <= LONGEST_REASON and why.isprintable()):
        raise InvalidInput(where="why")
