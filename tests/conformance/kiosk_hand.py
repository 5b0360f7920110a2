"""A hand at our own terminal, in this process: the kiosk of `tests/kiosk`, with the referee at the other end of its wire."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
from kiosk_backend import OLD, ORIGIN
from kiosk_world import TERMINAL, E, S

from services.conformance.card import Passwords
from services.conformance.client_trial import ClientTrial, Told
from services.conformance.referee import Referee
from services.conformance.replies import LARGE, Reply
from services.conformance.requests import Request
from services.pki.authority import VirtualResetAuthority

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
    """Somebody at our terminal."""

    def __init__(self, world) -> None:
        self.world = world

    def visit(self, card, passwords: Passwords, new: str, *, stop: bool = False) -> Told:
        world, kiosk = self.world, self.world.kiosk
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
        self.world.clock.advance(timedelta(seconds=20))
        self.world.kiosk.outbox.send()

    def restart(self) -> bool:
        self.world.restart()
        return True


def client_trial(world, hand: KioskHand | None = None) -> ClientTrial:
    """Our terminal, its wire in the referee's hands."""
    authority = VirtualResetAuthority(world.issuance.issuer.directory, world.clock)
    referee = Referee(ORIGIN, TERMINAL, world.key.public_key().public_bytes_raw(), authority, world.clock)
    world.wire = Line(referee, world.clock)
    world.power_on()
    return ClientTrial(referee, hand or KioskHand(world), world.card.contents, Passwords(world.kind, dict(OLD)))
