"""What a database says, and whether it can be true: the log, replayed, gives the rows, and nothing secret is in it."""

import json
import re
from dataclasses import dataclass
from typing import Final

from services.domain.audit import first_break
from services.domain.reservation import RESERVATION, ReservationEvent, ReservationState
from services.storage.unit_reservations import ENTRY_OF
from services.usecases.complete import Completion

from .database import WatchedDatabase

R, V = ReservationState, ReservationEvent

_EVENT: Final = {entry.label: event for event, entry in ENTRY_OF.items()}
_TAKING: Final = frozenset({V.CLAIM, V.SUPERSEDE})
_RESERVATIONS: Final = (
    "SELECT id, kind, card_fingerprint, state, fence, authorisations, claim_id, lease_until, expires_at, completed_at"
    " FROM reservations ORDER BY reserved_at, rowid"
)
_CLAIMS: Final = "SELECT id, reservation_id, terminal_id, authorised_at, card_challenge, outcome FROM claims"

# Everything that anybody types in a simulation. Four digits occur by chance within a hash: they are looked for as a word.
SECRETS: Final = ("ABC123", "FIRSTQ8K", "SECONDX5", "THIRDZ42")
DIGITS: Final = ("1234", "8052", "7461", "6847")
_WORD: Final = re.compile(rb"[0-9A-Za-z_+/.:=-]")
_OCTETS: Final = tuple(secret.encode() for secret in SECRETS)
_DIGITS: Final = tuple(digits.encode() for digits in DIGITS)


class Violation(AssertionError):
    """A promise is broken."""


def no_secret_in(octets: bytes, where: str) -> None:
    """Looks for everything that is typed."""
    for secret in _OCTETS:
        if secret in octets:
            raise Violation(f"a password is in {where}")
    for digits in _DIGITS:
        at = octets.find(digits)
        while at >= 0:
            if not (_WORD.match(octets[at - 1 : at]) or _WORD.match(octets[at + 4 : at + 5])):
                raise Violation(f"a four-digit password is in {where}")
            at = octets.find(digits, at + 1)


@dataclass(frozen=True)
class Row:
    """A reservation."""

    id: str
    kind: str
    card: str
    state: ReservationState
    fence: int
    authorisations: int
    claim_id: str | None
    lease_until: str | None
    expires_at: str
    completed_at: str | None
    completed_by: str | None  # the claim, by the log


@dataclass(frozen=True)
class ClaimRow:
    """A claim."""

    id: str
    reservation: str
    terminal: str
    authorised: bool
    challenge: bytes | None
    outcome: str | None


@dataclass(frozen=True)
class View:
    """One state of the database, found to agree with itself."""

    reservations: tuple[Row, ...]
    claims: dict[str, ClaimRow]
    challenges: frozenset[bytes]  # for which an authorisation is committed


def view_of(database: WatchedDatabase, saved: bytes) -> View:
    """Reads the database.

    Raises:
        Violation: rows and log do not agree, the chain is broken, or a password is in it.
    """
    no_secret_in(saved, "the database")
    links = database.rows("SELECT octets, chain FROM audit_entries ORDER BY position")
    if (broken := first_break(links)) is not None:
        raise Violation(f"the log's chain is broken at {broken}")
    told = _replayed([json.loads(octets) for octets, _ in links])
    rows = []
    for row in database.rows(_RESERVATIONS):
        story = told.pop(row[0], None)
        if story is None:
            raise Violation("a reservation has no entry in the log")
        rows.append(_compared(row, story))
    if told:
        raise Violation("the log tells of a reservation that is not there")
    claims = {
        row[0]: ClaimRow(row[0], row[1], row[2], row[3] is not None, row[4], row[5]) for row in database.rows(_CLAIMS)
    }
    for row in rows:
        if row.completed_by is not None and claims[row.completed_by].outcome != Completion.COMPLETED:
            raise Violation("the log says which claim completed the reservation, and the claim's row says otherwise")
    challenges = frozenset(claim.challenge for claim in claims.values() if claim.authorised and claim.challenge)
    return View(tuple(rows), claims, challenges)


@dataclass
class _Story:
    state: ReservationState = RESERVATION.initial
    fence: int = 0
    authorisations: int = 0
    claim_id: str | None = None
    completions: int = 0
    completed_by: str | None = None


def _replayed(entries: list[dict]) -> dict[str, _Story]:
    stories: dict[str, _Story] = {}
    for entry in entries:
        if entry["event"] == "reservation.made":
            stories[entry["subject"]] = _Story()
        event = _EVENT.get(entry["event"])
        if event is not None:
            _replay(stories[entry["subject"]], event, entry["fields"])
    return stories


def _replay(story: _Story, event: ReservationEvent, fields: dict) -> None:
    story.state = RESERVATION.next(story.state, event)
    if event in _TAKING:
        story.claim_id, story.fence = fields["claim"], story.fence + 1
        if fields["fence"] != story.fence:
            raise Violation("the log's fencing tokens do not follow each other")
    elif event is V.AUTHORISE:
        story.authorisations += 1
    elif event is V.COMPLETE:
        story.completions, story.completed_by = story.completions + 1, fields["claim"]


def _compared(row: tuple, story: _Story) -> Row:
    found = (row[3], row[4], row[5], row[6])
    expected = (story.state.value, story.fence, story.authorisations, story.claim_id)
    if found != expected:
        raise Violation(f"the log tells {expected} of a reservation, its row says {found}")
    if story.completions > 1:
        raise Violation("a reservation was completed twice")
    return Row(row[0], row[1], row[2], ReservationState(row[3]), *row[4:10], completed_by=story.completed_by)
