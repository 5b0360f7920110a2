"""Our terminal passes the kit; terminals with one fault each do not, and for that very reason."""

import httpx
import pytest
from kiosk_hand import KioskHand, Line, client_trial
from verdict import failed

from services.conformance.card import NEW_PASSWORDS
from services.conformance.client_trial import Told, try_client
from services.conformance.report import Outcome, conforms
from services.domain.password import PasswordKind


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_our_terminal_conforms(world, kind):
    world.kind = kind
    found = list(try_client(client_trial(world)))
    assert failed(found) == {}
    assert {one.outcome for one in found} == {Outcome.PASSED}


# ── Terminals with one fault each ───────────────────────────────────────────────────────────────────────────────────


class Faulty(Line):
    """A line on which our terminal looks like a worse one."""

    def change(self, request: httpx.Request) -> httpx.Request:
        return request

    def handle_request(self, request):
        return super().handle_request(self.change(request))


class Follows(Faulty):
    """Goes wherever it is sent."""

    def handle_request(self, request):
        answer = super().handle_request(request)
        if answer.status_code != 307:
            return answer
        there = httpx.Request("POST", request.url.join(answer.headers["location"]), content=request.read())
        return super().handle_request(there)


class Tells(Faulty):
    """Adds what was typed, for the help desk."""

    def change(self, request):
        return httpx.Request(
            request.method,
            request.url,
            content=request.read(),
            headers={**request.headers, "X-Debug": NEW_PASSWORDS[PasswordKind.SIGNATURE][0]},
        )


class SignsOnce(Faulty):
    """Sends a repeated question with the signature of the first."""

    def __init__(self, *given) -> None:
        super().__init__(*given)
        self._signed = {}

    def change(self, request):
        body = request.read()
        headers = self._signed.setdefault((request.url.path, body), request.headers)
        return httpx.Request(request.method, request.url, content=body, headers=headers)


class TellsEarly(KioskHand):
    """Says that it is done when the card has changed, and forgets the evidence."""

    def visit(self, card, passwords, new, *, stop=False):
        told = super().visit(card, passwords, new, stop=stop)
        return Told.DONE if not stop and self.changed(card, passwords) else told

    def changed(self, card, passwords):
        return any(state.value == NEW_PASSWORDS[passwords.kind][0].encode() for state in card.contents.pins.values())


class Forgets(KioskHand):
    """Keeps nothing on its disk."""

    def wait(self):
        for record in self.world.kiosk.journal.records():
            self.world.kiosk.journal.forget(record.claim_id)
        super().wait()


class KeepsTheReservation(KioskHand):
    """Whoever gives up there takes the reservation along."""

    def wait(self):
        for record in self.world.kiosk.journal.records():
            if record.step == "dead":
                self.world.kiosk.journal.forget(record.claim_id)
        super().wait()


class ClaimsAnew(KioskHand):
    """Makes a new claim for each question."""

    def visit(self, card, passwords, new, *, stop=False):
        server = self.world.kiosk.controller._bench.server
        make, claim = self.world.kiosk.controller._bench.new_claim_id, type(server).claim
        server.claim = lambda _, kind, nonce, proof: claim(server, make(), kind, nonce, proof)
        return super().visit(card, passwords, new, stop=stop)


LINES = {Follows: {"C-09"}, Tells: {"C-22"}, SignsOnce: {"C-18"}}
HANDS = {TellsEarly: {"C-15"}, Forgets: {"C-12"}, KeepsTheReservation: {"C-16"}, ClaimsAnew: {"C-03"}}


@pytest.mark.parametrize("line", LINES)
def test_a_terminal_with_a_fault_on_its_line_fails_for_that(world, line):
    found = list(try_client(client_trial(world, line=line)))
    assert LINES[line] <= failed(found).keys()
    assert not conforms(found)


@pytest.mark.parametrize("hand", HANDS)
def test_a_terminal_that_does_the_wrong_thing_fails_for_that(world, hand):
    found = list(try_client(client_trial(world, hand(world))))
    assert HANDS[hand] <= failed(found).keys()
    assert not conforms(found)
