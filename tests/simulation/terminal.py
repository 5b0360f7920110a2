"""One terminal, put together as its `__main__` does it, with a disk, a line and a clock of the simulation's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.claiming import Bench
from kiosk.controller import Controller
from kiosk.crash import CrashPoint
from kiosk.inbox import Happening, Inbox
from kiosk.journal import Journal
from kiosk.outbox import Outbox
from kiosk.patience import Patience
from kiosk.reader import ReaderOwner
from kiosk.server import KioskServer, Terminal
from kiosk.terminal_key import Seal
from services.card.session import MyNumberCard
from services.card.virtual.reader import VirtualReader
from services.domain.errors import StorageUnavailable
from services.domain.kiosk_session import KioskEvent, KioskState
from tests.kiosk.kiosk_backend import ORIGIN

from . import dice
from .disk import MemoryDisk
from .faults import Dark
from .line import Line

if TYPE_CHECKING:
    from .world import World

T = TypeVar("T")


class Key:
    """The terminal's key. Ed25519 has no randomness: what was signed once need not be signed again."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._signed: dict[bytes, bytes] = {}

    def sign(self, octets: bytes) -> bytes:
        found = self._signed.get(octets)
        if found is None:
            found = self._signed[octets] = self._key.sign(octets)
        return found

    def private_bytes_raw(self) -> bytes:
        return self._key.private_bytes_raw()

    def public_key(self):
        return self._key.public_key()


class OwnClock:
    """The terminal's clock, right or wrong."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.skew = timedelta(0)

    def now(self) -> datetime:
        return self._world.now + self.skew


class CountedReader(ReaderOwner):
    """`ReaderOwner`, whose visits to the card are numbered."""

    works = 0

    def open(self) -> None:
        self.works += 1
        super().open()

    def run(self, work: Callable[[MyNumberCard], T]) -> T:
        self.works += 1
        return super().run(work)


class SimulatedTerminal:
    """Off until `boot`, and after every power cut."""

    origin = ORIGIN

    def __init__(self, world: "World", name: str, key: Key, seal: Seal) -> None:
        self.id = name
        self.key = key
        self.clock = OwnClock(world)
        self.disk = MemoryDisk(world.points)
        self.slot = VirtualReader()
        self.line = Line(world, self)
        self.on = False
        self.boots = 0
        self.typed = ""  # the new password of whoever stands there
        self.claim = ""  # the last one under which somebody typed one
        self.doubt = False  # whether this visit knows that the card may have been changed
        self._world = world
        self._seal = seal

    def boot(self) -> None:
        """Journal first, then what waits in it."""
        self.boots += 1
        self.doubt = False
        claims = iter(range(1, 1000))
        inbox = Inbox()
        self.disk.full = False
        self.journal = Journal(self.disk, self._seal, self._cut)
        server = KioskServer(self.line, ORIGIN, Terminal(self.id, self.key), self.clock)
        self.reader = CountedReader(self.slot, inbox.post_from_reader)
        bench = Bench(
            self.reader,
            server,
            self.journal,
            Patience(self._pause, self._world.stopwatch),
            self._cut,
            new_claim_id=lambda: str(UUID(int=(ord(self.id[-1]) << 64) + (self.boots << 16) + next(claims))),
        )
        self.inbox, self.controller = inbox, Controller(bench, inbox, self.clock)
        self.outbox = Outbox(self.journal, server)
        self.on = True
        self.guarded(lambda: (self.journal.recover(), self.outbox.send()))

    @property
    def has_something_to_say(self) -> bool:
        """Whether the server will hear of it when this terminal comes to: it may have been cut off, or its line was."""
        return not self.on or bool(self.journal.waiting())

    def come_to(self) -> None:
        """Its power is back, or its outbox runs."""
        if self.on:
            self.guarded(self.outbox.send)
        else:
            self.boot()

    def guarded(self, deed: Callable[[], object]) -> None:
        """Does it, as long as there is power."""
        if not self.on:
            return
        try:
            with dice.in_hand_of(f"{self.id} {self.boots}"):
                deed()
        except Dark as dark:
            self.disk.power_cut(str(dark))
            self.on = False
            self.slot.remove()
        except StorageUnavailable:
            self.on = False  # it could not start

    @property
    def state(self) -> KioskState:
        return self.controller.screen.state

    def visit(self) -> tuple[str, int, int]:
        """The visit to the card that is under way."""
        return self.id, self.boots, self.reader.works

    def touch(self, event: KioskEvent | None, **more: object) -> None:
        """A touch on the screen as it is now."""
        self.guarded(lambda: self._told(Happening(event, step=self.controller.screen.step, **more)))

    def _told(self, happening: Happening) -> None:
        self.inbox.post(happening)
        self.controller.work()

    def look(self) -> None:
        """The reader's next look, and what follows from it."""
        self.guarded(lambda: (self.reader.look(), self.controller.work()))

    def tick(self) -> None:
        """The clock's next tick."""
        self.guarded(self.controller.work)

    def cuts(self) -> dict[str, str]:
        """A power cut here is the same as at every point since the last durable effect."""
        return {"dark": f"dark {self._world.points.effects}"}

    def _cut(self, point: CrashPoint) -> None:
        points = self._world.points
        if points.pass_by(f"{self.id} {point.value}", ("dark",), self.cuts()):
            self._world.points.go_dark("dark")

    def _pause(self, pause: timedelta) -> None:
        first = self._world.now != self._world.paused_until
        self._world.now += pause
        self._world.paused_until = self._world.now
        if not first:
            return
        fault = self._world.points.pass_by(f"{self.id} waits", ("pull", "cancel", "dark"), self.cuts())
        if fault == "dark":
            self._world.points.go_dark(fault)
        if fault == "pull":
            self.slot.remove()
            self.reader.look()
        if fault == "cancel":
            self.inbox.post(Happening(KioskEvent.CANCEL, step=self.controller.screen.step))
