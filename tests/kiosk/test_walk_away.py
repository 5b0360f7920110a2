"""Whoever goes away, at whatever moment, with or without the card: a foreseen screen, nothing left, then the first screen again."""

from datetime import timedelta

import pytest
from kiosk_world import NEW, E, S

from kiosk.controller import WIPED
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings

# How to get to each screen where somebody may stop: one step after another.
WAY = [
    (S.SERVICES, lambda world: world.kiosk.touch(E.TOUCH)),
    (S.KIND, lambda world: world.kiosk.touch(E.CHOOSE_SERVICE)),
    (S.TERMS, lambda world: world.kiosk.touch(E.CHOOSE_KIND, kind=world.kind)),
    (S.PLACE_CARD, lambda world: world.kiosk.touch(E.AGREE)),
    (S.OTHER_PASSWORD, lambda world: world.put()),
    (S.FOUND, lambda world: world.kiosk.type(world.other_password)),
    (S.NEW_PASSWORD, lambda world: world.kiosk.touch(E.GO_ON)),
    (S.NEW_PASSWORD_AGAIN, lambda world: world.kiosk.type(NEW[world.kind])),
    (S.CONFIRM, lambda world: world.kiosk.type(NEW[world.kind])),
    (S.DONE, lambda world: world.kiosk.touch(E.GO_ON)),
]
STOPS = [state for state, _ in WAY]
WITHOUT_CARD = frozenset({S.SERVICES, S.KIND, S.TERMS, S.PLACE_CARD})


def go_to(world, stop):
    world.reserve()
    for state, step in WAY:
        assert step(world) == state
        if state is stop:
            return


def passwords(world) -> list:
    session = world.kiosk.controller._attendant.session
    return [] if session is None else [one for one in (session.other, session.new) if one is not None]


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_who_stops_is_warned_and_then_the_session_ends_wiped(world, stop):
    go_to(world, stop)
    held = passwords(world)
    left = world.kiosk.screen.seconds_left(world.clock.now())
    world.clock.advance(timedelta(seconds=left - 10))
    assert (stop, 10) == (world.kiosk.wait(), world.kiosk.screen.seconds_left(world.clock.now()))
    world.clock.advance(timedelta(seconds=10))
    assert world.kiosk.wait() in WIPED
    assert [b""] * len(held) == [password.octets for password in held]
    assert world.kiosk.controller._attendant.session is None


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_a_touch_extends_the_time_as_often_as_somebody_wants(world, stop):
    go_to(world, stop)
    whole = world.kiosk.screen.seconds_left(world.clock.now())
    for _ in range(5):
        world.clock.advance(timedelta(seconds=whole - 1))
        assert world.kiosk.touch(None) == stop
    assert whole == world.kiosk.screen.seconds_left(world.clock.now())


@pytest.mark.parametrize("stop", [stop for stop in STOPS if stop not in WITHOUT_CARD], ids=str)
def test_a_card_that_is_taken_ends_the_session_on_a_screen_that_says_so(world, stop):
    go_to(world, stop)
    held = passwords(world)
    world.clock.advance(timedelta(seconds=3))
    shown = world.take()
    assert shown == (S.THANKS if stop is S.DONE else S.FAILED)
    assert [b""] * len(held) == [password.octets for password in held]
    if shown is S.FAILED:
        assert ("PR-6006", True) == (world.kiosk.code, world.kiosk.screen.unchanged)


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_without_any_touch_the_terminal_is_at_its_first_screen_after_three_minutes(world, stop):
    go_to(world, stop)
    world.take()
    for _ in range(180):
        world.clock.advance(timedelta(seconds=1))
        world.kiosk.wait()
    assert S.IDLE == world.kiosk.state
    assert world.kiosk.reader._card is None
    assert world.serves_the_next_person()


@pytest.mark.parametrize("stop", STOPS, ids=str)
def test_no_screen_on_the_way_tells_who_somebody_is(world, stop):
    go_to(world, stop)
    page = create_screens(world.kiosk, KioskSettings(), world.clock).test_client().get("/").text
    personal = [world.card.contents.serial, "練習県", "Renshu"]
    assert [] == [part for part in personal if part in page]
