import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sample_card import FRONT, SERIAL, SIGN_PASSWORD, USER_PIN

from services.card.apdu import Command
from services.card.session import CommonRecord, MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState
from services.card.virtual.faults import Fault, FaultScript, WrongStatus, instruction, instruction_with_data
from services.domain.errors import (
    NOTHING_USED,
    ONE_TRY_USED,
    CardAnswerUnexpected,
    CertificateAbsent,
    LastTryUnconfirmed,
    NotMyNumberCard,
    PasswordLocked,
    PasswordLockedByEntry,
    PasswordRejected,
    ResetError,
)
from services.domain.password import Password, PasswordKind

USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
RIGHT = {USER: USER_PIN, SIGNATURE: SIGN_PASSWORD}
WRONG = {USER: "0000", SIGNATURE: "WRONG1"}
PIN = {USER: Pin.USER_AUTHENTICATION, SIGNATURE: Pin.SIGNATURE}
DIGEST = bytes(range(32))


@pytest.fixture
def card(reader):
    return MyNumberCard(reader.connect())


def with_tries(contents, pin, tries):
    return VirtualCard(contents.with_pin(pin, PinState(contents.pins[pin].value, tries)))


def right(kind):
    return Password.parse(kind, RIGHT[kind])


def wrong(kind):
    return Password.parse(kind, WRONG[kind])


def error_of(use):
    try:
        use()
    except ResetError as error:
        return error
    return None


def test_a_my_number_card_is_recognised(card):
    card.identify()


@pytest.mark.parametrize("label", [b"JPKIAPICCTOKEN".ljust(32), b"JPKIAPGPSETOKEN".ljust(32), bytes(32), b""])
def test_another_token_is_no_my_number_card(virtual_card, reader, label):
    class OldCard:
        def reset(self):
            virtual_card.reset()

        def transmit(self, command):
            answer, status = virtual_card.transmit(command)
            return (label, 0x9000) if command[1] == 0xB0 else (answer, status)

    reader.insert(OldCard())
    with pytest.raises((NotMyNumberCard, CardAnswerUnexpected)):
        MyNumberCard(reader.connect()).identify()


@pytest.mark.parametrize("method", ["identify", "identity_certificate", "common_record", "card_face", "get_challenge"])
def test_a_card_without_our_applications_is_no_my_number_card(reader, method):
    class OtherCard:
        def reset(self):
            pass

        def transmit(self, command):
            return b"", 0x6A82

    reader.insert(OtherCard())
    with pytest.raises(NotMyNumberCard):
        getattr(MyNumberCard(reader.connect()), method)()


def test_the_identity_certificate_needs_no_password(card, contents):
    assert card.identity_certificate() == contents.jpki.user_authentication.certificate


def test_the_signature_certificate_needs_its_password(card, contents):
    with pytest.raises(CardAnswerUnexpected) as refused:
        card.certificate(SIGNATURE)
    assert refused.value.detail["status"] == "6982"
    card.verify(right(SIGNATURE))
    assert card.certificate(SIGNATURE) == contents.jpki.signature.certificate


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_a_verified_password_signs(card, keys, kind):
    card.verify(right(kind))
    key = {USER: keys.authentication, SIGNATURE: keys.signature}[kind].public_key()
    key.verify(card.sign(kind, DIGEST), DIGEST, padding.PKCS1v15(), Prehashed(SHA256()))


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_nothing_signs_without_its_password(card, kind):
    card.verify(right(kind.other))
    with pytest.raises(CardAnswerUnexpected):
        card.sign(kind, DIGEST)


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_asking_how_many_tries_are_left_costs_none(card, kind):
    assert [card.tries_left(kind) for _ in range(20)] == [kind.rule.tries] * 20


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_a_wrong_password_is_counted_and_named(card, kind):
    with pytest.raises(PasswordRejected) as rejected:
        card.verify(wrong(kind))
    assert rejected.value.detail == {"kind": kind.label, "tries_left": kind.rule.tries - 1}
    assert card.tries_left(kind) == kind.rule.tries - 1
    assert card.tries_left(kind.other) == kind.other.rule.tries


def test_a_right_password_restores_the_tries(card):
    with pytest.raises(PasswordRejected):
        card.verify(wrong(USER))
    card.verify(right(USER))
    assert card.tries_left(USER) == 3


@pytest.mark.parametrize("kind", list(PasswordKind))
@pytest.mark.parametrize(
    ("tries", "entry", "confirmed", "outcome", "left"),
    [
        (0, "right", False, PasswordLocked, 0),
        (0, "right", True, PasswordLocked, 0),
        (1, "right", False, LastTryUnconfirmed, 1),
        (1, "wrong", False, LastTryUnconfirmed, 1),
        (1, "wrong", True, PasswordLockedByEntry, 0),
        (2, "wrong", False, PasswordRejected, 1),
        (2, "wrong", True, PasswordRejected, 1),
    ],
)
def test_the_last_try_is_spent_only_after_a_yes(contents, reader, kind, tries, entry, confirmed, outcome, left):
    reader.insert(with_tries(contents, PIN[kind], tries))
    card = MyNumberCard(reader.connect())
    password = right(kind) if entry == "right" else wrong(kind)
    with pytest.raises(outcome) as met:
        card.verify(password, last_try_confirmed=confirmed)
    assert met.value.detail.get("kind", kind.label) == kind.label
    assert card.tries_left(kind) == left
    assert (type(met.value), met.value.cost) == (outcome, NOTHING_USED if left == tries else ONE_TRY_USED)


def test_the_last_try_works_after_a_yes(contents, reader):
    reader.insert(with_tries(contents, Pin.USER_AUTHENTICATION, 1))
    card = MyNumberCard(reader.connect())
    card.verify(right(USER), last_try_confirmed=True)
    assert card.tries_left(USER) == 3


@pytest.mark.parametrize(
    "use",
    [
        lambda card: card.certificate(SIGNATURE),
        lambda card: card.tries_left(SIGNATURE),
        lambda card: card.verify(right(SIGNATURE)),
        lambda card: card.sign(SIGNATURE, DIGEST),
        lambda card: card.reset(SIGNATURE, bytes(290), right(SIGNATURE)),
    ],
)
def test_absent_is_not_locked(contents_without_signature, reader, use):
    reader.insert(VirtualCard(contents_without_signature))
    with pytest.raises(CertificateAbsent) as absent:
        use(MyNumberCard(reader.connect()))
    assert absent.value.detail == {"kind": SIGNATURE.label}


def test_the_common_record_names_the_card(card):
    assert card.common_record() == CommonRecord(SERIAL, "13101", FRONT.expiry)


def test_turning_to_another_application_forgets_the_password(card):
    card.verify(right(USER))
    card.sign_card_challenge(DIGEST)
    with pytest.raises(CardAnswerUnexpected):
        card.sign(USER, DIGEST)


def test_a_card_swapped_behind_our_back_does_not_sign(contents, reader, card):
    card.verify(right(USER))
    reader.swap(VirtualCard(contents))
    with pytest.raises((CardAnswerUnexpected, CertificateAbsent)):
        card.sign(USER, DIGEST)


@pytest.mark.parametrize(
    "use",
    [
        lambda card: card.identify(),
        lambda card: card.tries_left(USER),
        lambda card: card.verify(right(USER)),
        lambda card: card.certificate(USER),
        lambda card: card.card_face(),
        lambda card: card.sign_card_challenge(DIGEST),
        lambda card: card.get_challenge(),
        lambda card: card.common_record(),
    ],
)
@pytest.mark.parametrize("matches", [bool, instruction(0xB0), instruction(0x20), instruction_with_data(0x20)])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_status_that_nobody_foresees_is_said_to_be_unforeseen(virtual_card, reader, use, matches, nth):
    script = FaultScript([Fault(WrongStatus(0x6F42), nth, matches)])
    reader.insert(script.around(virtual_card))
    outcome = error_of(lambda: use(MyNumberCard(reader.connect())))
    assert outcome is None or isinstance(outcome, CardAnswerUnexpected)
    assert outcome is not None or script.pending


def test_the_phones_whole_session_takes_about_fifty_commands(contents, reader):
    counted = []

    class Counting:
        def __init__(self, channel):
            self.channel = channel

        def transmit(self, command):
            counted.append(Command.parse(command).ins)
            return self.channel.transmit(command)

        def close(self):
            self.channel.close()

    card = MyNumberCard(Counting(reader.connect()))
    card.identify()
    card.verify_number_b(FRONT)
    card.card_face()
    card.sign_card_challenge(DIGEST)
    card.identity_certificate()
    card.verify(right(USER))
    card.sign(USER, DIGEST)
    assert 45 <= len(counted) <= 60
