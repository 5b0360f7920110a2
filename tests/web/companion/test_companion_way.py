"""The whole way with a real card and a real server, both kinds; and what each input and each card leads to."""

import re

import pytest
from companion_desk import PIN, RIGHT, SERVER, SIGNATURE_PASSWORD

from services.card.virtual.contents import Pin
from services.domain.intake import CardSessionState, IntakeState
from services.domain.password import PasswordKind

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
VERIFY, SIGN, SELECT, READ = 0x20, 0x2A, 0xA4, 0xB0
BACK = ("back", f"{SERVER}/card/return")


@pytest.mark.parametrize("kind", [SIGNATURE, USER])
def test_the_way_ends_with_a_proof_that_the_server_accepts(desk, kind):
    seen = [desk.hand_over(kind).headers["Location"], desk.shown()]
    desk.press("agree")
    seen.append(desk.shown())
    desk.press("next")
    seen.append(desk.shown())
    desk.press("password", {"password": RIGHT[kind]})
    seen.append(desk.shown())
    assert seen == ["/visit", ("consent", None), ("placement", None), ("password", None), BACK]
    assert (desk.intake().state, desk.session().state) == (IntakeState.CHIP_READ, CardSessionState.ACCEPTED)


def test_the_page_leads_back_however_often_it_is_opened(desk):
    desk.to_password()
    desk.press("password", {"password": PIN})
    assert [desk.shown() for _ in range(3)] == [BACK] * 3


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (SIGNATURE, "４７２９"),
        (SIGNATURE, " 4729 "),
        (USER, "canary99"),
        (USER, "ＣＡＮＡＲＹ９９"),
        (USER, "Canary９9"),
    ],
)
def test_an_entry_that_can_only_mean_one_thing_is_normalised(desk, kind, entry):
    desk.to_password(kind)
    desk.press("password", {"password": entry})
    assert desk.shown() == BACK


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        (SIGNATURE, ""),
        (SIGNATURE, "472"),
        (SIGNATURE, "47290"),
        (SIGNATURE, "47 29"),
        (SIGNATURE, "472９9"),
        (SIGNATURE, "四七二九"),
        (SIGNATURE, SIGNATURE_PASSWORD),
        (SIGNATURE, "9" * 200),
        (USER, PIN),
        (USER, "CANARY"),
        (USER, "CANARY99CANARY99X"),
        (USER, "CANARY 99"),
        (USER, "CANARY-99"),
    ],
)
def test_an_entry_that_cannot_be_the_password_never_reaches_the_card(desk, kind, entry):
    sent = []
    desk.to_password(kind)
    desk.lay(desk.card.contents, lambda card: Listening(card, sent))
    desk.press("password", {"password": entry})
    page = desk.page()
    assert (desk.shown(), sent) == (("password", "PR-1101"), [])
    assert "カードには送信していません" in page
    assert (entry in page) is (entry == "")


class Listening:
    """A card that notes what it is sent."""

    def __init__(self, card, sent):
        self._card, self._sent = card, sent

    def transmit(self, command):
        self._sent.append(command)
        return self._card.transmit(command)

    def reset(self):
        self._card.reset()


def test_the_other_passwords_form_is_recognised_and_named(desk):
    desk.to_password(SIGNATURE)
    desk.press("password", {"password": SIGNATURE_PASSWORD})
    assert "入力されたのは「署名用パスワード」の形式です" in desk.page()


@pytest.mark.parametrize(("kind", "wrong", "tries"), [(SIGNATURE, "0000", 3), (USER, "WRONG000", 5)])
def test_a_wrong_password_costs_one_try_and_is_asked_again(desk, kind, wrong, tries):
    desk.to_password(kind)
    assert f'data-tries-left="{tries}"' in desk.page()
    desk.press("password", {"password": wrong})
    page = desk.page()
    assert (desk.shown(), desk.tries(kind.other)) == (("password", "PR-3601"), tries - 1)
    assert f'data-tries-left="{tries - 1}"' in page
    assert f"{kind.other.label}が違います" in page
    desk.press("password", {"password": RIGHT[kind]})
    assert (desk.shown(), desk.tries(kind.other)) == (BACK, tries)


def test_looking_at_the_counter_costs_nothing(desk):
    desk.to_password()
    for _ in range(5):
        desk.press("back")
        desk.press("next")
    assert (desk.shown(), desk.tries(USER)) == (("password", None), 3)


@pytest.mark.parametrize(
    ("entry", "sure", "shown", "left"),
    [
        ("0000", {}, ("password", "PR-2006"), 1),
        (PIN, {}, ("password", "PR-2006"), 1),
        (PIN, {"sure": "no"}, ("password", "PR-2006"), 1),
        ("0000", {"sure": "yes"}, ("failed", "PR-4003"), 0),
        (PIN, {"sure": "yes"}, BACK, 3),
    ],
)
def test_the_last_try_needs_an_explicit_yes(desk, entry, sure, shown, left):
    desk.leave_tries(Pin.USER_AUTHENTICATION, 1)
    desk.to_password()
    assert 'name="sure"' in desk.page()
    desk.press("password", {"password": entry, **sure})
    assert (desk.shown(), desk.tries(USER)) == (shown, left)
    assert ("1回分の入力を消費しました" in desk.page()) is (left == 0)


def test_a_yes_is_not_asked_while_there_are_two_tries(desk):
    desk.leave_tries(Pin.USER_AUTHENTICATION, 2)
    desk.to_password()
    assert 'name="sure"' not in desk.page()


@pytest.mark.parametrize(("to", "address"), [("menu", f"{SERVER}/"), ("return", f"{SERVER}/card/return")])
@pytest.mark.parametrize("steps", [(), ("agree",), ("agree", "next")])
def test_the_resident_can_stop_before_the_card_is_read(desk, to, address, steps):
    desk.hand_over()
    for step in steps:
        desk.press(step)
    left = desk.press("stop", {"to": to})
    assert (left.status_code, left.headers["Location"]) == (303, address)
    assert (desk.session().failure, desk.shown()) == ("PR-2009", BACK)


def test_a_button_of_an_earlier_screen_shows_the_screen_that_is(desk):
    desk.hand_over()
    stale = [desk.press(name, {"password": PIN}) for name in ("next", "password", "back")]
    assert [(answer.status_code, answer.headers["Location"]) for answer in stale] == [(303, "/visit")] * 3
    assert desk.shown() == ("consent", None)


def test_a_second_hand_over_takes_the_place_of_the_first(desk):
    desk.to_password()
    desk.hand_over()
    assert desk.shown() == ("consent", None)


def test_the_status_tells_card_and_screen(desk):
    desk.hand_over()
    present = desk.client.get("/visit/status", base_url="http://127.0.0.1:24727").json
    desk.reader.remove()
    absent = desk.client.get("/visit/status", base_url="http://127.0.0.1:24727").json
    assert (present["screen"], present["card"], absent["card"], absent["virtual"]) == (
        "consent",
        "present",
        "absent",
        True,
    )


def test_the_consent_says_who_asks_what_for_and_what_never_leaves(desk):
    desk.hand_over(USER)
    page = re.sub(r"<[^>]+>", "", desk.page())
    for words in (
        SERVER,
        "「利用者証明用パスワード」の初期化予約",
        "顔写真",
        "署名用電子証明書",
        "パスワード。",
        "読み取りません",
    ):
        assert words in page
