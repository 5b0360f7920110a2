"""The other end of the wire: the real server over a real ledger, the issuer and its cards. Only revocation is scripted."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import httpx
from flask import Flask

from reset_app import EXTENSION, create_app
from services.bootstrap import Services
from services.card.virtual.contents import CardContents
from services.clock import ManualClock
from services.domain.password import Password, PasswordKind
from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.authority import VirtualResetAuthority
from services.pki.card_proof import CardProofVerifier
from services.pki.issuer import VirtualIssuer
from services.pki.keys import new_key
from services.pki.trust import TrustStore
from services.ports import Clock, Ports
from services.rehearsal.cards import CardWish, issue_card
from services.rehearsal.person import imagine
from services.settings import Settings
from services.storage import terminals
from services.storage.database import Database, open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate
from services.storage.staff import StaffDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
ORIGIN = "https://reset.example"
SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
OLD = {SIGNATURE: "HAKO358", USER: "7294"}


class Wire(httpx.BaseTransport):
    """Between terminal and server. `lose` says what happens to a request: "request", "answer" or nothing."""

    def __init__(self, app) -> None:
        self._server = httpx.WSGITransport(app=app)
        self.lose: Callable[[str], str | None] = lambda _: None
        self.forge: Callable[[str], httpx.Response | None] | None = None  # answers in the server's place
        self.sent: list[tuple[str, bytes]] = []
        self.change: dict[str, Callable[[bytes], bytes]] = {}  # what becomes of the answers to a call

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.sent.append((path, request.read()))
        lost = self.lose(path)
        if lost == "request":
            raise httpx.ConnectError("the line is dead")
        forged = None if self.forge is None else self.forge(path)
        if forged is not None:
            return forged
        answer = self._server.handle_request(request)
        if lost == "answer":
            answer.read()
            raise httpx.ReadTimeout("the answer is lost")
        for call, change in self.change.items():
            if path.endswith(call):
                return httpx.Response(answer.status_code, content=change(answer.read()))
        return answer

    def cut(self) -> None:
        self.lose = lambda _: "request"

    def mend(self) -> None:
        self.lose = lambda _: None

    def lose_first(self, call: str, part: str, times: int = 1) -> None:
        """Loses the request or the answer of the first so many questions of this kind."""
        left = [times]

        def lose(path: str) -> str | None:
            if not path.endswith(call) or left[0] == 0:
                return None
            left[0] -= 1
            return part

        self.lose = lose


class AlwaysGood:
    def check(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        return RevocationVerdict(RevocationStatus.GOOD, "scripted", at)


class Nowhere:
    def submit(self, check_id: str) -> None:
        raise AssertionError("a kiosk submits no image checks")


@dataclass(frozen=True)
class Issuance:
    """The issuer, two cards of it, and an empty ledger, made once: keys and migrations take long."""

    issuer: VirtualIssuer
    first: CardContents
    second: CardContents
    empty_ledger: Path


def issue(directory: Path) -> Issuance:
    issuer = VirtualIssuer.create(directory / "issuer", now=NOW, public_url="http://127.0.0.1:9")
    keys = cycle([new_key() for _ in range(4)])

    def one(seed: int) -> CardContents:
        passwords = [Password.parse(kind, OLD[kind]) for kind in (USER, SIGNATURE)]
        wish = CardWish(imagine(seed, today=date(2026, 11, 21)), b"\x00photo", *passwords)
        return issue_card(issuer, wish, now=NOW, make_key=lambda: next(keys))

    empty_ledger = directory / "ledger.db"
    migrate(f"sqlite:///{empty_ledger}")
    return Issuance(issuer, one(1), one(2), empty_ledger)


def serve(directory: Path, issuance: Issuance, clock: ManualClock) -> Services:
    """The server's parts, real but for revocation."""
    shutil.copy(issuance.empty_ledger, directory / "ledger.db")
    return serve_on(open_database(f"sqlite:///{directory / 'ledger.db'}"), issuance, clock)


def serve_on(database: Database, issuance: Issuance, clock: Clock) -> Services:
    """The server's parts on this database."""
    trust = TrustStore.load(issuance.issuer.directory / "trust")
    ports = Ports(
        clock=clock,
        random=Random(7),
        ledger=SQLLedger(database),
        evidence=SealedEvidence(database, clock, bytes(32)),
        runner=Nowhere(),
        proofs=CardProofVerifier(trust, AlwaysGood(), b"f" * 32),
        authority=VirtualResetAuthority(issuance.issuer.directory, clock),
        origin=ORIGIN,
        rehearsal=True,
    )
    settings = Settings(origin=ORIGIN, fingerprint_key=bytes(32).hex(), evidence_key=bytes(32).hex())
    return Services(
        ports=ports,
        settings=settings,
        database=database,
        terminals=terminals.Terminals(database, clock),
        staff=StaffDirectory(database, clock),
        refresh_crls=lambda: None,
        stop_workers=lambda: None,
    )


_applications: list[Flask] = []


def application(services: Services) -> Flask:
    """The real application. It is put together once: its routes take longer than everything else in a world."""
    if not _applications:
        _applications.append(create_app(services))
    _applications[0].extensions[EXTENSION] = services
    return _applications[0]
