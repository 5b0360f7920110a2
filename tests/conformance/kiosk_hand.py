"""A hand at our own terminal, in this process: the kiosk of `tests/kiosk`, with the referee at the other end of its wire."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
from kiosk_backend import NOW, OLD, ORIGIN
from kiosk_world import TERMINAL, E, S

from kiosk.build import build_id
from kiosk.disk import Folder
from kiosk.heartbeat import Heartbeat
from kiosk.hours import Hours
from kiosk.identity import Identity
from kiosk.policy import PolicyKeeper
from kiosk.selftest import SelfTest
from services.conformance.card import Passwords
from services.conformance.client_trial import ClientTrial, Shown, Told
from services.conformance.referee import Referee
from services.conformance.replies import LARGE, Reply
from services.conformance.requests import Request
from services.domain.errors import TerminalSuspended
from services.domain.terminal import HEARTBEAT, Part
from services.pki.authority import VirtualResetAuthority

SECOND = timedelta(seconds=1)
CHUNK = bytes(65_536)


class Paper(httpx.SyncByteStream):
    """An answer that is read as far as somebody reads it."""

    def __init__(self, reply: Reply, tell: Callable[[str], None]) -> None:
        self._reply, self._tell = reply, tell

    def __iter__(self) -> Iterator[bytes]:
        yield self._reply.body
        for _ in range(self._reply.padding // len(CHUNK)):
            yield CHUNK
        if self._reply.padding:
            self._tell(f"read to the end {LARGE}")


class Line(httpx.BaseTransport):
    """What the kit's HTTP server does with the referee's replies, without sockets and without time."""

    def __init__(self, referee: Referee, clock) -> None:
        self._referee, self._clock = referee, clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        target = request.url.raw_path.decode()
        reply = self._referee.handle(Request(request.method, target, headers, request.read()))
        if reply.cut:
            raise httpx.RemoteProtocolError("the server hung up")
        if reply.hold:
            self._clock.advance(timedelta(seconds=30))
            raise httpx.ReadTimeout("nobody waits any more")
        return httpx.Response(reply.status, headers=reply.headers, stream=Paper(reply, self._referee.notes.append))


class KioskHand:
    """Somebody at our terminal, and its heartbeat without a thread: time passes second by second, when somebody waits."""

    keeper = PolicyKeeper
    pause = SECOND

    def __init__(self, world) -> None:
        self.world = world
        self.office = None
        self.heartbeat = None

    def power_on(self) -> None:
        """The heartbeat of the terminal that has just been switched on."""
        world = self.world
        server = world.kiosk.controller._bench.server
        identity = Identity.model_validate_json(self.office.enrol(TERMINAL).body)
        disk, folder, journal = Folder(world.directory / "state"), world.journal_folder, world.kiosk.journal
        selftest = SelfTest(build_id(), folder, (disk, Folder(folder)), journal, lambda: Part.PRESENT)
        keeper = self.keeper(identity.policy_key, disk, self.stopwatch)
        hours = Hours.parse("00:00-24:00")
        inbox, clock = world.kiosk.inbox, world.clock
        self.heartbeat = Heartbeat(server, selftest, keeper, inbox, clock, identity, hours, stopwatch=self.stopwatch)
        self.heartbeat.begin()
        self.attend()

    def stopwatch(self) -> float:
        return (self.world.clock.now() - NOW).total_seconds()

    def attend(self) -> None:
        self.heartbeat.attend()
        self.heartbeat.decide()
        self.world.kiosk.wait()

    def visit(self, card, passwords: Passwords, new: str, *, stop: bool = False) -> Told:
        world, kiosk = self.world, self.world.kiosk
        self.attend()
        world.kind = passwords.kind
        world.to_card()
        world.put(card)
        world.open_card()
        if stop:
            kiosk.touch(E.CANCEL)
        elif kiosk.state == S.NEW_PASSWORD:
            world.set_password(new)
        told = {S.DONE: Told.DONE, S.FAILED: Told.FAILED}.get(kiosk.state, Told.NOTHING)
        kiosk.touch(E.FINISH)
        world.take()
        kiosk.touch(E.FINISH)
        return told

    def wait(self) -> None:
        for _ in range(HEARTBEAT // self.pause):
            self.world.clock.advance(self.pause)
            self.attend()
        self.world.kiosk.outbox.send()

    def look(self) -> Shown:
        if self.world.kiosk.state != S.CLOSED:
            return Shown.OPEN
        return Shown.SUSPENDED if self.world.kiosk.code == TerminalSuspended.code else Shown.CLOSED

    def restart(self) -> bool:
        self.world.restart()
        self.power_on()
        return True


def client_trial(world, hand: KioskHand | None = None, line: type[Line] = Line) -> ClientTrial:
    """Our terminal, its wire in the referee's hands."""
    authority = VirtualResetAuthority(world.issuance.issuer.directory, world.clock)
    referee = Referee(ORIGIN, TERMINAL, world.key.public_key().public_bytes_raw(), authority, world.clock)
    world.wire = line(referee, world.clock)
    world.power_on()
    hand = hand or KioskHand(world)
    hand.office = referee.office
    hand.power_on()
    return ClientTrial(referee, hand, world.card.contents, Passwords(world.kind, dict(OLD)))
