"""A whole card, issued and then read as the companion and the kiosk read it."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pki_cards import NOW, IssuedCard

from services.card.session import MyNumberCard
from services.card.virtual import store
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.domain.password import Password, PasswordKind
from services.pki.statement import statement_digest
from services.ports import CardFaceProof, CardProof, Purpose, Statement
from services.rehearsal.cards import CardWish, issue_card_file, lettering
from services.rehearsal.person import FAMILY_NAME, PREFECTURE, imagine

STATEMENT = Statement(Purpose.RESERVE, "https://reset.example", b"n" * 32, b"{}")
FACE_STATEMENT = replace(STATEMENT, purpose=Purpose.CARD_FACE)
TODAY = date(2026, 11, 21)


@pytest.fixture
def session(card):
    reader = VirtualReader()
    reader.insert(VirtualCard(card.contents))
    return MyNumberCard(reader.connect())


@pytest.mark.parametrize(
    ("kind", "typed"), [(PasswordKind.USER_AUTHENTICATION, "1234"), (PasswordKind.SIGNATURE, "ABC123")]
)
def test_what_the_card_signs_with_its_password_is_accepted(session, proofs, kind, typed):
    session.identify()
    identity = session.identity_certificate()
    session.verify(Password.parse(kind, typed))
    proof = CardProof(session.certificate(kind), identity, session.sign(kind, statement_digest(STATEMENT)))

    assert proofs.verify(proof, kind, STATEMENT, NOW).fingerprint == proofs.fingerprint(identity)


def test_what_is_printed_on_the_card_opens_its_photo_which_is_genuine(session, proofs, photo):
    session.verify_number_b(imagine(1, today=TODAY).front)
    face = session.card_face()
    proof = CardFaceProof(
        face.record, face.cv_certificate, session.sign_card_challenge(statement_digest(FACE_STATEMENT))
    )

    assert proofs.verify_face(proof, FACE_STATEMENT).photo == photo


def test_a_card_file_holds_the_whole_card(issuer, photo, tmp_path):
    wish = CardWish(
        imagine(5, today=TODAY),
        photo,
        Password.parse(PasswordKind.USER_AUTHENTICATION, "1234"),
        Password.parse(PasswordKind.SIGNATURE, "ABC123"),
    )

    issued = issue_card_file(tmp_path / "card.json", issuer, wish, now=NOW)

    assert store.load(tmp_path / "card.json") == issued
    assert [item.card_serial for item in issuer.registry.of_card(issued.serial)] == [issued.serial] * 2


def test_the_passwords_cannot_be_given_in_each_others_place(photo):
    signature = Password.parse(PasswordKind.SIGNATURE, "ABC123")

    with pytest.raises(ValueError, match="place"):
        CardWish(imagine(1, today=TODAY), photo, signature, signature)


def test_a_name_on_the_chip_is_a_picture_of_one_bit_a_pixel():
    with Image.open(BytesIO(lettering("練習　太郎"))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "1")
        assert picture.getextrema() == (0, 255)


def test_nothing_of_a_holder_is_printed(card):
    person = imagine(1, today=TODAY)

    printed = f"{person!r} {person.holder!r} {card!r} {person.front!r}"

    assert not any(secret in printed for secret in (person.name, person.address, person.front.security_code))


def test_every_card_has_its_own_serial(issue):
    assert len({issue().contents.serial for _ in range(3)}) == 3
    assert isinstance(issue(), IssuedCard)


@given(seed=st.integers(0, 2**32), today=st.dates(date(2020, 1, 1), date(2040, 12, 31)))
def test_everybody_is_plainly_fictional_grown_up_and_the_same_again(seed, today):
    person = imagine(seed, today=today)

    assert person == imagine(seed, today=today)
    assert person.name.startswith(FAMILY_NAME)
    assert person.address.startswith(PREFECTURE)
    assert person.front.birth <= date(today.year - 18, today.month, min(today.day, 28))
    assert person.front.follows_birthday_rule
    person.front.check_against(today)
