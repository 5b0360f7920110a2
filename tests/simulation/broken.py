"""Four designs that are wrong, each by one line. The simulation must see it: otherwise it sees nothing.

The product is changed in place here, which no other test does; nothing else could show that the promises are really checked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from sqlalchemy import update

from kiosk import attendant
from kiosk.reset import Outcome
from reset_app.kiosk_api import routes
from services.domain.errors import CardConnectionLost
from services.domain.reservation import RESERVATION, ReservationEvent
from services.storage.tables import claims
from services.storage.unit_claims import ClaimRows


@contextmanager
def _replaced(owner: object, name: str, wrong: Callable[[Callable], Callable]) -> Iterator[None]:
    right = getattr(owner, name)
    setattr(owner, name, wrong(right))
    try:
        yield
    finally:
        setattr(owner, name, right)


def _consuming(right: Callable) -> Callable:
    def authorise(ports, request):
        word = right(ports, request)
        with ports.ledger.begin() as unit:
            held = unit.claim(request.claim_id)
            reservation = unit.reservation(held.reservation_id)
            if RESERVATION.allows(reservation.state, ReservationEvent.COMPLETE):
                now = ports.clock.now()
                audit = {"claim": held.id, "terminal": held.terminal_id, "key": ""}
                changes = {"completed_at": now}
                unit.advance(
                    reservation.id, ReservationEvent.COMPLETE, at=now, actor="kiosk", changes=changes, audit=audit
                )
        return word

    return authorise


def _forgetful(right: Callable) -> Callable:
    def complete(ports, request):
        with ports.ledger.begin() as unit:
            unit._connection.execute(update(claims).where(claims.c.id == request.claim_id).values(outcome=None))
        return right(ports, request)

    return complete


def _hasty(right: Callable) -> Callable:
    def reset(bench, session, interrupted, tell):
        try:
            return right(bench, session, interrupted, tell)
        except CardConnectionLost:
            if session.write_attempted:
                return Outcome.SET_AND_PENDING
            raise

    return reset


def _never_late(right: Callable) -> Callable:
    def newest(self, reservation_id):
        found = right(self, reservation_id)
        return None if found is None else replace(found, fence=0)

    return newest


VARIANTS: Final[Mapping[str, tuple[object, str, Callable[[Callable], Callable]]]] = {
    "consume at authorise": (routes, "authorise_reset", _consuming),
    "non-idempotent completion": (routes, "complete", _forgetful),
    "tell the user early": (attendant, "reset", _hasty),
    "no late rule": (ClaimRows, "newest_authorised_claim", _never_late),
}


@contextmanager
def broken(name: str) -> Iterator[None]:
    """Inside, the product has this fault."""
    owner, attribute, wrong = VARIANTS[name]
    with _replaced(owner, attribute, wrong):
        yield
