"""What stands on a resident's desk: card, reader, companion, browser; and the server that they speak to."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import httpx
from api_site import Site, make_site
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reset_app import create_app
from reset_app.companion.app import create_companion
from reset_app.companion.flow import Flow
from reset_app.companion.reader_thread import ReaderThread
from reset_app.companion.server import Server
from reset_app.companion.settings import CompanionSettings
from reset_app.companion.visit import Visit
from services.card.virtual.card import CardEngine, VirtualCard
from services.card.virtual.contents import CardContents, Pin, PinState
from services.card.virtual.reader import VirtualReader
from services.domain.card import CardFront
from services.domain.intake import CardSession, Intake
from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.authority import VirtualResetAuthority
from services.pki.card_proof import CardProofVerifier
from services.pki.issuer import VirtualIssuer
from services.pki.trust import TrustStore
from services.usecases.card_session import open_card_session
from services.usecases.read_card_front import confirm_front
from services.usecases.start_intake import start_intake

PIN = "4729"
SIGNATURE_PASSWORD = "CANARY99"
RIGHT = {PasswordKind.SIGNATURE: PIN, PasswordKind.USER_AUTHENTICATION: SIGNATURE_PASSWORD}  # the other one is typed
SERVER = "https://reset.example"
OWN = "http://127.0.0.1:24727"
AT_WORK = ("looking", "reading")


@dataclass(frozen=True)
class Issued:
    """An issuer, and a card of its with what is printed on it."""

    issuer: VirtualIssuer
    front: CardFront
    contents: CardContents


@dataclass
class ScriptedRevocation:
    """`ports.RevocationChecker` that answers as told."""

    status: RevocationStatus = RevocationStatus.GOOD

    def check(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        return RevocationVerdict(self.status, "ocsp", at)


class Line(httpx.BaseTransport):
    """The way to the server: the application itself, cut where a test says so; it keeps what was sent."""

    def __init__(self, app: object) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.cut: Callable[[str], bool] = lambda _path: False
        self.sent: list[tuple[str, bytes]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut(request.url.path):
            raise httpx.ConnectError("cut", request=request)
        self.sent.append((str(request.url), request.read()))
        return self._inner.handle_request(request)


@dataclass
class ResidentsDesk:
    """The companion as a browser sees it, and everything around it."""

    site: Site
    issued: Issued
    card: VirtualCard
    reader: VirtualReader
    thread: ReaderThread
    line: Line
    revocation: ScriptedRevocation
    client: FlaskClient
    intake_id: str = ""
    task: dict[str, str] = field(default_factory=dict)

    def hand_over(self, kind: PasswordKind = PasswordKind.SIGNATURE, front: CardFront | None = None) -> TestResponse:
        """The resident has confirmed the card front, and the page posts to the companion."""
        ports = self.site.world.ports
        self.intake_id = start_intake(ports, kind=kind.value, terms_accepted=True).intake.id
        confirm_front(ports, self.intake_id, front or self.issued.front, method="hand")
        opened = open_card_session(ports, self.intake_id)
        self.task = {"session": opened.id, "secret": opened.secret, "server": SERVER, "return_path": "/card/return"}
        return self.start(self.task)

    def start(self, form: object, origin: str | None = SERVER, **more: object) -> TestResponse:
        headers = {} if origin is None else {"Origin": origin}
        return self.client.post("/start", data=form, headers=headers, base_url=OWN, **more)

    def press(self, name: str, form: object = None, origin: str = OWN) -> TestResponse:
        """Presses a button, and waits until the reader's thread has done what follows."""
        answer = self.client.post(f"/visit/{name}", data=form, headers={"Origin": origin}, base_url=OWN)
        self.thread.settle()
        return answer

    @property
    def visit(self) -> Visit:
        return self.client.application.extensions["companion"].visit

    def page(self) -> str:
        return self.client.get("/visit", base_url=OWN).get_data(as_text=True)

    def shown(self) -> tuple[str, str | None]:
        """The screen and the code on it; where the visit leads back, the address."""
        answer = self.client.get("/visit", base_url=OWN)
        if answer.status_code == 303:
            return "back", answer.headers["Location"]
        main = re.search(r"<main[^>]*>", answer.get_data(as_text=True)).group()
        screen, code = (re.search(rf'{name}="([^"]*)"', main) for name in ("data-screen", "data-code"))
        return screen.group(1), code and code.group(1)

    def to_password(self, kind: PasswordKind = PasswordKind.SIGNATURE, front: CardFront | None = None) -> None:
        self.hand_over(kind, front)
        self.press("agree")
        self.press("next")

    def tries(self, kind: PasswordKind) -> int:
        pins = {PasswordKind.SIGNATURE: Pin.SIGNATURE, PasswordKind.USER_AUTHENTICATION: Pin.USER_AUTHENTICATION}
        return self.card.contents.pins[pins[kind]].tries_left

    def leave_tries(self, pin: Pin, tries: int) -> None:
        """Another card lies there: the same one after so many mistakes."""
        contents = self.card.contents
        self.lay(contents.with_pin(pin, PinState(contents.pins[pin].value, tries)))

    def intake(self) -> Intake:
        with self.site.world.ports.ledger.begin() as unit:
            return unit.intake(self.intake_id)

    def session(self) -> CardSession:
        with self.site.world.ports.ledger.begin() as unit:
            return unit.card_session(self.task["session"])

    def lay(self, contents: CardContents, around: Callable[[CardEngine], CardEngine] = lambda card: card) -> None:
        """Lays a card on the reader, as it looks from outside with something around it."""
        self.card = VirtualCard(contents)
        self.reader.insert(around(self.card))


@dataclass(frozen=True)
class RealServer:
    """The server, with what is told about revocation within reach."""

    site: Site
    revocation: ScriptedRevocation


def make_server(
    issued: Issued, directory: Path, *, origin: str = SERVER, rehearsal: bool = True, **settings: object
) -> RealServer:
    """The real application with real verification of what a card proves."""
    directory.mkdir(exist_ok=True)
    site = make_site(directory, origin=origin, rehearsal=rehearsal, **settings)
    revocation = ScriptedRevocation()
    trust = TrustStore.load(issued.issuer.directory / "trust")
    ports = replace(
        site.world.ports,
        proofs=CardProofVerifier(trust, revocation, bytes(range(32))),
        authority=VirtualResetAuthority(issued.issuer.directory, site.world.clock),
        rehearsal=rehearsal,
    )
    site.services = replace(site.services, ports=ports)
    site.app, site.world.ports = create_app(site.services), ports
    return RealServer(site, revocation)


def make_desk(issued: Issued, server: RealServer) -> ResidentsDesk:
    """A desk of its own for each test; the card lies on the reader."""
    server.revocation.status = RevocationStatus.GOOD
    line, reader, card = Line(server.site.app), VirtualReader(), VirtualCard(issued.contents)
    reader.insert(card)
    thread = ReaderThread(reader, trace=True)
    settings = CompanionSettings(servers=(SERVER,), reader="socket:unused")
    companion = create_companion(settings, Flow(thread, Server(httpx.Client(transport=line))))
    client = companion.test_client()
    return ResidentsDesk(server.site, issued, card, reader, thread, line, server.revocation, client)
