"""An earlier session may have changed the card, and nobody knows: no screen of a later one says that it was not changed."""

from datetime import timedelta

import pytest
from kiosk_world import NEW, SIGNATURE, USER, E, S

from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction
from services.domain.errors import NOTHING_USED, ONE_TRY_USED

ANOTHER = {SIGNATURE: "OTHER193", USER: "7391"}


def come_again_after_a_torn_write(world, after=timedelta(0)):
    """The card was changed and torn out, the power went; the holder is asked for that password again."""
    world.reserve()
    world.plan(Fault(Torn(Moment.AFTER), matches=instruction(Instruction.RESET_RETRY_COUNTER)))
    assert world.visit() == S.RETURN_CARD
    world.restart()
    world.clock.advance(after)
    assert world.to_new_password() == S.NEW_PASSWORD
    assert world.kiosk.screen.ask_card_first


def assert_ended_in_doubt(world, code):
    screen = world.kiosk.screen
    assert (S.FAILED, code, True, False) == (world.kiosk.state, world.kiosk.code, screen.doubt, screen.unchanged)
    assert world.card_has(NEW[world.kind])


@pytest.mark.parametrize("typed", [0, 1, 2], ids=["new_password", "again", "confirm"])
def test_whoever_pulls_the_card_before_it_was_asked_is_not_told_that_it_is_unchanged(either, typed):
    come_again_after_a_torn_write(either)
    for _ in range(typed):
        either.kiosk.type(NEW[either.kind])
    either.take()
    assert_ended_in_doubt(either, "PR-2008")


def test_whoever_types_another_one_after_the_deadline_is_not_told_so(either):
    come_again_after_a_torn_write(either, after=timedelta(hours=24))
    either.set_password(ANOTHER[either.kind])
    assert_ended_in_doubt(either, "PR-5005")


def test_whoever_meets_a_dead_line_is_not_told_so(either):
    come_again_after_a_torn_write(either)
    either.wire.cut()
    either.set_password(ANOTHER[either.kind])
    assert_ended_in_doubt(either, "PR-7004")


@pytest.mark.parametrize("typed", ["right", "another"])
def test_what_the_question_to_the_card_cost_is_on_the_screen(either, typed):
    come_again_after_a_torn_write(either)
    either.wire.cut()
    tries = either.tries(either.kind)
    either.set_password({"right": NEW, "another": ANOTHER}[typed][either.kind])
    used = tries - either.tries(either.kind)
    if typed == "right":
        assert (S.DONE, 0) == (either.kiosk.state, used)
    else:
        assert (S.FAILED, 1, ONE_TRY_USED) == (either.kiosk.state, used, either.kiosk.screen.fault.cost)


def test_a_weak_guess_that_the_card_denied_cost_a_try_and_a_malformed_one_after_it_nothing(world):
    come_again_after_a_torn_write(world)
    world.set_password("AAAAAA1")
    assert (4, "PR-1106", ONE_TRY_USED) == (world.tries(SIGNATURE), world.kiosk.code, world.kiosk.screen.fault.cost)
    world.kiosk.type("AAA")
    assert ("PR-1101", NOTHING_USED) == (world.kiosk.code, world.kiosk.screen.fault.cost)
    world.take()
    assert (S.FAILED, ONE_TRY_USED) == (world.kiosk.state, world.kiosk.screen.fault.cost)


def test_a_card_that_was_not_asked_costs_nothing(world):
    come_again_after_a_torn_write(world)
    world.take()
    assert (5, NOTHING_USED) == (world.tries(SIGNATURE), world.kiosk.screen.fault.cost)


def test_once_it_is_proved_nothing_is_in_doubt(either):
    come_again_after_a_torn_write(either)
    assert S.DONE == either.set_password()
    assert not either.kiosk.screen.doubt
    either.kiosk.touch(E.FINISH)
