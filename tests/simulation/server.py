"""The whole server as a function: (database, time, question, trouble) → (database, time, answer).

Flask, the routes, signatures, use cases, ledger and issuer are the real ones. Chance is loaded, the clock is given and the
database is saved, so the same question to the same database at the same time has the same answer, and is carried out once: after
that it is remembered. `Server(remember=False)` carries everything out, and a test compares both.
"""

import sqlite3
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.clock import ManualClock
from services.domain.intake import Intake, IntakeEvent, IntakeState
from services.domain.password import PasswordKind
from services.domain.reservation import LEASE
from services.jobs.table import JOBS
from services.storage import terminals
from services.usecases.reserve import reserve
from tests.kiosk.kiosk_backend import NOW, Issuance, application, serve_on

from . import dice
from .database import Moment, WatchedDatabase
from .deeds import Deed, Outcome, Question, Reserve, ServerDied, Tidy, Trouble
from .issuer import RememberedAuthority
from .view import View, view_of

if TYPE_CHECKING:
    from services.bootstrap import Services

KEPT: Final = 3000  # saved databases, of 60 kB each
TIDYING: Final = ("expire", "release_stale", "purge_nonces")
_JOBS: Final = {job.name: job for job in JOBS}


class Server:
    """The server, its database, and everything it was ever asked."""

    def __init__(self, issuance: Issuance, keys: dict[str, bytes], *, remember: bool = True) -> None:
        self._clock = ManualClock(NOW)
        self._database = WatchedDatabase(issuance.empty_ledger)
        services = serve_on(self._database, issuance, self._clock)
        ports = replace(services.ports, authority=RememberedAuthority(services.ports.authority))
        self._services: Services = replace(services, ports=ports)
        self._app = application(self._services)
        self._cards = (issuance.first, issuance.second)
        self._remembered: dict[tuple, Outcome] = {}
        self._remember = remember
        self._saved: OrderedDict[bytes, bytes] = OrderedDict()
        self._from: dict[bytes, tuple] = {}  # how a state was reached, to make it again when its copy was dropped
        self._at = b""
        self.views: dict[bytes, View] = {}
        self.carried_out = self.asked = 0
        place = next(iter(terminals.PlaceClass))
        for name, key in keys.items():
            self._services.terminals.enrol(terminals.Terminal(name, key, "練習店", place))
        self.first = self._arrive()
        self._root = self._database.save()

    def forget(self) -> None:
        """Forgets what it was asked."""
        kept = {self.first: self.views[self.first]}
        self._remembered, self._saved, self._from, self.views = {}, OrderedDict(), {}, kept

    def do(self, state: bytes, now: datetime, deed: Deed, trouble: Trouble | None = None) -> Outcome:
        """What becomes of it."""
        self.asked += 1
        key = (state, now, deed, trouble)
        known = self._remembered.get(key) if self._remember else None
        if known is None:
            self._bring(state)
            known = self._carry_out(key)
            if known.state not in self._from and known.state != self.first:
                self._from[known.state] = key
            self._remembered[key] = known
        return known

    def _bring(self, state: bytes) -> None:
        if state == self._at:
            return
        saved = self._root if state == self.first else self._saved.get(state)
        if saved is None:
            parent = self._from[state]
            self._bring(parent[0])
            self._carry_out(parent)
            assert self._at == state, "the server is not a function of what it is asked"
            return
        self._database.bring_back(saved)
        self._at = state

    def _carry_out(self, key: tuple) -> Outcome:
        state, now, deed, trouble = key
        self.carried_out += 1
        self._clock.advance(now - self._clock.now())
        self._database.changed = []
        answered: list[tuple[int, bytes]] = []
        self._database.hook = lambda moment, number: self._strike(trouble, moment, number, answered)
        try:
            with dice.in_hand_of(f"server {state.hex()}", anew=True):
                status, body = self._perform(deed)
        except ServerDied:
            status, body = None, b""
        if answered:
            status, body = answered[0]
        changed = tuple(self._database.changed)
        self._database.hook = lambda _moment, _number: None
        return Outcome(self._arrive(), self._clock.now(), status, body, changed)

    def _arrive(self) -> bytes:
        saved = self._database.save()
        self._at = self._database.digest()
        if self._at not in self.views:
            self.views[self._at] = view_of(self._database, saved)
        self._saved[self._at] = saved
        if len(self._saved) > KEPT:
            self._saved.popitem(last=False)
        return self._at

    def _strike(self, trouble: Trouble | None, moment: Moment, number: int, answered: list[tuple[int, bytes]]) -> None:
        if trouble is None or (moment, number) != (trouble.moment, trouble.number):
            return
        if trouble.what == "die":
            raise ServerDied
        if trouble.what == "drop":
            raise sqlite3.OperationalError("the connection is lost")
        mine, self._database.changed = self._database.changed, []
        self._database.hook = lambda _moment, _number: None
        self._clock.advance(trouble.by)
        if trouble.question is None:
            self._tidy()
        else:
            answered.append(self._answer(trouble.question))
        self._database.changed = mine

    def _perform(self, deed: Deed) -> tuple[int, bytes]:
        match deed:
            case Question():
                return self._answer(deed)
            case Tidy():
                self._tidy()
            case Reserve():
                self._reserve(deed)
        return 200, b""

    def _answer(self, question: Question) -> tuple[int, bytes]:
        client = self._app.test_client()
        answer = client.post(
            question.path, data=question.body, headers=list(question.headers), content_type="application/json"
        )
        return answer.status_code, answer.get_data()

    def _tidy(self) -> None:
        for name in TIDYING:
            _JOBS[name].run(self._services)

    def _reserve(self, wish: Reserve) -> None:
        """The intake's rows as the checks leave them, and the real use case."""
        ports, now = self._services.ports, self._clock.now()
        files = self._cards[wish.card].jpki
        identity, signing = files.user_authentication, files.signature
        assert identity is not None
        assert signing is not None
        other = identity if wish.kind is PasswordKind.SIGNATURE else signing
        found = {
            "card_fingerprint": ports.proofs.fingerprint(identity.certificate),
            "other_key_fingerprint": ports.proofs.key_fingerprint(other.certificate),
        }
        intake = Intake(
            id=dice.draw(16).hex(),
            token_hash=dice.draw(32),
            kind=wish.kind,
            state=IntakeState.STARTED,
            created_at=now,
            ends_at=now + 10 * LEASE,
            rehearsal=True,
        )
        with ports.ledger.begin() as unit:
            unit.add_intake(intake)
            unit.advance_intake(intake.id, IntakeEvent.ACCEPT_FRONT, at=now)
            unit.advance_intake(intake.id, IntakeEvent.ACCEPT_CARD, at=now, changes=found)
            unit.advance_intake(intake.id, IntakeEvent.ACCEPT_FACE, at=now, audit={"engine": "none"})
        reserve(ports, intake.id)
