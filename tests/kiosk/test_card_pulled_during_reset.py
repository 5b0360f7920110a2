"""The card leaves the reader in the middle of the reset. At every other command: tests/simulation."""

import pytest
from kiosk_world import NEW, SIGNATURE, USER, E, S

from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction, instruction_with_data
from services.domain.reservation import ReservationState

WRITE = instruction(Instruction.RESET_RETRY_COUNTER)
MOMENTS = list(Moment)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_card_torn_out_at_the_write_is_asked_for_and_then_settled(either, moment):
    reservation = either.reserve()
    either.plan(Fault(Torn(moment), matches=WRITE))
    assert either.visit() == S.RETURN_CARD
    assert either.state_of(reservation) is ReservationState.RESETTING
    assert either.put() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(NEW[either.kind])


def test_a_write_that_had_succeeded_is_not_done_again(either):
    either.reserve()
    either.plan(Fault(Torn(Moment.AFTER), matches=WRITE))
    either.visit()
    either.put()
    assert either.calls("/authorisation") == 1


def test_a_write_that_had_failed_is_done_again_under_the_same_claim(either):
    either.reserve()
    either.plan(Fault(Torn(Moment.BEFORE), matches=WRITE))
    either.visit()
    either.put()
    assert either.calls("/authorisation") == 2
    assert either.calls("/claims") == 1


def test_whoever_does_not_bring_the_card_back_may_come_another_time(either):
    reservation = either.reserve()
    either.plan(Fault(Torn(Moment.AFTER), matches=WRITE))
    either.visit()
    either.clock.advance(either.kiosk.controller._limits.card_return)
    assert either.kiosk.wait() == S.FAILED
    assert either.kiosk.code == "PR-2008"
    assert either.kiosk.screen.doubt
    either.kiosk.outbox.send()
    assert either.state_of(reservation) is ReservationState.UNKNOWN
    either.kiosk.touch(E.FINISH)
    assert either.visit() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(NEW[either.kind])


def test_another_password_at_the_next_visit_is_the_one_that_counts(either):
    reservation = either.reserve()
    either.plan(Fault(Torn(Moment.AFTER), matches=WRITE))
    either.visit()
    either.kiosk.touch(E.CANCEL)
    either.kiosk.touch(E.FINISH)
    other = {SIGNATURE: "OTHER123", USER: "7391"}[either.kind]
    assert either.visit(other) == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(other)


def test_a_torn_question_for_the_password_may_cost_a_try_and_the_screen_says_how_many_are_left(world):
    world.reserve()
    verify = instruction_with_data(Instruction.VERIFY)
    world.plan(Fault(Torn(Moment.AFTER_COMMIT), matches=verify))
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == "PR-6004"
    world.kiosk.touch(E.FINISH)
    world.to_card()
    world.put()
    assert world.kiosk.screen.tries_left == world.tries(USER) == 2
