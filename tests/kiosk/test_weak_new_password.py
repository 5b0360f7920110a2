"""A new password that others would guess: refused with its reason before it is typed twice, and nothing of it is kept."""

import pytest
from kiosk_world import NEW, OLD, SIGNATURE, USER, S, make_world

from services.card.apdu import Instruction
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState
from services.card.virtual.faults import Fault, Moment, Torn, instruction
from services.pki.birth import birth_in

REASONS = {
    "AAAAA1": "PR-1106",
    "ABC123": "PR-1107",
    "SAKURA1": "PR-1108",
    "KT800217": "PR-1109",
    "KITTE7294": "PR-1110",
}


def type_new(world, entry):
    world.kiosk.type(entry)
    return world.kiosk.code


@pytest.mark.parametrize("entry", REASONS)
def test_a_signature_password_is_refused_with_its_reason(world, entry):
    world.reserve()
    world.to_new_password()
    assert REASONS[entry] == type_new(world, entry)
    assert S.NEW_PASSWORD == world.kiosk.state
    assert world.kiosk.controller._attendant.session.new is None


def test_the_holders_birth_date_is_refused_for_four_digits(tmp_path, issuance):
    world = make_world(tmp_path, issuance, USER)
    world.reserve()
    world.to_new_password()
    birth = birth_in(world.card.contents.jpki.signature.certificate)
    assert "PR-1109" == type_new(world, f"{birth:%m%d}")
    assert S.NEW_PASSWORD_AGAIN == world.kiosk.type(NEW[USER])


def test_a_password_that_may_be_on_the_card_already_is_not_judged_again(world):
    """Taken by an older rule, perhaps: whoever could not type it again could never prove it."""
    world.reserve()
    world.plan(Fault(Torn(Moment.AFTER), matches=instruction(Instruction.RESET_RETRY_COUNTER)))
    assert world.visit() == S.RETURN_CARD
    world.restart()
    world.to_new_password()
    assert world.kiosk.screen.ask_card_first
    assert S.NEW_PASSWORD_AGAIN == world.kiosk.type(OLD[SIGNATURE])


def come_again_after_a_torn_write(world, moment):
    world.reserve()
    world.plan(Fault(Torn(moment), matches=instruction(Instruction.RESET_RETRY_COUNTER)))
    assert S.RETURN_CARD == world.visit()
    world.restart()


@pytest.mark.parametrize("weak", ["AAAAAA1", "SAKURA1", "KT800217"])
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER], ids=str)
def test_what_the_card_does_not_have_is_judged_before_it_is_written(world, weak, moment):
    come_again_after_a_torn_write(world, moment)
    world.to_new_password()
    assert S.NEW_PASSWORD == world.set_password(weak)
    assert REASONS.get(weak, "PR-1106") == world.kiosk.code
    assert (1, None) == (world.calls("/authorisation"), world.kiosk.controller._attendant.session.new)
    assert not world.card_has(weak)
    assert S.DONE == world.set_password()
    assert world.card_has(NEW[SIGNATURE])


def test_a_weak_one_that_the_card_has_is_proved(world):
    come_again_after_a_torn_write(world, Moment.BEFORE)
    contents = world.card.contents
    by_an_older_rule = contents.with_pin(Pin.SIGNATURE, PinState(b"AAAAAA1", 5))
    world.card = VirtualCard(by_an_older_rule, committed=world.faults.committed)
    world.to_new_password()
    assert S.DONE == world.set_password("AAAAAA1")
