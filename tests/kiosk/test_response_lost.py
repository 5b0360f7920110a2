"""A request or its answer is lost on the way, or the server is away for a while."""

from datetime import timedelta

import pytest
from kiosk_world import NEW, OLD, E, S

from kiosk.inbox import Happening
from kiosk.patience import PATIENCE
from services.domain.reservation import ReservationState
from services.usecases.suspend import revoke

CALLS = ["/challenges", "/claims", "/authorisation", "/completion"]


@pytest.mark.parametrize("part", ["request", "answer"])
@pytest.mark.parametrize("call", CALLS)
def test_a_lost_question_or_answer_is_asked_again(either, call, part):
    reservation = either.reserve()
    either.wire.lose_first(call, part, times=2)
    assert either.visit() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(NEW[either.kind])
    assert either.calls("/claims") == (3 if call == "/claims" else 1)


@pytest.mark.parametrize("call", CALLS[1:])
def test_what_is_asked_again_is_the_same_to_the_byte(either, call):
    either.reserve()
    either.wire.lose_first(call, "answer", times=3)
    either.visit()
    bodies = [body for path, body in either.wire.sent if path.endswith(call)]
    assert len(bodies) == 4
    assert len(set(bodies)) == 1


def test_the_terminal_waits_a_minute_and_then_says_so(world):
    world.reserve()
    world.wire.cut()
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == "PR-7004"
    assert timedelta(seconds=45) < world.paused <= PATIENCE
    assert world.card_has(OLD[world.kind])


def test_the_screen_says_checking_while_the_terminal_waits(world):
    seen = []
    world.reserve()
    world.wire.cut()
    world.on_pause = lambda: seen.append(world.kiosk.screen)
    world.to_new_password()
    assert {screen.state for screen in seen} == {S.CHECKING}


def test_whoever_does_not_want_to_wait_may_stop(world):
    world.reserve()
    world.wire.cut()

    def stop() -> None:
        if world.paused > timedelta(seconds=5):
            world.kiosk.inbox.post(Happening(E.CANCEL, step=world.kiosk.screen.step))
            world.on_pause = lambda: None

    world.on_pause = stop
    assert world.to_new_password() == S.REMOVE_CARD
    assert world.paused < timedelta(seconds=6)


def test_a_card_taken_while_the_terminal_waits_ends_the_session(world):
    reservation = world.reserve()
    world.wire.lose = lambda path: "request" if path.endswith("/claims") else None

    def pull() -> None:
        if world.paused > timedelta(seconds=3):
            world.slot.remove()
            world.kiosk.reader.look()
            world.on_pause = lambda: None

    world.on_pause = pull
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == "PR-6006"
    assert world.state_of(reservation) is ReservationState.RESERVED


def test_a_card_taken_while_the_authorisation_is_waited_for_is_asked_back(world):
    reservation = world.reserve()
    world.to_new_password()
    world.wire.lose = lambda path: "request" if path.endswith("/authorisation") else None

    def pull() -> None:
        world.slot.remove()
        world.kiosk.reader.look()
        world.on_pause = lambda: None

    world.on_pause = pull
    assert world.set_password() == S.RETURN_CARD
    world.wire.mend()
    assert world.put() == S.DONE
    assert world.state_of(reservation) is ReservationState.COMPLETED


def test_an_answer_that_is_lost_after_the_nonce_was_spent_is_asked_for_with_the_same_claim(world):
    world.reserve()
    world.wire.lose_first("/claims", "answer", times=1)
    assert world.to_new_password() == S.NEW_PASSWORD
    assert world.kiosk.screen.deadline == "2026/11/22 09:00"


def test_a_slow_typist_outlives_the_lease_and_gets_there(either):
    reservation = either.reserve()
    either.to_new_password()
    for _ in range(5):
        either.clock.advance(timedelta(seconds=50))
        either.kiosk.type("x")
    assert either.set_password() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.calls("/claims") == 2


def test_a_terminal_whose_key_is_revoked_says_so(world):
    revoke(world.services.ports, "kiosk-1", by="2001", why="盗難の届出")
    world.reserve()
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == "PR-3407"
