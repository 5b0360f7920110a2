"""Locked, absent and wrong are three things, and the screen says which password it is."""

from dataclasses import replace

import pytest
from kiosk_world import OLD, SIGNATURE, USER, S

from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState

PINS = {SIGNATURE: Pin.SIGNATURE, USER: Pin.USER_AUTHENTICATION}


def with_tries(world, kind, tries):
    contents = world.card.contents
    locked = contents.with_pin(PINS[kind], PinState(contents.pins[PINS[kind]].value, tries))
    world.card = VirtualCard(locked, committed=world.faults.committed)


def test_wrong_says_how_many_tries_are_left_and_of_which_password(either):
    either.to_card()
    either.put()
    wrong = {SIGNATURE: "WRONG999", USER: "9990"}[either.kind.other]
    assert either.kiosk.type(wrong) == S.OTHER_PASSWORD
    assert either.kiosk.code == "PR-3601"
    assert either.kiosk.screen.fault.kind == either.kind.other.label
    assert (
        either.kiosk.screen.tries_left == either.tries(either.kind.other) == {SIGNATURE: 4, USER: 2}[either.kind.other]
    )


def test_a_locked_other_password_is_said_before_anything_is_asked(either):
    with_tries(either, either.kind.other, 0)
    either.to_card()
    assert either.put() == S.FAILED
    assert either.kiosk.code == "PR-4001"
    assert either.kiosk.screen.fault.kind == either.kind.other.label


def test_a_locked_password_is_what_the_reset_is_for(either):
    with_tries(either, either.kind, 0)
    either.reserve()
    assert either.visit() == S.DONE
    assert either.tries(either.kind) == either.kind.rule.tries


@pytest.mark.parametrize("kind", [SIGNATURE, USER], ids=str)
def test_an_absent_certificate_is_not_a_locked_password(world, kind):
    world.kind = kind
    contents = world.card.contents
    world.card = VirtualCard(replace(contents, jpki=replace(contents.jpki, signature=None)))
    world.to_card()
    assert world.put() == S.FAILED
    assert world.kiosk.code == "PR-5003"
    assert world.kiosk.screen.fault.kind == SIGNATURE.label


@pytest.mark.parametrize("entry", ["AAAAAA1", "111111A", "A1A1A1"])
def test_a_weak_password_is_refused_before_it_is_typed_twice(world, entry):
    world.reserve()
    world.to_new_password()
    assert world.kiosk.type(entry) == S.NEW_PASSWORD
    assert world.kiosk.code == "PR-1106"


def test_two_different_entries_are_both_asked_for_again(either):
    either.reserve()
    either.to_new_password()
    first, second = {SIGNATURE: ("FIRST111", "FIRST112"), USER: ("1597", "1598")}[either.kind]
    assert either.kiosk.type(first) == S.NEW_PASSWORD_AGAIN
    assert either.kiosk.type(second) == S.NEW_PASSWORD
    assert either.kiosk.code == "PR-1102"
    assert either.set_password() == S.DONE


def test_a_new_password_may_be_the_old_one(either):
    either.reserve()
    either.to_new_password()
    assert either.set_password(OLD[either.kind]) == S.DONE
