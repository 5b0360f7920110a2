"""Our server passes the kit; servers with one fault each do not, and for that very reason."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from kiosk_backend import application
from server_under_test import Fault, results
from verdict import failed

from services.conformance.report import Outcome, conforms


def test_our_server_conforms(world):
    found = results(world, application(world.services))
    assert failed(found) == {}
    assert {one.outcome for one in found} == {Outcome.PASSED}


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
