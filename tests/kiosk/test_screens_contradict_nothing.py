"""What a screen says in one place is not denied in another."""

import pytest
from kiosk_world import NOW, E, S
from screen_gallery import ScriptedFront, at, failed

from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from services.clock import ManualClock
from services.domain.errors import PasswordLocked, ReservationExpired, ReservationUsed, catalogue

STILL_RESERVED, USED_UP = "予約は有効期限まで残っています", "この予約は使い終わりました"
# Said where nothing was changed, or where the session goes on.
MISLEADING = ("変更していません", "もう一度置いて", "もう一度カードを置いて", "印を付けて")


def page_of(screen) -> str:
    return create_screens(ScriptedFront(screen), KioskSettings(), ManualClock(NOW)).test_client().get("/").text


def test_in_doubt_no_remedy_says_that_nothing_was_changed_or_speaks_of_another_screen():
    met = [error for error in catalogue() if not error.__subclasses__()]
    remedies = {error.code: failed(error(), doubt=True).fault.remedy for error in met}
    assert [] == [code for code, remedy in remedies.items() if any(words in remedy for words in MISLEADING)]


def test_in_doubt_a_locked_card_is_still_sent_to_the_counter():
    assert "市区町村窓口" in failed(PasswordLocked(), doubt=True).fault.remedy


def test_in_doubt_an_expired_reservation_is_not_said_to_be_still_there():
    page = page_of(failed(ReservationExpired(expired_at="2026/11/21 09:00"), doubt=True))
    assert "変更された可能性があります" in page
    assert STILL_RESERVED not in page


@pytest.mark.parametrize("pending", [False, True])
def test_a_reservation_is_used_up_when_the_server_knows(pending):
    assert pending != (USED_UP in page_of(at(S.DONE, pending=pending)))


def test_a_reset_that_is_completed_already_is_not_called_unchanged(world):
    world.reserve()
    assert S.DONE == world.visit()
    world.kiosk.touch(E.FINISH)
    world.take()
    world.to_card()
    world.put()
    assert S.FAILED == world.kiosk.type(world.other_password)
    assert (ReservationUsed.code, False) == (world.kiosk.code, world.kiosk.screen.unchanged)
