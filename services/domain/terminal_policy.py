"""What terminals may do just now: suspended cohorts and planned maintenance, as one numbered document.

A cohort is everything with one trait: a store, a build, a generation of cards. The document is canonical JSON, so that its octets
can be signed and be checked by anybody (`services.pki.policy_signature`):

    {"format": "terminal-policy:1", "serial": 7, "issued_at": "2026-11-21T00:00:00Z", "valid_s": 45, "answers": "…",
     "suspensions": [{"scope": "store", "value": "S-0107", "reason": "…"}],
     "maintenance": [{"from": "2026-11-21T17:00:00Z", "until": "2026-11-21T19:00:00Z"}]}

`serial` rises with every change and never falls. `answers` repeats the nonce of the heartbeat that asked, so that an earlier answer
is not taken for a new one; together with `valid_s` a terminal needs no right clock to know that it has heard nothing for too long.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from services.domain.canonical import Plain, canonical_json

FORMAT: Final = "terminal-policy:1"
# Two heartbeats and their time-outs: a terminal without a fresh document closes in less than a minute.
POLICY_LIFE: Final = timedelta(seconds=45)
LARGEST_POLICY: Final = 48_000  # bytes; as base64url it still fits the largest answer that a terminal reads
MOST_SUSPENSIONS: Final = 40  # with the longest reasons they fit; who needs more suspends something wider
MOST_WINDOWS: Final = 20
LONGEST_REASON: Final = 200  # characters
_VALUE: Final = re.compile(r"[A-Za-z0-9._:+-]{1,64}")


class Scope(StrEnum):
    """What a suspension goes by."""

    TERMINAL = "terminal"
    STORE = "store"
    PLACE = "place"
    COHORT = "cohort"
    BUILD = "build"
    CARD_GENERATION = "card_generation"  # the label of the CA generation that issued a card's certificate
    MATCHER = "matcher"  # the engine that compared the faces when the reservation was made


TERMINAL_SCOPES: Final = frozenset({Scope.TERMINAL, Scope.STORE, Scope.PLACE, Scope.COHORT, Scope.BUILD})


class Trait(NamedTuple):
    """One scope and its value, written `store:S-0107`."""

    scope: Scope
    value: str

    @classmethod
    def parse(cls, text: str) -> "Trait":
        """The trait of this text.

        Raises:
            ValueError: another scope, or a value with other signs than letters, digits and `. _ : + -`.
        """
        scope, _, value = text.partition(":")
        return cls(Scope(scope), _of_form(value))

    def __str__(self) -> str:
        return f"{self.scope.value}:{self.value}"


@dataclass(frozen=True)
class Suspension:
    """One suspended cohort, as the server keeps it. A lifted one stays on record."""

    id: str
    scope: Scope
    value: str
    reason: str  # published with the document: no personal data
    issued_by: str
    issued_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lift_reason: str | None = None

    @property
    def trait(self) -> Trait:
        """What everything has that it stops."""
        return Trait(self.scope, self.value)


@dataclass(frozen=True)
class Stop:
    """A suspension as the document tells it."""

    trait: Trait
    reason: str


@dataclass(frozen=True)
class Window:
    """Planned maintenance: from `begins_at`, until before `ends_at`."""

    begins_at: datetime
    ends_at: datetime

    def covers(self, moment: datetime) -> bool:
        """Whether the moment lies in it."""
        return self.begins_at <= moment < self.ends_at


@dataclass(frozen=True)
class TerminalPolicy:
    """The document."""

    serial: int
    issued_at: datetime
    valid: timedelta
    answers: str = ""
    stops: tuple[Stop, ...] = ()
    maintenance: tuple[Window, ...] = ()

    def stop_of(self, traits: Iterable[Trait]) -> Stop | None:
        """The first stop that touches anything with these traits."""
        having = frozenset(traits)
        return next((stop for stop in self.stops if stop.trait in having), None)

    @property
    def octets(self) -> bytes:
        """The canonical form, which is signed."""
        return canonical_json(
            {
                "format": FORMAT,
                "serial": self.serial,
                "issued_at": _text(self.issued_at),
                "valid_s": int(self.valid.total_seconds()),
                "answers": self.answers,
                "suspensions": [_told(stop) for stop in self.stops],
                "maintenance": [
                    {"from": _text(window.begins_at), "until": _text(window.ends_at)} for window in self.maintenance
                ],
            }
        )

    @classmethod
    def parse(cls, octets: bytes) -> "TerminalPolicy":
        """The document in these octets, whose signature has been verified.

        A scope that this build does not know is left out: the server refuses by it anyway.

        Raises:
            ValueError: not such a document.
        """
        if len(octets) > LARGEST_POLICY:
            raise ValueError("a policy is not so large")
        found = _object(_loaded(octets))
        if found.get("format") != FORMAT:
            raise ValueError("another format")
        return cls(
            serial=_number(found, "serial"),
            issued_at=_moment(found, "issued_at"),
            valid=timedelta(seconds=_number(found, "valid_s", most=3600)),
            answers=_string(found, "answers"),
            stops=tuple(_stops(_items(found, "suspensions"))),
            maintenance=tuple(
                Window(_moment(item, "from"), _moment(item, "until")) for item in _items(found, "maintenance")
            ),
        )


def _told(stop: Stop) -> Mapping[str, Plain]:
    return {"scope": stop.trait.scope.value, "value": stop.trait.value, "reason": stop.reason}


def _stops(items: Iterable[Mapping[str, Any]]) -> Iterable[Stop]:
    known = {scope.value for scope in Scope}
    for item in items:
        scope, value, reason = (_string(item, name) for name in ("scope", "value", "reason"))
        if scope in known:
            yield Stop(Trait(Scope(scope), _of_form(value)), reason)


def _of_form(value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise ValueError("not the value of a trait")
    return value


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _loaded(octets: bytes) -> object:
    try:
        return json.loads(octets)
    except RecursionError as exc:
        raise ValueError("not a policy") from exc


def _object(found: object) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  # for who calls, all of these are one error
    return found


def _items(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    items = found.get(name)
    if not isinstance(items, list):
        raise ValueError("not a list")  # noqa: TRY004  # as above
    return [_object(item) for item in items]


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004  # as above
    return value


def _number(found: Mapping[str, Any], name: str, *, most: int = 2**53 - 1) -> int:
    value = found.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError("not a number of this range")
    return value


def _moment(found: Mapping[str, Any], name: str) -> datetime:
    moment = datetime.fromisoformat(_string(found, name))
    if moment.utcoffset() is None:
        raise ValueError("a moment without a zone")
    return moment
