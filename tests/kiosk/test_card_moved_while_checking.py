"""The card is moved while its password is checked: the session is over, and the screen says how to begin again."""

from datetime import timedelta

import pytest
from kiosk_world import E, S

from kiosk.manner import Manner
from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction_with_data
from services.domain.errors import CardConnectionLost

VERIFY = instruction_with_data(Instruction.VERIFY)


def move_the_card(world, manner=None):
    """The connection tells of it first, the reader a moment later."""
    world.reserve()
    world.plan(Fault(Torn(Moment.BEFORE), matches=VERIFY))
    world.to_card()
    world.put()
    if manner is not None:
        world.kiosk.touch(None, manner=manner)
    assert (S.FAILED, "PR-6004") == (world.kiosk.type(world.other_password), world.kiosk.code)
    assert S.FAILED == world.take()


def test_it_does_not_promise_to_go_on_where_nothing_goes_on(either):
    move_the_card(either)
    assert "はじめから" in either.kiosk.screen.fault.remedy
    assert CardConnectionLost.cost == either.kiosk.screen.fault.cost
    assert S.FAILED == either.put()


def test_whoever_begins_again_gets_there(either):
    move_the_card(either)
    either.kiosk.touch(E.FINISH)
    assert S.DONE == either.visit()


def test_a_card_that_trembles_when_it_is_put_down_may_still_be_put_down_again(world):
    world.to_card()
    world.plan(Fault(Torn(Moment.BEFORE)))
    assert (S.PLACE_CARD, CardConnectionLost.remedy) == (world.put(), world.kiosk.screen.fault.remedy)


@pytest.mark.parametrize("manner", [Manner(slow=True), Manner(voice=True)], ids=str)
def test_who_reads_slowly_or_listens_has_the_whole_time(world, manner):
    move_the_card(world, manner)
    world.clock.advance(timedelta(seconds=50))
    assert S.FAILED == world.kiosk.wait()


def test_anybody_else_is_thanked_when_the_reading_time_is_over(world):
    move_the_card(world)
    world.clock.advance(timedelta(seconds=8))
    assert S.THANKS == world.kiosk.wait()
