"""A whole shop in one process: the real terminal, the real server behind a wire that can be cut, the real card engine.

Time stands still until somebody waits.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from kiosk_backend import NOW, OLD, ORIGIN, SIGNATURE, USER, Issuance, Wire, application, issue, serve

from kiosk.claiming import Bench
from kiosk.controller import Controller
from kiosk.crash import PowerCut, no_power_cut
from kiosk.disk import Folder
from kiosk.inbox import Happening, Inbox
from kiosk.journal import Journal
from kiosk.outbox import Outbox
from kiosk.paper import NO_PAPER, PaperDesk
from kiosk.patience import Patience
from kiosk.reader import ReaderOwner
from kiosk.screen import Screen
from kiosk.server import KioskServer, Terminal
from kiosk.terminal_key import Seal
from services.bootstrap import Services
from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.faults import Fault, FaultScript
from services.card.virtual.reader import VirtualReader
from services.clock import ManualClock
from services.domain.errors import PasswordLocked, PasswordRejected
from services.domain.kiosk_session import KioskEvent, KioskState
from services.domain.password import Password, PasswordKind
from services.domain.reservation import RESERVATION, Reservation, ReservationState, deadline
from services.storage import terminals

__all__ = ["NOW", "OLD", "SIGNATURE", "USER", "Issuance", "issue"]  # the tests need one import

TERMINAL = "kiosk-1"
NEW = {SIGNATURE: "KITTE77", USER: "8052"}
S, E = KioskState, KioskEvent


@dataclass
class Kiosk:
    """One terminal from power-on to power cut, with its browser's view."""

    inbox: Inbox
    controller: Controller
    reader: ReaderOwner
    journal: Journal
    outbox: Outbox
    screens: list[Screen] = field(default_factory=list)

    @property
    def screen(self) -> Screen:
        return self.controller.screen

    @property
    def state(self) -> KioskState:
        return self.controller.screen.state

    @property
    def code(self) -> str | None:
        return None if self.screen.fault is None else self.screen.fault.code

    def tell(self, happening: Happening) -> None:
        """`kiosk.loop.Front`, without a thread."""
        self.inbox.post(happening)
        self.controller.work()
        self.screens.append(self.screen)

    def touch(self, event: KioskEvent, **more) -> KioskState:
        self.tell(Happening(event, step=self.screen.step, **more))
        return self.state

    def type(self, entry: str, *, last_try: bool = False) -> KioskState:
        return self.touch(E.ENTERED, entry=entry, last_try_confirmed=last_try)

    def look(self) -> KioskState:
        """The reader's next look, and what follows from it."""
        self.reader.look()
        self.controller.work()
        self.screens.append(self.screen)
        return self.state

    def wait(self) -> KioskState:
        """The clock's next tick."""
        self.controller.work()
        self.screens.append(self.screen)
        return self.state


@dataclass
class World:
    """The shop, the server, the card, and the person."""

    directory: Path
    issuance: Issuance
    clock: ManualClock
    services: Services
    wire: Wire
    key: Ed25519PrivateKey
    slot: VirtualReader
    faults: FaultScript
    card: VirtualCard
    kind: PasswordKind = SIGNATURE
    kiosk: Kiosk = None  # type: ignore[assignment]  # set by `power_on`
    paused: timedelta = timedelta(0)
    printer: PaperDesk = NO_PAPER
    on_pause: Callable[[], None] = lambda: None

    @property
    def journal_folder(self) -> Path:
        return self.directory / "journal"

    # ── The terminal ────────────────────────────────────────────────────────────────────────────────────────────────

    def power_on(self, cut: PowerCut = no_power_cut) -> Kiosk:
        """Starts the terminal as its `__main__` does: journal first, then what waits in it."""
        inbox = Inbox()
        journal = Journal(Folder(self.journal_folder), Seal(self.key), cut)
        journal.recover()
        client = httpx.Client(transport=self.wire)
        server = KioskServer(client, ORIGIN, Terminal(TERMINAL, self.key), self.clock)
        reader = ReaderOwner(self.slot, inbox.post_from_reader)
        bench = Bench(reader, server, journal, Patience(self._pause), cut, self.printer)
        controller = Controller(bench, inbox, self.clock)
        self.kiosk = Kiosk(inbox, controller, reader, journal, Outbox(journal, server))
        return self.kiosk

    def restart(self) -> Kiosk:
        """The power comes back. Whatever was in memory is gone, and so is the card's power."""
        self.slot.remove()
        return self.power_on()

    def _pause(self, pause: timedelta) -> None:
        self.clock.advance(pause)
        self.paused += pause
        self.on_pause()

    # ── The person ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _other_certificate(self) -> bytes:
        files = self.card.contents.jpki
        credential = files.user_authentication if self.kind is PasswordKind.SIGNATURE else files.signature
        # A card without a signature certificate never comes so far as to claim.
        return (credential or files.user_authentication).certificate

    def reserve(self) -> Reservation:
        """A reservation for the card, as the phone's half makes it."""
        assert self.card.contents.jpki.user_authentication is not None
        now = self.clock.now()
        made = Reservation(
            id=secrets.token_hex(16),
            kind=self.kind,
            card_fingerprint=self.services.ports.proofs.fingerprint(
                self.card.contents.jpki.user_authentication.certificate
            ),
            other_key_fingerprint=self.services.ports.proofs.key_fingerprint(self._other_certificate()),
            state=RESERVATION.initial,
            reserved_at=now,
            expires_at=deadline(now),
            rehearsal=True,
        )
        with self.services.ports.ledger.begin() as unit:
            unit.add_reservation(made, actor="test")
        return made

    def has_reservation(self) -> bool:
        proofs = self.services.ports.proofs
        card = proofs.fingerprint(self.card.contents.jpki.user_authentication.certificate)
        with self.services.ports.ledger.begin() as unit:
            return unit.live_reservation(card, self.kind) is not None

    def state_of(self, reservation: Reservation) -> ReservationState:
        with self.services.ports.ledger.begin() as unit:
            return unit.reservation(reservation.id).state

    def put(self, card: VirtualCard | None = None) -> KioskState:
        """Puts a card on the reader; the world's own, with its planned faults, where none is given."""
        self.slot.insert(self.faults.around(self.card) if card is None else card)
        return self.kiosk.look()

    def take(self) -> KioskState:
        self.slot.remove()
        return self.kiosk.look()

    def to_card(self) -> KioskState:
        """From the first screen to the one that asks for the card. Time passes: nobody comes twice in one instant."""
        self.clock.advance(timedelta(seconds=1))
        self.kiosk.touch(E.FINISH)  # of the person before, where that one was just thanked
        self.kiosk.touch(E.TOUCH)
        self.kiosk.touch(E.CHOOSE_SERVICE)
        self.kiosk.touch(E.CHOOSE_KIND, kind=self.kind)
        return self.kiosk.touch(E.AGREE)

    def to_new_password(self) -> KioskState:
        self.to_card()
        self.put()
        return self.open_card()

    def open_card(self) -> KioskState:
        """The other password, and past the reservation that was found, where one was."""
        self.kiosk.type(self.other_password)
        return self.kiosk.touch(E.GO_ON)

    @property
    def other_password(self) -> str:
        """What opens the card for this reset."""
        return OLD[self.kind.other]

    def set_password(self, new: str | None = None) -> KioskState:
        new = new or NEW[self.kind]
        self.kiosk.type(new)
        self.kiosk.type(new)
        return self.kiosk.touch(E.GO_ON)

    def visit(self, new: str | None = None) -> KioskState:
        """The whole session, from the first touch to its result."""
        self.to_new_password()
        return self.set_password(new)

    def serves_the_next_person(self) -> bool:
        """Whether, ten seconds after somebody left with a card, another one gets as far as a new password."""
        self.take()
        self.clock.advance(timedelta(seconds=10))
        self.kiosk.wait()
        for _ in range(2):  # a result that still stands there, and the thanks
            self.kiosk.touch(E.FINISH)
        self.mend()
        if not self.has_reservation():
            self.reserve()
        return self.to_new_password() == S.NEW_PASSWORD

    def mend(self) -> None:
        """The server and the line are themselves again."""
        self.wire.mend()
        self.wire.forge = None

    # ── What can be asked afterwards ────────────────────────────────────────────────────────────────────────────────

    def card_has(self, password: str, kind: PasswordKind | None = None) -> bool:
        try:
            self._copy_of_card().verify(Password.parse(kind or self.kind, password), last_try_confirmed=True)
        except (PasswordRejected, PasswordLocked):
            return False
        return True

    def tries(self, kind: PasswordKind) -> int:
        return self._copy_of_card().tries_left(kind)

    def _copy_of_card(self) -> MyNumberCard:
        """A copy, so that a question costs the card itself no try."""
        reader = VirtualReader()
        reader.insert(VirtualCard(self.card.contents))
        return MyNumberCard(reader.connect())

    def plan(self, *faults: Fault) -> None:
        for fault in faults:
            self.faults.add(fault)

    def calls(self, call: str) -> int:
        """How often this was asked of the server."""
        return sum(path.endswith(call) for path, _ in self.wire.sent)


def make_world(directory: Path, issuance: Issuance, kind: PasswordKind = SIGNATURE) -> World:
    clock = ManualClock(NOW)
    services = serve(directory, issuance, clock)
    app = application(services)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    services.terminals.enrol(terminals.Terminal(TERMINAL, public, "練習店", next(iter(terminals.PlaceClass))))
    faults = FaultScript()
    card = VirtualCard(issuance.first, committed=faults.committed)
    world = World(directory, issuance, clock, services, Wire(app), key, VirtualReader(), faults, card, kind)
    world.power_on()
    return world
