"""The last try of the other password is used only with the holder's explicit yes."""

import pytest
from kiosk_world import OLD, SIGNATURE, USER, E, S

from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction, instruction_with_data
from services.domain.errors import NOTHING_USED, ONE_TRY_USED, PreviousResultPending

WRONG = {SIGNATURE: "WRONG999", USER: "9990"}


def to_the_last_try(world):
    """Wrong entries until one try is left."""
    world.reserve()
    world.to_card()
    world.put()
    while world.kiosk.screen.tries_left > 1:
        world.kiosk.type(WRONG[world.kind.other])
    assert world.tries(world.kind.other) == 1


def test_the_tries_are_shown_before_the_password_is_asked_for(either):
    either.to_card()
    assert either.put() == S.OTHER_PASSWORD
    assert either.kiosk.screen.tries_left == {SIGNATURE: 5, USER: 3}[either.kind.other]


def test_the_last_try_is_not_used_without_a_yes(either):
    to_the_last_try(either)
    assert either.kiosk.type(OLD[either.kind.other]) == S.OTHER_PASSWORD
    assert either.kiosk.code == "PR-2006"
    assert either.tries(either.kind.other) == 1


def test_with_a_yes_and_the_right_password_the_tries_are_back(either):
    to_the_last_try(either)
    assert either.kiosk.type(OLD[either.kind.other], last_try=True) == S.FOUND
    assert either.tries(either.kind.other) == {SIGNATURE: 5, USER: 3}[either.kind.other]


def test_with_a_yes_and_a_wrong_password_it_is_locked_and_the_screen_says_which(either):
    to_the_last_try(either)
    assert either.kiosk.type(WRONG[either.kind.other], last_try=True) == S.FAILED
    assert either.kiosk.code == "PR-4003"
    assert either.kiosk.screen.fault.kind == either.kind.other.label
    assert either.kiosk.screen.fault.cost == ONE_TRY_USED


def test_locked_before_it_costs_nothing_and_the_advice_is_the_same(either):
    to_the_last_try(either)
    either.kiosk.type(WRONG[either.kind.other], last_try=True)
    locked_now = either.kiosk.screen.fault
    either.kiosk.touch(E.FINISH)
    either.take()
    either.to_card()
    assert either.put() == S.FAILED
    before = either.kiosk.screen.fault
    assert ("PR-4001", NOTHING_USED) == (before.code, before.cost)
    assert (locked_now.remedy, locked_now.helper) == (before.remedy, before.helper)


def test_a_yes_that_was_given_before_is_not_kept_for_the_next_entry(either):
    to_the_last_try(either)
    either.kiosk.type("ひらがな", last_try=True)
    assert either.kiosk.type(OLD[either.kind.other]) == S.OTHER_PASSWORD
    assert either.tries(either.kind.other) == 1


@pytest.mark.parametrize(
    "entry", ["", " ", "1", "12345", "１２３", "abcd", "12 34", "ABC12", "A" * 17, "ABC-123", "あいうえお", "1" * 100]
)
def test_a_malformed_entry_costs_nothing(either, entry):
    either.to_card()
    either.put()
    before = either.tries(either.kind.other)
    assert either.kiosk.type(entry) == S.OTHER_PASSWORD
    assert either.kiosk.code == "PR-1101"
    assert either.tries(either.kind.other) == before


def test_full_width_and_lower_case_are_what_was_meant(world):
    world.kind = USER
    world.reserve()
    world.to_card()
    world.put()
    assert world.kiosk.type(" ｈako３５８ ") == S.FOUND


def test_a_card_that_comes_back_with_one_try_left_is_not_put_at_risk(world):
    """The password was right, but each torn VERIFY may have cost a try: the last one is the holder's to risk."""
    world.reserve()
    verify = instruction_with_data(Instruction.VERIFY)
    world.plan(Fault(Torn(Moment.BEFORE), matches=instruction(Instruction.RESET_RETRY_COUNTER)))
    assert world.visit() == S.RETURN_CARD
    for expected in (2, 1):
        world.plan(Fault(Torn(Moment.AFTER_COMMIT), matches=verify))
        assert world.put() == S.RETURN_CARD
        assert world.tries(USER) == expected
    assert world.put() == S.FAILED
    assert world.kiosk.code == "PR-2006"
    assert world.kiosk.screen.doubt
    assert world.kiosk.screen.fault.remedy == PreviousResultPending.remedy, "the box to tick is on another screen"
    assert world.tries(USER) == 1
    world.kiosk.touch(E.FINISH)
