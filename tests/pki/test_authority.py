"""The issuer's word on a reset, and the virtual card that believes it."""

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from pki_cards import NOW

from services.card.face_record import FaceRecord
from services.card.session import MyNumberCard
from services.card.unblock import Authorisation, message
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.clock import ManualClock
from services.domain.errors import AuthorisationRefused, CardAnswerUnexpected, PasswordRejected, Unavailable
from services.domain.password import Password, PasswordKind
from services.pki.authority import VirtualResetAuthority
from services.pki.registry import Reason
from services.ports import AuthorisationRequest

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
KINDS = pytest.mark.parametrize("kind", list(PasswordKind))


@pytest.fixture
def authority(issuer, clock):
    return VirtualResetAuthority(issuer.directory, clock)


def request(card, kind, **changes):
    asked = AuthorisationRequest(
        reservation_id="reservation-1",
        kind=kind,
        identity_certificate=card.user_authentication.certificate,
        certificate=card.credential(kind.other).certificate,
        card_challenge=b"c" * 16,
    )
    return replace(asked, **changes)


def reason(authority, asked):
    with pytest.raises(AuthorisationRefused) as caught:
        authority.authorise(asked)
    return caught.value.detail["reason"]


@KINDS
def test_the_authorisation_is_signed_for_this_card_reservation_kind_and_challenge(issuer, card, authority, kind):
    given = Authorisation.unpack(authority.authorise(request(card, kind)))

    expected = message(card_serial=card.contents.serial, reservation_id="reservation-1", kind=kind, challenge=b"c" * 16)
    issuer.unblock_key().verify(given.signature, expected, padding.PKCS1v15(), SHA256())


@KINDS
def test_the_same_request_gets_the_same_authorisation_and_another_another(issuer, card, authority, kind):
    again = VirtualResetAuthority(issuer.directory, ManualClock(NOW))
    first = authority.authorise(request(card, kind))

    assert again.authorise(request(card, kind)) == first
    assert authority.authorise(request(card, kind, card_challenge=b"d" * 16)) != first
    assert authority.authorise(request(card, kind, reservation_id="reservation-2")) != first


@KINDS
def test_a_virtual_card_takes_the_new_password_on_the_issuers_word(card, authority, kind):
    reader = VirtualReader()
    reader.insert(VirtualCard(card.contents))
    new = Password.parse(kind, "9876" if kind is USER_AUTHENTICATION else "NEW456")
    old = Password.parse(kind, "1234" if kind is USER_AUTHENTICATION else "ABC123")
    session = MyNumberCard(reader.connect())
    session.identify()
    challenge = session.get_challenge()

    session.reset(kind, authority.authorise(request(card, kind, card_challenge=challenge)), new)

    session.verify(new)
    with pytest.raises(PasswordRejected):
        session.verify(old)


@KINDS
def test_a_card_refuses_an_authorisation_for_its_other_password(card, authority, kind):
    reader = VirtualReader()
    reader.insert(VirtualCard(card.contents))
    session = MyNumberCard(reader.connect())
    session.identify()
    asked = request(card, kind.other, card_challenge=session.get_challenge())
    new = Password.parse(kind, "9876" if kind is USER_AUTHENTICATION else "NEW456")

    with pytest.raises(CardAnswerUnexpected):
        session.reset(kind, authority.authorise(asked), new)

    session.verify(Password.parse(kind, "1234" if kind is USER_AUTHENTICATION else "ABC123"))


def test_two_cards_certificates_are_not_one_cards(card, issue, authority):
    """Nothing that a card signs binds its two certificates: a thief could show a victim's and sign with their own."""
    thief = issue(seed=2)

    assert reason(authority, request(card, USER_AUTHENTICATION, certificate=thief.signature.certificate)) == (
        "different-cards"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"identity_certificate": b"made up"}, "not-issued"),
        ({"certificate": b""}, "not-issued"),
        ({"card_challenge": b"c" * 15}, "challenge"),
        ({"card_challenge": b""}, "challenge"),
    ],
)
def test_what_the_issuer_does_not_know_is_refused(card, authority, changes, expected):
    assert reason(authority, request(card, SIGNATURE, **changes)) == expected


def test_the_password_to_be_reset_cannot_vouch_for_itself(card, authority):
    own = card.signature.certificate

    assert reason(authority, request(card, SIGNATURE, certificate=own)) == "other-kind"
    assert reason(authority, request(card, SIGNATURE, identity_certificate=own)) == "other-kind"


@KINDS
@pytest.mark.parametrize("withdrawn", list(PasswordKind))
def test_a_withdrawn_certificate_refuses_the_reset_of_either_password(issuer, issue, authority, kind, withdrawn):
    card = issue()
    issuer.hold(card.contents.serial, withdrawn, at=NOW)
    assert reason(authority, request(card, kind)) == "held"

    issuer.release(card.contents.serial, withdrawn, at=NOW)
    assert authority.authorise(request(card, kind))

    issuer.revoke(card.contents.serial, withdrawn, Reason.SUPERSEDED, at=NOW)
    assert reason(authority, request(card, kind)) == "revoked"


def test_an_expired_card_is_refused(card, clock, authority):
    clock.advance(card.contents.expiry.replace(year=2035) - NOW.date())

    assert reason(authority, request(card, SIGNATURE)) == "expired"


def test_an_issuer_that_is_not_there_is_unavailable(card, clock, tmp_path):
    with pytest.raises(Unavailable):
        VirtualResetAuthority(tmp_path / "nowhere", clock).authorise(request(card, SIGNATURE))


def own_key(card) -> bytes:
    record = FaceRecord.parse(card.contents.visual.face_record)
    return sha256(record.face.card_key.octets).digest()


@KINDS
def test_the_issuer_confirms_what_belongs_to_one_card(card, authority, kind):
    shown = card.credential(kind).certificate

    authority.confirm(card.user_authentication.certificate, shown, kind, own_key(card))


@pytest.mark.parametrize("part", ["identity", "certificate", "card_key"])
def test_a_thief_cannot_lend_a_part_of_their_own_card_to_a_stolen_one(card, issue, authority, part):
    """A stolen card and its password, with the thief's own face and photo: the cards' parts do not belong together."""
    thief = issue(seed=2)
    shown = {
        "identity": card.user_authentication.certificate,
        "certificate": card.signature.certificate,
        "card_key": own_key(card),
    }
    lent = {
        "identity": thief.user_authentication.certificate,
        "certificate": thief.signature.certificate,
        "card_key": own_key(thief),
    }
    shown[part] = lent[part]

    with pytest.raises(AuthorisationRefused):
        authority.confirm(shown["identity"], shown["certificate"], SIGNATURE, shown["card_key"])
