"""Our server passes the kit; servers with one fault each do not, and for that very reason."""

from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kiosk_backend import OLD, ORIGIN, application
from kiosk_world import TERMINAL

from services.card.virtual.card import VirtualCard
from services.conformance.card import Passwords, PracticeCard
from services.conformance.report import Outcome, conforms
from services.conformance.server_trial import ServerTrial, try_server
from services.conformance.terminal import Terminal
from services.storage.terminals import PlaceClass
from services.storage.terminals import Terminal as Enrolled


def trial_of(world, app) -> ServerTrial:
    client = httpx.Client(transport=Joining(app))
    heard, key = [], Ed25519PrivateKey.generate()
    world.services.terminals.enrol(Enrolled("kiosk-2", key.public_key().public_bytes_raw(), "二", PlaceClass.STORE))
    first = Terminal(client, ORIGIN, TERMINAL, world.key, Ticking(world.clock), heard)
    second = Terminal(client, ORIGIN, "kiosk-2", key, world.clock, heard)
    card = PracticeCard(VirtualCard(world.card.contents), Passwords(world.kind, dict(OLD)))
    new = {"signature": ("KITTE77", "FUNE4321X"), "user_authentication": ("8052", "6194")}[world.kind.value]
    return ServerTrial(first, card, new, second)


class Ticking:
    """The world's clock, which moves on by itself: no two requests are of one instant."""

    def __init__(self, clock) -> None:
        self._clock = clock

    def now(self):
        self._clock.advance(timedelta(milliseconds=1))
        return self._clock.now()


class Joining(httpx.BaseTransport):
    """Hands header fields that are there twice on as one, joined by commas, as WSGI servers do."""

    def __init__(self, app) -> None:
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request):
        joined = {name: ",".join(request.headers.get_list(name)) for name in request.headers}
        return self._inner.handle_request(
            httpx.Request(request.method, request.url, headers=joined, content=request.read())
        )


def results(world, app) -> list:
    world.reserve()
    return list(try_server(trial_of(world, app)))


def failed(found) -> dict[str, str]:
    return {one.requirement.number: one.why for one in found if one.outcome is Outcome.FAILED}


def test_our_server_conforms(world):
    found = results(world, application(world.services))
    assert failed(found) == {}
    assert {one.outcome for one in found} == {Outcome.PASSED}


class Fault:
    """Our server with something wrong in front of it."""

    def __init__(self, app) -> None:
        self._app = app

    def __call__(self, environ, start_response):
        answer = []
        octets = b"".join(self._app(environ, lambda status, headers, _=None: answer.extend((status, headers))))
        status, headers, octets = self.change(environ["PATH_INFO"], answer[0], dict(answer[1]), octets)
        headers["Content-Length"] = str(len(octets))
        start_response(status, list(headers.items()))
        return [octets]


class KeepsAnswers(Fault):
    """Says that answers may be kept."""

    def change(self, path, status, headers, octets):
        return status, {**headers, "Cache-Control": "max-age=60"}, octets


class AnswersInPages(Fault):
    """Refuses with a page for people."""

    def change(self, path, status, headers, octets):
        if status.startswith("200"):
            return status, headers, octets
        return status, {**headers, "Content-Type": "text/html"}, b"<h1>no</h1>"


class KnowsNoLate(Fault):
    """Takes late evidence for good: the resident is told a password that the card no longer has."""

    def change(self, path, status, headers, octets):
        return status, headers, octets.replace(b'"state":"late"', b'"state":"completed"')


class CompletesOnce(Fault):
    """Refuses the second time what it has completed."""

    done = False

    def change(self, path, status, headers, octets):
        if not (path.endswith("/completion") and b'"state":"completed"' in octets):
            return status, headers, octets
        again, self.done = self.done, True
        return ("409 CONFLICT" if again else status), headers, octets


def forgets_requests(world):
    world.services.terminals.remember = lambda *_: None
    return application(world.services)


def lets_everybody_win(world):
    """The moment at which a nonce was issued is not asked for."""
    app = application(world.services)
    ledger = world.services.ports.ledger
    begin = ledger.begin

    @contextmanager
    def lenient():
        with begin() as unit:
            consume = unit.consume_nonce
            unit.consume_nonce = lambda *args, at, **more: (consume(*args, at=at, **more), at + timedelta(seconds=1))[1]
            yield unit

    ledger.begin = lenient
    return app


BROKEN = {
    "forgets-requests": (forgets_requests, {"S-08", "S-09"}),
    "lets-everybody-win": (lets_everybody_win, {"S-20"}),
    "keeps-answers": (lambda world: KeepsAnswers(application(world.services)), {"S-34"}),
    "answers-in-pages": (lambda world: AnswersInPages(application(world.services)), {"S-33"}),
    "knows-no-late": (lambda world: KnowsNoLate(application(world.services)), {"S-30"}),
    "completes-once": (lambda world: CompletesOnce(application(world.services)), {"S-31"}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_server_fails_for_its_own_reason(world, name):
    broken, numbers = BROKEN[name]
    found = results(world, broken(world))
    assert numbers <= failed(found).keys()
    assert not conforms(found)
