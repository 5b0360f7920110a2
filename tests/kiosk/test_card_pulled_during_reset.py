"""The card leaves the reader in the middle of the reset, at every command that it can leave at."""

import pytest
from kiosk_world import NEW, SIGNATURE, USER, E, S

from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction, instruction_with_data
from services.domain.reservation import ReservationState

WRITE = instruction(Instruction.RESET_RETRY_COUNTER)
MOMENTS = list(Moment)


def telling(command: bytes) -> bool:
    """Every command but READ BINARY: a card torn out while it is read is like one torn out at the SELECT before."""
    return command[1] != Instruction.READ_BINARY


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


def password(kind, number: int) -> str:
    return {SIGNATURE: f"KITTE{number}", USER: f"{number * 47 % 1000:03}3"}[kind]


def commands_of_a_visit(world) -> int:
    """How many commands the card gets from the first to the last."""
    counted = []
    world.reserve()
    world.plan(Fault(Torn(Moment.BEFORE), matches=lambda command: counted.append(command) is not None))
    assert world.visit() == S.DONE
    leave(world)
    return sum(telling(command) for command in counted)


def leave(world) -> None:
    world.kiosk.touch(E.FINISH)
    world.take()
    assert world.kiosk.state == S.THANKS


def persevere(world, new: str) -> S:
    """A holder who does what the screen asks for, and begins again once."""
    result = world.visit(new)
    if result == S.PLACE_CARD:
        world.put()
        world.open_card()
        result = world.set_password(new)
    if result == S.RETURN_CARD:
        result = world.put()
    if result == S.FAILED:
        leave(world)
        result = world.visit(new)
    return result


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_at_whatever_command_the_card_is_torn_out_the_resident_gets_there(either, moment):
    total = commands_of_a_visit(either)
    assert total >= 30
    for nth in range(1, total + 1):
        new = password(either.kind, nth)
        reservation = either.reserve()
        either.plan(Fault(Torn(moment), nth, telling))
        result = persevere(either, new)
        assert result == S.DONE, f"command {nth}: {result} {either.kiosk.code}"
        assert either.state_of(reservation) is ReservationState.COMPLETED
        assert either.card_has(new)
        leave(either)
        either.kiosk.outbox.send()


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
