"""Canaries: what a whole session writes anywhere holds no password, no personal data and no key."""

import logging
import re
from contextlib import suppress

import pytest
from sample_card import FRONT, NAME, PHOTO, SIGN_PASSWORD, TEXT_PIN, USER_PIN

from services.card.apdu import Command, Instruction
from services.card.session import MyNumberCard
from services.card.trace import TracingChannel
from services.card.unblock import Authorisation
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Credential
from services.card.virtual.faults import Fault, FaultScript, Moment, Torn
from services.card.virtual.reader import VirtualReader
from services.domain.errors import CardConnectionLost, ResetError
from services.domain.password import Password, PasswordKind

USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
SECRETS = [
    USER_PIN.encode(),
    SIGN_PASSWORD.encode(),
    TEXT_PIN.encode(),
    b"NEWCANARY9",
    b"WRONGCANARY1",
    FRONT.verification_number_b,
    NAME.encode(),
    PHOTO[32:48],
]


def forms(secret):
    """How a secret could appear: in hexadecimal either way, and as text; four digits inside a longer number are none."""
    texts = [re.escape(repr(secret)[2:-1]), re.escape(secret.decode("utf-8", "replace"))]
    return [secret.hex(), secret.hex().upper(), secret.hex(" "), *(rf"(?<![0-9.]){text}(?![0-9])" for text in texts)]


def assert_silent(text):
    for secret in SECRETS:
        for form in forms(secret):
            assert re.search(form, text) is None, form


def test_the_listener_hears_a_secret_in_every_form():
    for secret in SECRETS:
        for told in (secret.hex(), secret.hex().upper(), secret.hex(" "), f"tried {secret!r}"):
            with pytest.raises(AssertionError):
                assert_silent(told)


def whole_session(card, authorise):
    card.identify()
    card.common_record()
    card.verify_number_b(FRONT)
    card.card_face()
    card.sign_card_challenge(bytes(32))
    for wrong in (Password.parse(SIGNATURE, "WRONGCANARY1"), Password.parse(SIGNATURE, "WRONGCANARY1")):
        with suppress(ResetError):
            card.verify(wrong)
    card.verify(Password.parse(USER, USER_PIN))
    card.sign(USER, bytes(32))
    new = Password.parse(SIGNATURE, "NEWCANARY9")
    card.reset(SIGNATURE, authorise(SIGNATURE, card.get_challenge()), new)
    card.verify(new)
    card.certificate(SIGNATURE)


def test_a_trace_shows_the_steps_and_none_of_the_secrets(reader, authorise, caplog):
    caplog.set_level(logging.DEBUG)
    told = []
    whole_session(MyNumberCard(TracingChannel(reader.connect(), told.append)), authorise)
    text = "\n".join([*map(str, told), *map(repr, told), caplog.text])
    assert_silent(text)
    for title in ("SELECT 公的個人認証AP", "SELECT 券面事項確認AP", "VERIFY (tries left?)", "RESET RETRY COUNTER"):
        assert title in text


def test_a_trace_of_a_torn_entry_is_silent_too(contents):
    script = FaultScript([Fault(Torn(Moment.AFTER), 4)])
    reader = VirtualReader()
    reader.insert(script.around(VirtualCard(contents, committed=script.committed)))
    told = []
    with pytest.raises(CardConnectionLost) as lost:
        MyNumberCard(TracingChannel(reader.connect(), told.append)).verify(Password.parse(USER, USER_PIN))
    assert "no answer" in str(told[-1])
    assert_silent(f"{told} {lost.value} {lost.value!r} {lost.value.detail}")


@pytest.mark.parametrize(
    "octets",
    [
        Command(0x00, 0x20, 0x00, 0x80, SIGN_PASSWORD.encode()).octets,
        Command(0x00, 0x24, 0x01, 0x80, SIGN_PASSWORD.encode()).octets,
        Command(0x80, 0x32, 0x00, 0x80, SIGN_PASSWORD.encode()).octets,
        Command(0x00, 0x2C, 0x02, 0x80, SIGN_PASSWORD.encode()).octets,
        Command(0x00, 0x82, 0x00, 0x00, SIGN_PASSWORD.encode()).octets,
        Command(0x90, 0x77, 0x00, 0x00, SIGN_PASSWORD.encode()).octets,
        b"\x00\x20\x00\x80\x63" + SIGN_PASSWORD.encode(),  # lengths that do not agree
        b"",
        b"\x00",
    ],
)
def test_only_what_is_on_the_list_is_shown(virtual_card, octets):
    reader = VirtualReader()
    reader.insert(virtual_card)
    told = []
    TracingChannel(reader.connect(), told.append).transmit(octets)
    assert_silent(f"{told[0]} {told[0]!r}")


def test_no_value_with_a_secret_in_it_prints_it(contents, authorise, virtual_card):
    pins = list(contents.pins.values())
    keys = Credential(b"", SIGN_PASSWORD.encode())
    authorisation = Authorisation.unpack(authorise(USER, bytes(16)))
    values = [contents, contents.jpki, contents.visual, contents.text, pins, keys, authorisation, virtual_card, FRONT]
    text = " ".join(f"{value!r} {value!s}" for value in values)
    assert_silent(text)
    assert contents.jpki.user_authentication.private_key[40:56].hex() not in text


def test_errors_name_the_password_and_not_its_value(reader):
    card = MyNumberCard(reader.connect())
    with pytest.raises(ResetError) as rejected:
        card.verify(Password.parse(SIGNATURE, "WRONGCANARY1"))
    assert SIGNATURE.label in str(rejected.value)
    assert_silent(f"{rejected.value} {rejected.value!r} {rejected.value.__cause__!r}")


def test_the_virtual_card_says_that_it_is_one(contents, caplog):
    VirtualCard(contents)
    assert "not a My Number Card" in caplog.text


def test_every_instruction_has_a_title():
    told = []

    class Deaf:
        def transmit(self, command):
            return b"", 0x6D00

        def close(self):
            pass

    channel = TracingChannel(Deaf(), told.append)
    for instruction in Instruction:
        channel.transmit(bytes([0, instruction, 0, 0]))
    assert all(exchange.title and exchange.title != "?" for exchange in told)
