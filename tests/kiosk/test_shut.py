"""A terminal that may serve nobody: it says why, and whoever stands there already is served to the end."""

import re

import pytest
from kiosk_world import E, S

from kiosk.closed import ERRORS, ClosedReason
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings


def shut(world, reason):
    world.kiosk.inbox.shut(reason)
    return world.kiosk.wait()


def opened(world):
    world.kiosk.inbox.opened()
    return world.kiosk.wait()


@pytest.mark.parametrize("reason", ClosedReason)
def test_each_reason_has_its_own_code_and_words(world, reason):
    assert shut(world, reason) == S.CLOSED
    assert (reason, reason.error.code) == (world.kiosk.screen.closed, world.kiosk.code)
    others = [error.message for other, error in ERRORS.items() if other is not reason]
    assert world.kiosk.screen.fault.message not in others


def test_a_shut_terminal_opens_again(world):
    shut(world, ClosedReason.HOURS)
    assert world.kiosk.touch(E.TOUCH) == S.CLOSED
    assert opened(world) == S.IDLE
    assert world.kiosk.touch(E.TOUCH) == S.SERVICES


def test_whoever_stands_there_is_served_to_the_end(world):
    world.reserve()
    world.to_new_password()
    assert shut(world, ClosedReason.MAINTENANCE) == S.NEW_PASSWORD
    assert world.set_password() == S.DONE
    world.kiosk.touch(E.FINISH)
    world.take()
    assert world.kiosk.touch(E.FINISH) == S.CLOSED
    assert world.kiosk.screen.closed is ClosedReason.MAINTENANCE


def test_a_terminal_that_opened_in_the_meantime_is_not_closed_at_the_end(world):
    world.to_card()
    shut(world, ClosedReason.HOURS)
    opened(world)
    assert world.kiosk.touch(E.CANCEL) == S.IDLE


def test_another_reason_takes_the_place_of_the_first(world):
    shut(world, ClosedReason.SERVER)
    shut(world, ClosedReason.DISK)
    assert world.kiosk.screen.closed is ClosedReason.DISK


def test_the_same_reason_again_leaves_the_screen_as_it_is(world):
    shut(world, ClosedReason.SERVER)
    step = world.kiosk.screen.step
    shut(world, ClosedReason.SERVER)
    assert step == world.kiosk.screen.step


def test_no_touch_shuts_or_opens_a_terminal(world):
    assert world.kiosk.touch(E.SHUT) == S.IDLE
    shut(world, ClosedReason.DISK)
    assert world.kiosk.touch(E.OPENED) == S.CLOSED


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ("06:30-23:00", "6:30から23:00まで。手続きは、22:50までに始めてください。"),
        ("08:00-20:00", "8:00から20:00まで。手続きは、19:50までに始めてください。"),
    ],
)
def test_the_page_tells_the_hours_of_this_terminal_and_until_when_one_may_begin(world, hours, told):
    shut(world, ClosedReason.HOURS)
    page = create_screens(world.kiosk, KioskSettings(hours=hours), world.clock).test_client().get("/").text
    assert told in page
    assert [told] == re.findall(r"[^>]*:\d\d[^<]*", page)


def test_no_other_reason_speaks_of_hours(world):
    shut(world, ClosedReason.DISK)
    page = create_screens(world.kiosk, KioskSettings(), world.clock).test_client().get("/").text
    assert "ご利用時間" not in page
