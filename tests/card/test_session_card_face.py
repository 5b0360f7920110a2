"""The card's face: opened by what is printed on it, and signed for by the card's own key."""

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sample_card import FRONT

from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState
from services.domain.card import CardFront
from services.domain.errors import (
    NOTHING_USED,
    ONE_TRY_USED,
    CardAnswerUnexpected,
    CardNumberLocked,
    CardNumberLockedByEntry,
    CardNumberRejected,
    LastTryUnconfirmed,
)

DIGEST = bytes(range(32))
OTHER_FRONT = CardFront(FRONT.birth, FRONT.expiry, "0000")


@pytest.fixture
def card(reader):
    return MyNumberCard(reader.connect())


def test_the_card_face_opens_to_what_is_printed_on_the_front(card, contents):
    card.verify_number_b(FRONT)
    face = card.card_face()
    assert (face.record, face.cv_certificate) == (contents.visual.face_record, contents.visual.cv_certificate)


def test_the_card_face_stays_closed_otherwise(card):
    with pytest.raises(CardAnswerUnexpected):
        card.card_face()
    with pytest.raises(CardNumberRejected) as rejected:
        card.verify_number_b(OTHER_FRONT)
    assert rejected.value.tries_left == card.number_tries_left() == 9
    with pytest.raises(CardAnswerUnexpected):
        card.card_face()


@pytest.mark.parametrize(
    ("tries", "confirmed", "outcome", "left"),
    [(0, True, CardNumberLocked, 0), (1, False, LastTryUnconfirmed, 1), (1, True, CardNumberLockedByEntry, 0)],
)
def test_the_card_number_locks_too(contents, reader, tries, confirmed, outcome, left):
    state = PinState(FRONT.verification_number_b, tries)
    reader.insert(VirtualCard(contents.with_pin(Pin.VISUAL_NUMBER_B, state)))
    card = MyNumberCard(reader.connect())
    with pytest.raises(outcome) as met:
        card.verify_number_b(OTHER_FRONT, last_try_confirmed=confirmed)
    assert card.number_tries_left() == left
    assert (type(met.value), met.value.cost) == (outcome, NOTHING_USED if left == tries else ONE_TRY_USED)


def test_the_cards_own_key_signs_without_a_password(card, keys):
    signature = card.sign_card_challenge(DIGEST)
    keys.visual.public_key().verify(signature, DIGEST, padding.PKCS1v15(), Prehashed(SHA256()))
