"""A terminal is let in: staff issue a one-time code, the terminal brings it with the key that it made.

A code is twenty letters, `K7QD-XXXX-XXXX-XXXX-XXXX`: the first four find it, the other sixteen (80 bits) are compared by a hash.
It is good for fifteen minutes, for five tries and for one key. Tries are counted for the code that they name, so that nobody who
guesses keeps anybody else from enrolling.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

from services.domain.errors import EnrolmentRefused, InvalidInput
from services.domain.terminal import EnrolmentCode, PlaceClass, Terminal, terminal_id_of
from services.domain.terminal_policy import Scope, Trait
from services.ports import Office, Unit
from services.usecases.suspended import demand_known_build

CODE_LIFE: Final = timedelta(minutes=15)
TRIES: Final = 5
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is mistaken for something else
GROUP: Final = 4
GROUPS: Final = 5
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Place:
    """What a code binds a terminal to."""

    name: str  # what staff call it
    place: PlaceClass
    store: str
    cohort: str


def issue_code(ports: Office, place: Place, *, by: str) -> str:
    """A fresh code, which is told once and kept as a hash.

    Raises:
        InvalidInput: a name, store or cohort that is not in its form.
    """
    _demand_form(place)
    now = ports.clock.now()
    code = "".join(secrets.choice(LETTERS) for _ in range(GROUP * GROUPS))
    kept = EnrolmentCode(
        selector=code[:GROUP],
        secret_hash=_hashed(code),
        name=place.name,
        store=place.store,
        place=place.place,
        cohort=place.cohort,
        issued_by=by,
        ends_at=now + CODE_LIFE,
    )
    with ports.ledger.begin() as unit:
        unit.add_enrolment_code(kept, at=now)
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def enrol(ports: Office, typed: str, public_key: bytes, build: str) -> Terminal:
    """Enrols the terminal that signed its request with this key. The same code and key get the same answer again.

    Raises:
        EnrolmentRefused: no such code, or it is over, used by another key, or was mistyped too often.
        BuildSuspended: the build is not known; the code is not used up.
    """
    code = typed.upper().translate(_READ_AS)
    with ports.ledger.begin() as unit:
        found = _opened(ports, unit, code)
        if found is not None:
            return _enrolled(ports, unit, found, public_key, build)
    raise EnrolmentRefused


def _opened(ports: Office, unit: Unit, code: str) -> EnrolmentCode | None:
    """The code's record; a wrong try is counted, which is why nothing is raised here: it must be committed."""
    found = unit.enrolment_code(code[:GROUP])
    if found is None or found.ends_at <= ports.clock.now() or found.tries >= TRIES:
        return None
    if not hmac.compare_digest(found.secret_hash, _hashed(code)):
        unit.count_enrolment_try(found.selector)
        return None
    return found


def _enrolled(ports: Office, unit: Unit, code: EnrolmentCode, public_key: bytes, build: str) -> Terminal:
    demand_known_build(ports, unit, build)
    terminal = Terminal(
        id=terminal_id_of(public_key),
        public_key=public_key,
        name=code.name,
        place=code.place,
        store=code.store,
        cohort=code.cohort,
    )
    if code.used_by is None:
        unit.enrol_terminal(terminal, code, at=ports.clock.now())
    elif code.used_by != terminal.id:
        raise EnrolmentRefused
    return terminal


def _hashed(code: str) -> bytes:
    return sha256(code.encode("utf-8")).digest()


def _demand_form(place: Place) -> None:
    if not (place.name.isprintable() and 1 <= len(place.name) <= _LONGEST_NAME):
        raise InvalidInput(where="name")
    for scope, value in ((Scope.STORE, place.store), (Scope.COHORT, place.cohort)):
        try:
            Trait.parse(f"{scope.value}:{value}")
        except ValueError:
            raise InvalidInput(where=scope.value) from None
