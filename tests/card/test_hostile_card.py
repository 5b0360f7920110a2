"""A card that answers anything at all: the session ends, and only with an error of ours."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_card import FRONT, SIGN_PASSWORD, USER_PIN

from services.card.applications import TOKEN_LABEL
from services.card.face_record import LARGEST_RECORD
from services.card.session import LARGEST_CERTIFICATE, MyNumberCard
from services.domain.errors import CardAnswerUnexpected, PasswordLocked, ResetError
from services.domain.password import Password, PasswordKind

STATUSES = st.sampled_from([0x9000] * 6 + [0x63C0, 0x63C1, 0x63C2, 0x63CF, 0x6300, 0x6982, 0x6984, 0x6A82, 0x6F00, 0])
ANSWERS = st.lists(
    st.tuples(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([b"", TOKEN_LABEL, b"\x30\x82\x10\x01" + bytes(252), b"\xff\x20\x82\xff\xff", bytes(256)]),
        ),
        STATUSES,
    ),
    min_size=1,
    max_size=12,
)
USES = [
    lambda card: card.identify(),
    lambda card: card.common_record(),
    lambda card: card.identity_certificate(),
    lambda card: card.certificate(PasswordKind.SIGNATURE),
    lambda card: card.tries_left(PasswordKind.SIGNATURE),
    lambda card: card.verify(Password.parse(PasswordKind.USER_AUTHENTICATION, USER_PIN)),
    lambda card: card.verify(Password.parse(PasswordKind.SIGNATURE, SIGN_PASSWORD), last_try_confirmed=True),
    lambda card: card.verify_number_b(FRONT),
    lambda card: card.card_face(),
    lambda card: card.sign(PasswordKind.USER_AUTHENTICATION, bytes(32)),
    lambda card: card.sign_card_challenge(bytes(32)),
    lambda card: card.get_challenge(),
    lambda card: card.reset(
        PasswordKind.USER_AUTHENTICATION, bytes(290), Password.parse(PasswordKind.USER_AUTHENTICATION, "2580")
    ),
]


class Babbling:
    """Says what it is told to, then the last thing for ever."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.heard = 0

    def transmit(self, command):
        self.heard += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def close(self):
        pass


@given(st.sampled_from(USES), ANSWERS)
def test_whatever_a_card_says_only_our_errors_come_of_it(use, answers):
    channel = Babbling(answers)
    with suppress(ResetError):
        use(MyNumberCard(channel))
    assert channel.heard < 150


class Endless:
    """Announces a very large object and has every byte of it."""

    def __init__(self, start):
        self.start = start
        self.given = 0

    def transmit(self, command):
        if command[1] != 0xB0:
            return b"", 0x9000
        self.given += 1
        offset = command[2] << 8 | command[3]
        return (self.start + bytes(256))[:256] if offset == 0 else bytes(command[-1] or 256), 0x9000

    def close(self):
        pass


@pytest.mark.parametrize(
    "start", ["30821001", "3082ffff", "ff2082ffff", "3084ffffffff", "3080", "3081ff", "ffff", "0000", ""]
)
def test_a_file_without_end_is_not_read_to_its_end(start):
    for read in (lambda card: card.identity_certificate(), lambda card: card.card_face()):
        channel = Endless(bytes.fromhex(start))
        with suppress(CardAnswerUnexpected):
            read(MyNumberCard(channel))
        assert channel.given <= LARGEST_RECORD // 256 + 1


def test_a_certificate_larger_than_any_is_refused_after_one_read():
    channel = Endless(b"\x30\x82" + (LARGEST_CERTIFICATE + 1).to_bytes(2, "big"))
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(channel).identity_certificate()
    assert channel.given == 1


@pytest.mark.parametrize("length", [0, 1, 15, 17, 255])
def test_a_challenge_has_sixteen_bytes(length):
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(Babbling([(b"", 0x9000), (bytes(length), 0x9000)])).get_challenge()


@pytest.mark.parametrize("length", [0, 255, 257])
def test_a_signature_has_256_bytes(length):
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(Babbling([(b"", 0x9000), (bytes(length), 0x9000)])).sign_card_challenge(bytes(32))


def test_an_answer_is_never_longer_than_asked():
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(Babbling([(b"surprise", 0x9000)])).identify()


@pytest.mark.parametrize(
    "record",
    [
        b"\x01\x1c" + b"1" * 20 + b"20351301",
        b"\x01\x1c" + "１".encode() * 9 + b"1",
        b"\x01\x1b" + b"1" * 28,
        b"\x01\x1c12",
    ],
)
def test_a_common_record_of_another_form_is_refused(record):
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(Babbling([(b"", 0x9000), (record, 0x9000)])).common_record()


@pytest.mark.parametrize("status", [0x6984, 0x63C0])
def test_a_blocked_password_may_say_so_in_two_ways(status):
    channel = Babbling([(b"", 0x9000), (b"", 0x9000), (b"", status)])
    with pytest.raises(PasswordLocked):
        MyNumberCard(channel).verify(Password.parse(PasswordKind.USER_AUTHENTICATION, USER_PIN))
