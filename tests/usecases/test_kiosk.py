"""A reservation at the kiosk: claimed once, authorised before the card, consumed on evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import proof

from services.domain.audit import first_break
from services.domain.errors import (
    AuthorisationRefused,
    AuthorisationsSpent,
    ClaimSuperseded,
    EvidenceInvalid,
    NonceUsed,
    ReservationInUse,
    ReservationNotFound,
    RevocationUnavailable,
    StepNotAllowed,
)
from services.domain.password import PasswordKind
from services.domain.reservation import LEASE, ReservationState
from services.usecases.cancel import cancel
from services.usecases.claim import ClaimRequest, claim
from services.usecases.complete import Completion
from services.usecases.expire import expire
from services.usecases.release import release, release_stale
from services.usecases.review import review, timeline

DAY = timedelta(hours=24)


def test_the_reset_consumes_the_reservation(either_story):
    reservation = either_story.reserved()
    grant = either_story.claimed()
    either_story.authorised()
    assert Completion.COMPLETED is either_story.completed(grant)
    assert ReservationState.COMPLETED is either_story.reservation(reservation.id).state


def test_a_claimed_reservation_cannot_be_claimed_again(story):
    story.reserved()
    early = story.nonce("t2")
    story.claimed()
    with pytest.raises(ReservationInUse):
        story.claimed("c2", "t2", early)


def test_a_card_signature_after_the_claim_supersedes_it(story):
    story.reserved()
    first = story.claimed()
    story.world.clock.advance(timedelta(seconds=1))
    second = story.claimed("c2", "t2")
    assert first.claim.fence + 1 == second.claim.fence
    with pytest.raises(ClaimSuperseded):
        story.authorised()


def test_the_same_claim_gets_the_same_answer(story):
    story.reserved()
    nonce = story.nonce()
    assert story.claimed(nonce=nonce) == story.claimed(nonce=nonce)


def test_another_terminal_cannot_ask_for_a_claims_answer(story):
    story.reserved()
    nonce = story.nonce()
    story.claimed(nonce=nonce)
    with pytest.raises(ClaimSuperseded):
        story.claimed(terminal="t2", nonce=nonce)


def test_a_nonce_serves_one_claim(story):
    story.reserved()
    nonce = story.nonce()
    story.claimed(nonce=nonce)
    with pytest.raises(NonceUsed):
        story.claimed("c2", nonce=nonce)


@pytest.mark.parametrize(("after", "usable"), [(DAY - timedelta(seconds=1), True), (DAY, False)])
def test_a_reservation_made_at_nine_is_usable_until_just_before_nine(story, after, usable):
    story.reserved()
    story.world.clock.advance(after)
    if usable:
        story.claimed()
    else:
        with pytest.raises(ReservationNotFound):
            story.claimed()


def test_no_job_is_needed_for_a_reservation_to_expire_and_the_job_only_tidies(story):
    reservation = story.reserved()
    story.world.clock.advance(DAY)
    assert expire(story.world.ports) == 1
    assert ReservationState.EXPIRED is story.reservation(reservation.id).state


def test_a_claim_made_in_time_may_be_finished_within_its_lease(story):
    story.reserved()
    story.world.clock.advance(DAY - timedelta(seconds=1))
    grant = story.claimed()
    story.world.clock.advance(timedelta(minutes=1))
    story.authorised()
    assert Completion.COMPLETED is story.completed(grant)


@pytest.mark.parametrize("other", [PasswordKind.USER_AUTHENTICATION])
def test_a_reservation_of_the_other_kind_is_not_found(story, other):
    story.reserved()
    story.kind = other
    with pytest.raises(ReservationNotFound):
        story.claimed()


def test_another_card_finds_nothing(story):
    story.reserved()
    story.card = "momiji"
    with pytest.raises(ReservationNotFound):
        story.claimed()


def test_an_issuer_that_refuses_leaves_the_reservation_as_it_was(story):
    reservation = story.reserved()
    story.claimed()
    story.world.authority.refusal = AuthorisationRefused()
    with pytest.raises(AuthorisationRefused):
        story.authorised()
    assert story.reservation(reservation.id).state is ReservationState.CLAIMED
    assert story.reservation(reservation.id).authorisations == 0


def test_no_authorisation_leaves_for_a_claim_that_was_overtaken_while_the_issuer_was_asked(story):
    reservation = story.reserved()
    story.claimed()

    def overtaken():
        story.world.clock.advance(timedelta(seconds=1))
        story.claimed("c2", "t2")

    story.world.authority.meanwhile = overtaken
    with pytest.raises(ClaimSuperseded):
        story.authorised()
    assert story.reservation(reservation.id).authorisations == 0


def test_an_authorisation_is_not_repeated_once_the_lease_has_ended(story):
    story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(LEASE)
    with pytest.raises(ClaimSuperseded):
        story.authorised()


def test_another_key_than_the_one_that_reserved_finds_nothing(story):
    story.kind = PasswordKind.USER_AUTHENTICATION
    story.reserved()
    nonce = story.nonce()
    lent = replace(proof(PasswordKind.SIGNATURE, story.card, nonce), certificate=b"signature thief")
    with pytest.raises(ReservationNotFound):
        claim(story.world.ports, ClaimRequest("c1", "t1", story.kind, nonce, lent))


def test_a_claim_whose_check_could_not_be_made_may_be_sent_again(story):
    story.reserved()
    nonce = story.nonce()
    story.world.proofs.refusal = RevocationUnavailable()
    with pytest.raises(RevocationUnavailable):
        story.claimed(nonce=nonce)
    story.world.proofs.refusal = None
    story.claimed(nonce=nonce)


def test_settled_evidence_needs_no_further_check(story):
    story.reserved()
    grant = story.claimed()
    story.authorised()
    story.completed(grant)
    story.world.proofs.refusal = RevocationUnavailable()
    assert story.completed(grant) is Completion.COMPLETED


def test_the_same_challenge_is_authorised_once_and_answered_twice(story):
    reservation = story.reserved()
    story.claimed()
    assert story.authorised() == story.authorised()
    assert story.reservation(reservation.id).authorisations == 1


def test_a_claim_is_not_authorised_after_its_lease(story):
    story.reserved()
    story.claimed()
    story.world.clock.advance(LEASE)
    with pytest.raises(ClaimSuperseded):
        story.authorised()


def test_authorisations_are_limited(story):
    story.reserved()
    story.claimed()
    for number in range(6):
        story.authorised(challenge=bytes([number]) * 16)
    with pytest.raises(AuthorisationsSpent):
        story.authorised(challenge=b"x" * 16)
    assert story.authorised(challenge=bytes([5]) * 16), "the last one is still answered"


def test_a_lease_that_ends_before_the_authorisation_gives_the_reservation_back(story):
    reservation = story.reserved()
    story.claimed()
    story.world.clock.advance(LEASE)
    assert release_stale(story.world.ports) == 1
    assert ReservationState.RESERVED is story.reservation(reservation.id).state
    story.claimed("c2")


def test_a_lease_that_ends_after_the_authorisation_leaves_a_doubt(story):
    reservation = story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(LEASE)
    release_stale(story.world.ports)
    assert ReservationState.UNKNOWN is story.reservation(reservation.id).state
    assert story.claimed("c2").evidence_first


def test_a_doubt_can_be_settled_after_the_deadline_but_not_authorised_again(story):
    story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(DAY)
    release_stale(story.world.ports)
    grant = story.claimed("c2")
    assert (grant.evidence_first, grant.may_authorise) == (True, False)
    with pytest.raises(ClaimSuperseded):
        story.authorised("c2")
    assert Completion.COMPLETED is story.completed(grant)


def test_evidence_that_arrives_after_the_lease_still_completes(story):
    reservation = story.reserved()
    grant = story.claimed()
    story.authorised()
    story.world.clock.advance(DAY)
    release_stale(story.world.ports)
    assert Completion.COMPLETED is story.completed(grant)
    assert ReservationState.COMPLETED is story.reservation(reservation.id).state


def test_completion_is_idempotent(story):
    story.reserved()
    grant = story.claimed()
    story.authorised()
    assert [story.completed(grant) for _ in range(3)] == [Completion.COMPLETED] * 3


def test_evidence_of_an_older_claim_is_late_once_a_newer_one_was_authorised(story):
    reservation = story.reserved()
    first = story.claimed()
    story.authorised()
    story.world.clock.advance(timedelta(seconds=1))
    second = story.claimed("c2", "t2")
    story.authorised("c2", "t2", b"d" * 16)
    assert Completion.LATE is story.completed(first)
    assert ReservationState.RESETTING is story.reservation(reservation.id).state
    assert Completion.COMPLETED is story.completed(second)


def test_evidence_of_an_older_claim_counts_while_the_newer_one_has_changed_nothing(story):
    story.reserved()
    first = story.claimed()
    story.authorised()
    story.world.clock.advance(timedelta(seconds=1))
    second = story.claimed("c2", "t2")
    assert Completion.COMPLETED is story.completed(first)
    with pytest.raises(ClaimSuperseded):
        story.authorised("c2", "t2", b"d" * 16)
    assert Completion.LATE is story.completed(second)


def test_a_claim_that_finds_the_card_already_changed_needs_no_authorisation_of_its_own(story):
    story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(timedelta(seconds=1))
    assert Completion.COMPLETED is story.completed(story.claimed("c2", "t2"))


def test_evidence_without_any_authorisation_is_refused(story):
    story.reserved()
    grant = story.claimed()
    with pytest.raises(ClaimSuperseded):
        story.completed(grant)


def test_another_cards_evidence_is_refused(story):
    story.reserved()
    grant = story.claimed()
    story.authorised()
    with pytest.raises(EvidenceInvalid):
        story.completed(grant, card="momiji")


def test_a_release_before_the_authorisation_gives_the_reservation_back(story):
    reservation = story.reserved()
    story.claimed()
    release(story.world.ports, "c1", "t1", why="cancel")
    assert ReservationState.RESERVED is story.reservation(reservation.id).state


def test_a_release_after_the_authorisation_keeps_the_doubt(story):
    reservation = story.reserved()
    story.claimed()
    story.authorised()
    release(story.world.ports, "c1", "t1", why="card pulled")
    assert ReservationState.UNKNOWN is story.reservation(reservation.id).state


def test_only_the_claims_own_terminal_releases_it_and_only_once(story):
    story.reserved()
    story.claimed()
    assert release(story.world.ports, "c1", "t2", why="cancel") is None
    assert release(story.world.ports, "c1", "t1", why="cancel") is not None
    assert release(story.world.ports, "c1", "t1", why="cancel") is None


def test_a_cancelled_reservation_is_not_found_at_the_kiosk(story):
    reservation = story.reserved()
    cancel(story.world.ports, reservation.id, actor="resident", why="changed my mind")
    with pytest.raises(ReservationNotFound):
        story.claimed()


def test_a_reservation_at_a_kiosk_is_not_cancelled(story):
    reservation = story.reserved()
    story.claimed()
    with pytest.raises(StepNotAllowed):
        cancel(story.world.ports, reservation.id, actor="resident", why="changed my mind")


def test_staff_close_a_doubt_only_after_its_deadline(story):
    reservation = story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(LEASE)
    release_stale(story.world.ports)
    with pytest.raises(StepNotAllowed):
        review(story.world.ports, reservation.id, staff="s1", why="counter")
    story.world.clock.advance(DAY)
    assert ReservationState.EXPIRED is review(story.world.ports, reservation.id, staff="s1", why="counter").state


def test_the_log_tells_the_whole_story_and_who_looked(story):
    reservation = story.reserved()
    grant = story.claimed()
    story.authorised()
    story.completed(grant)
    told = [entry.event.label for entry in timeline(story.world.ports, reservation.id, staff="s1", why="audit").entries]
    assert told == [
        *("intake.started", "intake.front_accepted", "intake.card_accepted", "intake.face_accepted"),
        *("reservation.made", "intake.reserved"),
        *("reservation.claimed", "reservation.authorised", "reservation.completed"),
    ]
    with story.world.ports.ledger.begin() as unit:
        assert first_break(unit.audit_links()) is None
        assert [entry.event.label for entry in unit.audit_of("s1")] == ["staff.looked"]
