"""Which order of actions is asked, and who may have another one."""

from datetime import timedelta

import pytest

from services.domain.errors import RequestMalformed
from services.domain.liveness import Action
from services.domain.policy import FREE_ATTEMPTS, FREE_REVEALS, Attempt
from services.domain.verdicts import CaptureFault, FaceAnswer, LivenessVerdict
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check


def actions_of(session) -> list[Action]:
    return [step.action for step in session.challenge.steps]


def test_frames_that_could_not_be_judged_draw_no_new_order(story):
    """A dark picture costs no attempt; it must not buy another draw either."""
    story.world.eyes.liveness = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)
    intake = story.chip_read()
    orders = set()
    for _ in range(FREE_REVEALS):
        orders.add(tuple(actions_of(start_liveness(story.world.ports, intake))))
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    assert len(orders) == 1


def test_a_counted_attempt_draws_a_new_order(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    orders = set()
    for _ in range(FREE_ATTEMPTS):
        orders.add(tuple(actions_of(start_liveness(story.world.ports, intake))))
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    assert len(orders) > 1


def test_a_new_intake_of_the_card_draws_no_new_order(story):
    """Learning the order costs nothing as long as nothing is judged; neither may another draw."""
    orders = {tuple(actions_of(start_liveness(story.world.ports, story.chip_read()))) for _ in range(12)}
    assert len(orders) == 1


def test_who_cannot_smile_gets_another_move_in_its_place_and_keeps_it(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    while Action.SMILE not in (drawn := actions_of(start_liveness(story.world.ports, intake))):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
        story.world.clock.advance(timedelta(seconds=1))
    without = actions_of(start_liveness(story.world.ports, intake, smile=False))
    assert [a for a in drawn if a is not Action.SMILE] == [a for a in without if a in drawn]
    assert Action.SMILE not in without
    assert without == actions_of(start_liveness(story.world.ports, intake))
    assert without == actions_of(start_liveness(story.world.ports, intake, smile=False))


def test_one_film_that_is_sent_twice_is_judged_once_and_costs_one_attempt(story):
    intake, handed_over = story.chip_read(), []
    story.world.ports.runner.work = handed_over.append
    story.frames_sent(intake)
    first = submit_face_check(story.world.ports, intake)
    assert first == submit_face_check(story.world.ports, intake)
    assert [first.id] == handed_over
    with story.world.ports.ledger.begin() as unit:
        assert 1 == unit.failures(unit.intake(intake).card_fingerprint, Attempt.FACE)[0]


def test_frames_of_a_longer_time_than_the_action_has_are_refused(story):
    intake = story.chip_read()
    session = start_liveness(story.world.ports, intake)
    with pytest.raises(RequestMalformed):
        accept_frames(story.world.ports, intake, session.challenge.steps[0].nonce, [(0, b"jpeg"), (8001, b"later")])
