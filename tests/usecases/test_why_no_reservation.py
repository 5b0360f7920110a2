"""What a card is told whose reservation is not there: its proven holder everything, a stranger nothing."""

from datetime import timedelta

import pytest
from builders import proof

from services.domain.errors import (
    ReservationCancelled,
    ReservationExpired,
    ReservationNotFound,
    ReservationOfOtherKind,
    ReservationUsed,
)
from services.domain.password import PasswordKind
from services.ports import CardProof
from services.usecases.cancel import cancel
from services.usecases.claim import ClaimRequest, claim

DAY = timedelta(hours=24)


def test_a_used_reservation_says_so(either_story):
    either_story.reserved()
    grant = either_story.claimed()
    either_story.authorised()
    either_story.completed(grant)
    with pytest.raises(ReservationUsed):
        either_story.claimed("c2")


def test_an_expired_reservation_says_since_when(either_story):
    reservation = either_story.reserved()
    either_story.world.clock.advance(DAY)
    with pytest.raises(ReservationExpired) as told:
        either_story.claimed()
    assert {"expired_at": "2026/11/22 09:00"} == told.value.detail
    assert reservation.expires_at == either_story.world.clock.now()


def test_a_cancelled_reservation_says_so(either_story):
    reservation = either_story.reserved()
    cancel(either_story.world.ports, reservation.id, actor="resident", why="asked")
    with pytest.raises(ReservationCancelled):
        either_story.claimed()


def test_a_card_without_any_is_told_only_that(either_story):
    with pytest.raises(ReservationNotFound) as told:
        either_story.claimed()
    assert ReservationNotFound is type(told.value)


def test_the_user_authentication_key_learns_of_a_reservation_for_the_other_kind(story):
    story.kind = PasswordKind.USER_AUTHENTICATION
    story.reserved()
    story.kind = PasswordKind.SIGNATURE
    with pytest.raises(ReservationOfOtherKind):
        story.claimed()


def test_the_signature_key_does_not_for_nothing_binds_it_to_the_other_certificate(story):
    story.kind = PasswordKind.SIGNATURE
    story.reserved()
    story.kind = PasswordKind.USER_AUTHENTICATION
    with pytest.raises(ReservationNotFound) as told:
        story.claimed()
    assert ReservationNotFound is type(told.value)


def test_anothers_signature_key_beside_a_copied_certificate_learns_nothing(story):
    """Certificates can be read off a card without a password; the key that reserved cannot."""
    story.kind = PasswordKind.USER_AUTHENTICATION
    story.reserved()
    story.world.clock.advance(DAY)
    nonce = story.nonce()
    own, copied = proof(story.kind.other, "momiji", nonce), proof(story.kind.other, story.card, nonce)
    mixed = CardProof(own.certificate, copied.identity_certificate, own.signature)
    with pytest.raises(ReservationNotFound) as told:
        claim(story.world.ports, ClaimRequest("c1", "t1", story.kind, nonce, mixed))
    assert ReservationNotFound is type(told.value)
