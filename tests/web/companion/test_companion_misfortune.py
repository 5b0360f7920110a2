"""What each card, each pull and each answer of the server leads to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from companion_desk import PIN, SERVER, make_desk, make_server

from reset_app.companion.visit import Screen
from services.card.apdu import StatusWord
from services.card.virtual.contents import Pin
from services.card.virtual.faults import (
    Fault,
    FaultScript,
    Moment,
    Torn,
    WrongStatus,
    instruction,
    instruction_with_data,
)
from services.domain.intake import CardSessionState
from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
VERIFY, SIGN, SELECT, READ = 0x20, 0x2A, 0xA4, 0xB0
BACK = ("back", f"{SERVER}/card/return")


def without_signature(contents):
    return replace(contents, jpki=replace(contents.jpki, signature=None))


def locked(pin):
    return lambda contents: contents.with_pin(pin, replace(contents.pins[pin], tries_left=0))


@pytest.mark.parametrize(
    ("kind", "change", "code", "words"),
    [
        (
            SIGNATURE,
            locked(Pin.USER_AUTHENTICATION),
            "PR-4001",
            "利用者証明用パスワードがロックされています",
        ),
        (USER, locked(Pin.SIGNATURE), "PR-4001", "署名用パスワードがロックされています"),
        (
            USER,
            without_signature,
            "PR-5003",
            "【署名用パスワード】このカードには、対象の電子証明書が搭載されていません",
        ),
        (
            SIGNATURE,
            without_signature,
            "PR-5003",
            "【署名用パスワード】このカードには、対象の電子証明書が搭載されていません",
        ),
    ],
    ids=["locked PIN", "locked password", "absent other", "absent target"],
)
def test_absent_and_locked_are_told_apart_and_which_password_it_is(desk, kind, change, code, words):
    desk.lay(change(desk.card.contents))
    desk.to_password(kind)
    assert desk.shown() == ("failed", code)
    assert words in desk.page()
    assert (desk.session().state, desk.session().failure) == (CardSessionState.FAILED, code)


def test_the_password_to_be_reset_may_be_locked_that_is_what_the_service_is_for(desk):
    desk.lay(locked(Pin.SIGNATURE)(desk.card.contents))
    desk.to_password(SIGNATURE)
    desk.press("password", {"password": PIN})
    assert desk.shown() == BACK


@pytest.mark.parametrize(("left", "shown"), [(10, "PR-3602"), (2, "PR-3602"), (0, "PR-4002")])
def test_a_wrong_card_front_costs_no_try_of_the_password(desk, left, shown):
    desk.leave_tries(Pin.VISUAL_NUMBER_B, left)
    other = "0000" if desk.issued.front.security_code != "0000" else "1111"
    desk.to_password(front=replace(desk.issued.front, security_code=other))
    desk.press("password", {"password": PIN})
    assert (desk.shown(), desk.tries(USER)) == (("failed", shown), 3)
    assert desk.card.contents.pins[Pin.VISUAL_NUMBER_B].tries_left == max(0, left - 1)
    assert (f"あと{left - 1}回" in desk.page()) is (left > 0)
    assert desk.session().failure == shown


def test_the_last_try_of_the_card_front_needs_a_yes_too(desk):
    desk.leave_tries(Pin.VISUAL_NUMBER_B, 1)
    desk.to_password()
    desk.press("password", {"password": PIN})
    assert desk.shown() == ("password", "PR-2006")
    desk.press("password", {"password": PIN, "sure": "yes"})
    assert desk.shown() == BACK


@pytest.mark.parametrize("command", [SELECT, VERIFY, SIGN, READ])
@pytest.mark.parametrize("moment", list(Moment))
def test_a_card_that_is_pulled_while_it_is_read_can_be_put_back(desk, command, moment):
    desk.to_password()
    script = FaultScript([Fault(Torn(moment), matches=instruction(command))])
    desk.lay(desk.card.contents, script.around)
    desk.press("password", {"password": PIN})
    assert desk.shown() == ("placement", "PR-6004")
    assert "残り回数を確認してから続けます" in desk.page()
    desk.lay(desk.card.contents)
    desk.press("next")
    desk.press("password", {"password": PIN})
    assert desk.shown() == BACK


def test_a_try_that_was_lost_with_the_card_shows_in_the_counter(desk):
    desk.to_password()
    script = FaultScript([Fault(Torn(Moment.AFTER), nth=2, matches=instruction_with_data(VERIFY))])
    desk.lay(desk.card.contents, script.around)
    desk.press("password", {"password": "0000"})
    assert desk.shown() == ("placement", "PR-6004")
    desk.lay(desk.card.contents)
    desk.press("next")
    assert 'data-tries-left="2"' in desk.page()


def test_no_card_on_the_reader_is_said_and_put_right(desk):
    desk.reader.remove()
    desk.to_password()
    assert desk.shown() == ("placement", "PR-6002")
    desk.lay(desk.card.contents)
    desk.press("next")
    assert desk.shown() == ("password", None)


class AnotherCard:
    """A card that has none of the applications."""

    def transmit(self, _command):
        return b"", int(StatusWord.NOT_FOUND)

    def reset(self):
        pass


def test_another_card_is_said_and_can_be_exchanged(desk):
    desk.reader.insert(AnotherCard())
    desk.to_password()
    assert desk.shown() == ("placement", "PR-6003")
    desk.lay(desk.card.contents)
    desk.press("next")
    assert desk.shown() == ("password", None)


def test_a_card_that_answers_nonsense_can_be_read_again(desk):
    desk.to_password()
    script = FaultScript([Fault(WrongStatus(0x6F00), matches=instruction(SIGN))])
    desk.lay(desk.card.contents, script.around)
    desk.press("password", {"password": PIN})
    assert desk.shown() == ("placement", "PR-6005")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (RevocationStatus.REVOKED, "PR-3103"),
        (RevocationStatus.HELD, "PR-3104"),
        (RevocationStatus.UNAVAILABLE, "PR-7001"),
    ],
)
def test_what_the_server_refuses_is_shown_with_its_help(desk, status, code):
    desk.revocation.status = status
    desk.to_password()
    desk.press("password", {"password": PIN})
    assert (desk.shown(), desk.session().failure) == (("failed", code), code)
    assert f'href="{SERVER}/card/return"' in desk.page()


def test_a_server_that_cannot_be_reached_is_tried_again_in_the_same_session(desk):
    desk.to_password()
    desk.line.cut = lambda path: path.endswith("/result")
    desk.press("password", {"password": PIN})
    assert desk.shown() == ("placement", "PR-7004")
    desk.line.cut = lambda _path: False
    desk.press("next")
    desk.press("password", {"password": PIN})
    assert desk.shown() == BACK


def test_a_session_whose_time_has_passed_is_said_and_leads_back(issued, tmp_path):
    desk = make_desk(issued, make_server(issued, tmp_path))
    desk.to_password()
    desk.site.world.clock.advance(timedelta(minutes=5))
    desk.press("password", {"password": PIN})
    assert desk.shown() == ("failed", "PR-3001")
    desk.thread.close()


def test_a_practice_reader_is_labelled_and_refused_in_production(issued, tmp_path, desk):
    desk.hand_over()
    assert "練習用リーダー" in desk.page()
    real = make_desk(issued, make_server(issued, tmp_path, rehearsal=False))
    real.hand_over()
    assert real.shown() == ("failed", "PR-3405")
    assert real.session().failure == "PR-3405"
    real.thread.close()


def test_a_page_is_one_screen_even_when_the_reader_moves_on_while_it_is_drawn(desk):
    desk.hand_over()
    drawn = desk.visit.as_it_is()
    desk.press("agree")
    desk.press("next")
    assert (drawn.screen, desk.visit.screen) == (Screen.CONSENT, Screen.PASSWORD)
