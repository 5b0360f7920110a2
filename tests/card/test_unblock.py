"""The invented unblock: one authorisation resets one password of one card in one session, once."""

import pytest
from sample_card import SERIAL, SIGN_PASSWORD, USER_PIN

from services.card.apdu import Command
from services.card.session import MyNumberCard
from services.card.unblock import AUTHORISATION_BYTES, Authorisation, message, message_for
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState
from services.domain.errors import AuthorisationRefused, CardAnswerUnexpected, PasswordLocked, ProofMalformed
from services.domain.password import Password, PasswordKind

USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
PIN = {USER: Pin.USER_AUTHENTICATION, SIGNATURE: Pin.SIGNATURE}
NEW = {USER: Password.parse(USER, "2580"), SIGNATURE: Password.parse(SIGNATURE, "NEWONE1")}
RIGHT = {USER: Password.parse(USER, USER_PIN), SIGNATURE: Password.parse(SIGNATURE, SIGN_PASSWORD)}
KINDS = pytest.mark.parametrize("kind", list(PasswordKind))


@pytest.fixture
def card(reader):
    return MyNumberCard(reader.connect())


@KINDS
@pytest.mark.parametrize("tries", [0, 1, 2])
def test_an_authorised_reset_sets_password_and_tries(contents, reader, authorise, kind, tries):
    engine = VirtualCard(contents.with_pin(PIN[kind], PinState(contents.pins[PIN[kind]].value, tries)))
    reader.insert(engine)
    card = MyNumberCard(reader.connect())
    card.reset(kind, authorise(kind, card.get_challenge()), NEW[kind])
    assert card.tries_left(kind) == kind.rule.tries
    assert engine.contents.pins[PIN[kind]] == PinState(NEW[kind].octets, kind.rule.tries)
    card.verify(NEW[kind])


@KINDS
def test_the_reset_leaves_the_other_password_alone(card, authorise, kind, virtual_card, contents):
    card.reset(kind, authorise(kind, card.get_challenge()), NEW[kind])
    other = PIN[kind.other]
    assert virtual_card.contents.pins[other] == contents.pins[other]


@KINDS
def test_the_reset_does_not_need_the_other_password_on_the_card(card, authorise, kind):
    card.verify(RIGHT[kind.other])
    card.reset(kind, authorise(kind, card.get_challenge()), NEW[kind])
    card.verify(NEW[kind])


def test_the_old_password_is_over(card, authorise):
    card.reset(USER, authorise(USER, card.get_challenge()), NEW[USER])
    for _ in range(2):
        with pytest.raises(Exception, match="PR-3601"):
            card.verify(RIGHT[USER])
    with pytest.raises(PasswordLocked):
        card.verify(RIGHT[USER], last_try_confirmed=True)


@pytest.mark.parametrize(
    ("why", "made"),
    [
        ("another password", lambda give, challenge: give(SIGNATURE, challenge)),
        ("another card", lambda give, challenge: give(USER, challenge, serial="1" * 15)),
        ("another challenge", lambda give, challenge: give(USER, challenge[::-1])),
        (
            "another reservation",
            lambda give, challenge: give(USER, challenge)[:34] + give(USER, challenge, reservation="R-2")[34:],
        ),
        ("another key file", lambda give, challenge: give(USER, challenge)[:32] + b"\x00\x0a" + bytes(256)),
        ("a damaged signature", lambda give, challenge: give(USER, challenge)[:-1] + b"\x00"),
        ("no signature", lambda give, challenge: give(USER, challenge)[:34] + bytes(256)),
    ],
)
def test_an_authorisation_serves_nothing_else(card, authorise, virtual_card, contents, why, made):
    authorisation = made(authorise, card.get_challenge())
    with pytest.raises((AuthorisationRefused, CardAnswerUnexpected)):
        card.reset(USER, authorisation, NEW[USER])
    assert virtual_card.contents == contents


def test_an_authorisation_is_used_once(card, authorise):
    authorisation = authorise(USER, card.get_challenge())
    card.reset(USER, authorisation, NEW[USER])
    with pytest.raises(CardAnswerUnexpected):
        card.reset(USER, authorisation, RIGHT[USER])
    card.verify(NEW[USER])


def test_a_failed_authorisation_consumes_the_challenge(card, authorise):
    authorisation = authorise(USER, card.get_challenge())
    with pytest.raises(AuthorisationRefused):
        card.reset(USER, authorisation[:-1] + b"\x00", NEW[USER])
    with pytest.raises(CardAnswerUnexpected):
        card.reset(USER, authorisation, NEW[USER])


def test_an_authorisation_does_not_outlive_the_session(reader, card, virtual_card, authorise):
    authorisation = authorise(USER, card.get_challenge())
    reader.insert(virtual_card)
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(reader.connect()).reset(USER, authorisation, NEW[USER])


def test_the_permission_ends_with_one_attempt(card, virtual_card, authorise, contents):
    authorisation = authorise(USER, card.get_challenge())
    assert virtual_card.transmit(Command(0x00, 0x82, 0, 0, authorisation).octets)[1] == 0x9000
    select = Command(0x00, 0xA4, 0x02, 0x0C, b"\x00\x18").octets
    virtual_card.transmit(select)
    for value, status in ((b"12345", 0x6A80), (b"2580", 0x6982)):
        assert virtual_card.transmit(Command(0x00, 0x2C, 0x02, 0x80, value).octets)[1] == status
    assert virtual_card.contents == contents


def test_without_permission_nothing_is_reset(card, virtual_card, contents):
    card.verify(RIGHT[USER])
    for p1, status in ((0x02, 0x6982), (0x00, 0x6A86), (0x03, 0x6A86)):
        assert virtual_card.transmit(Command(0x00, 0x2C, p1, 0x80, b"2580").octets)[1] == status
    assert virtual_card.contents.pins[Pin.USER_AUTHENTICATION].value == USER_PIN.encode()


def test_a_reset_password_is_not_yet_a_verified_one(card, authorise):
    card.verify(RIGHT[USER])
    card.reset(USER, authorise(USER, card.get_challenge()), NEW[USER])
    with pytest.raises(CardAnswerUnexpected):
        card.sign(USER, bytes(32))


def test_a_password_of_the_other_kind_is_a_mistake_of_ours(card):
    with pytest.raises(ValueError, match="kind"):
        card.reset(USER, bytes(290), NEW[SIGNATURE])


def test_an_authorisation_is_packed_as_it_is_unpacked(authorise):
    octets = authorise(USER, bytes(16))
    assert len(octets) == AUTHORISATION_BYTES
    assert Authorisation.unpack(octets).octets == octets
    for wrong in (octets[:-1], octets + b"\x00", b""):
        with pytest.raises(ProofMalformed):
            Authorisation.unpack(wrong)


def test_every_part_changes_the_message():
    parts = {"card_serial": SERIAL, "reservation_id": "R-1", "kind": USER, "challenge": bytes(16)}
    others = {"card_serial": "2" * 15, "reservation_id": "R-2", "kind": SIGNATURE, "challenge": bytes(15) + b"\x01"}
    messages = {message(**parts)} | {message(**(parts | {name: value})) for name, value in others.items()}
    assert len(messages) == 5
    with pytest.raises(ValueError, match="16 bytes"):
        message_for(SERIAL, bytes(32), 0x18, bytes(8))
