"""A terminal that asks again while its first question is still being answered is told the same."""

from services.domain.reservation import ReservationState
from services.usecases.complete import Completion


def test_the_same_evidence_twice_at_once_is_completed_and_never_late(story):
    reservation = story.reserved()
    grant = story.claimed()
    story.authorised()
    verify, answers = story.world.proofs.verify, []

    def verify_while_the_other_question_is_answered(*arguments):
        story.world.proofs.verify = verify
        answers.append(story.completed(grant))
        return verify(*arguments)

    story.world.proofs.verify = verify_while_the_other_question_is_answered
    answers.append(story.completed(grant))
    assert answers == [Completion.COMPLETED, Completion.COMPLETED]
    assert story.reservation(reservation.id).state is ReservationState.COMPLETED
    with story.world.ports.ledger.begin() as unit:
        assert unit.claim(grant.claim.id).outcome == Completion.COMPLETED
