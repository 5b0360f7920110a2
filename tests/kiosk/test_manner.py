"""Language and presentation: chosen at any time, kept for the session, forgotten with it."""

from datetime import timedelta

import pytest
from kiosk_world import NEW, E, S

from kiosk.inbox import Happening
from kiosk.limits import Limits
from kiosk.manner import PLAIN, Manner
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings

OWN = "http://127.0.0.1:8090"


def choose(world, **choices):
    manner = world.kiosk.screen.manner.with_choices(choices)
    world.kiosk.tell(Happening(None, step=world.kiosk.screen.step, manner=manner))
    return world.kiosk.screen.manner


def test_a_choice_is_kept_until_the_session_ends(world):
    world.reserve()
    world.to_card()
    choose(world, large="on", contrast="on")
    world.put()
    world.open_card()
    assert world.set_password() == S.DONE
    world.take()
    world.clock.advance(timedelta(seconds=3))
    assert world.kiosk.screen.manner == Manner(large=True, contrast=True)
    world.kiosk.touch(E.FINISH)
    world.take()
    world.kiosk.touch(E.FINISH)
    assert (S.IDLE, PLAIN) == (world.kiosk.state, world.kiosk.screen.manner)


def test_a_choice_leaves_the_screen_and_what_was_chosen_before(world):
    world.to_card()
    step = world.kiosk.screen.step
    choose(world, large="on")
    choose(world, slow="on")
    assert (Manner(large=True, slow=True), step) == (choose(world, large="maybe", other="on"), world.kiosk.screen.step)


def test_a_choice_on_the_first_screen_is_forgotten_when_nobody_goes_on(world):
    choose(world, large="on")
    world.clock.advance(Limits().idle)
    assert (S.IDLE, PLAIN) == (world.kiosk.wait(), world.kiosk.screen.manner)


def test_an_unknown_language_is_no_choice(world):
    assert choose(world, language="../../etc") == PLAIN


@pytest.mark.parametrize("choice", ["slow", "voice"])
def test_who_is_slow_or_listens_has_twice_every_time(world, choice):
    world.reserve()
    choose(world, **{choice: "on"})
    world.to_card()
    limits = {S.PLACE_CARD: world.kiosk.screen.seconds_left(world.clock.now())}
    world.put()
    world.open_card()
    limits[S.NEW_PASSWORD] = world.kiosk.screen.seconds_left(world.clock.now())
    world.kiosk.type(NEW[world.kind])
    world.kiosk.type(NEW[world.kind])
    world.kiosk.touch(E.GO_ON)
    limits[S.DONE] = world.kiosk.screen.seconds_left(world.clock.now())
    assert {S.PLACE_CARD: 120, S.NEW_PASSWORD: 120, S.DONE: 120} == limits


@pytest.mark.parametrize(("choice", "told"), [({"large": "on"}, "ja large"), ({"large": "off"}, "ja"), ({}, "ja")])
def test_a_post_chooses_and_the_page_says_so(world, choice, told):
    client = create_screens(world.kiosk, KioskSettings(), world.clock).test_client()
    client.post("/manner", data={"step": world.kiosk.screen.step, **choice}, base_url=OWN)
    assert told == client.get("/state", base_url=OWN).json["manner"]
    assert f'data-manner="{told}"' in client.get("/", base_url=OWN).text
