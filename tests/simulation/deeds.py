"""What the server is asked to do, what may happen to it meanwhile, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from services.domain.password import PasswordKind

from .database import Moment


class ServerDied(BaseException):
    """The process is gone, with whatever it had not committed."""


class Question(NamedTuple):
    """A request as it is on the wire."""

    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...]


class Tidy(NamedTuple):
    """The jobs of services.jobs.table, at this time."""


class Reserve(NamedTuple):
    """The phone's half, from the checks that have held."""

    card: int
    kind: PasswordKind


class Trouble(NamedTuple):
    """What happens to the server at one of its transactions.

    `die` and `drop` (the database's connection) strike `before` or `after` a commit; `later` and `again` between two
    transactions: time passes and the jobs run, or the same terminal's next question is answered first.
    """

    what: str
    number: int
    moment: Moment
    by: timedelta = timedelta(0)
    question: Question | None = None


Deed = Question | Tidy | Reserve


@dataclass(frozen=True)
class Outcome:
    """`status` is `None` where the server died. `changed` says of each transaction whether it changed anything."""

    state: bytes
    now: datetime
    status: int | None
    body: bytes
    changed: tuple[bool, ...]
