"""Our server in this process as the kit meets it, and the same with something wrong in front of it."""

from datetime import timedelta

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kiosk_backend import OLD, ORIGIN
from kiosk_world import TERMINAL

from services.card.virtual.card import VirtualCard
from services.conformance.card import NEW_PASSWORDS, Passwords, PracticeCard
from services.conformance.server_trial import ServerTrial, try_server
from services.conformance.terminal import Terminal
from services.domain.terminal import PlaceClass
from services.pki.policy_signature import PolicySigner
from services.storage.terminals import Terminal as Enrolled
from services.usecases.enrol_terminal import Place, issue_code

SIGNER = PolicySigner(b"p" * 32)
PLACE = Place("駅前店", PlaceClass.STORE, "S-0107", "pilot")


def trial_of(world, app) -> ServerTrial:
    client = httpx.Client(transport=Joining(app))
    heard, key = [], Ed25519PrivateKey.generate()
    object.__setattr__(world.services, "policy_signer", SIGNER)
    world.services.terminals.enrol(Enrolled("kiosk-2", key.public_key().public_bytes_raw(), "二", PlaceClass.STORE))
    first = Terminal(client, ORIGIN, TERMINAL, world.key, Ticking(world.clock), heard)
    second = Terminal(client, ORIGIN, "kiosk-2", key, world.clock, heard)
    card = PracticeCard(VirtualCard(world.card.contents), Passwords(world.kind, dict(OLD)))
    trial = ServerTrial(first, card, NEW_PASSWORDS[world.kind], second)
    trial.enrolment_code = issue_code(world.services.ports, PLACE, by="2001")
    return trial


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
