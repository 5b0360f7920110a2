"""Looking at a card's order again and again: free three times, whatever the way, and never a fourth."""

from contextlib import suppress
from datetime import timedelta

import pytest
from builders import make_world
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, sampled_from

from services.domain.audit import AuditEvent
from services.domain.errors import CheckLost, FaceMismatch, ResetError, StepNotAllowed, TooManyAttempts
from services.domain.intake import CheckKind
from services.domain.liveness import ACTION_TIME
from services.domain.policy import FREE_ATTEMPTS, FREE_REVEALS, LONGEST_WAIT, ORDER_LIFE, Attempt
from services.domain.verdicts import CaptureFault, FaceAnswer, LivenessVerdict
from services.ports import EvidenceKind
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.look import face_attempts
from services.usecases.run_check import lose_check

FRAMES = [(at, b"jpeg %d" % at) for at in range(3)]
DARK, FIT = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK), LivenessVerdict(frontal=(0, 1, 2))
WHICH = sampled_from([1, 1, 2, 3])  # of the intakes, counted from the newest
ENDING = sampled_from(["dark", "lost", "waits", "dark", "lost", "waits", "no match", "match"])


def order_of(session):
    return tuple(step.action for step in session.challenge.steps)


def look_to_the_end(story, intake, **wishes):
    """A round that is left when its last action is asked; returns the order."""
    session = start_liveness(story.world.ports, intake, **wishes)
    for step in session.challenge.steps[:-1]:
        accept_frames(story.world.ports, intake, step.nonce, FRAMES)
    return order_of(session)


def failures(story, intake):
    with story.world.ports.ledger.begin() as unit:
        return unit.failures(unit.intake(intake).card_fingerprint, Attempt.FACE)[0]


def entries(story, intake, event=AuditEvent.ORDER_SEEN):
    with story.world.ports.ledger.begin() as unit:
        return [entry.fields for entry in unit.audit_of(intake) if entry.event is event]


def test_the_start_after_three_looks_costs_an_attempt_and_draws_a_new_order(story):
    intake = story.chip_read()
    seen = [look_to_the_end(story, intake) for _ in range(FREE_REVEALS)]
    assert (1, 0, []) == (len(set(seen)), failures(story, intake), entries(story, intake))
    start_liveness(story.world.ports, intake)
    assert (1, [{"reveals": 3}]) == (failures(story, intake), entries(story, intake))
    start_liveness(story.world.ports, intake)
    assert 1 == failures(story, intake)


def test_who_has_been_charged_may_look_three_times_more(story):
    intake, charged = story.chip_read(), []
    for _ in range(2 * FREE_REVEALS + 1):
        look_to_the_end(story, intake)
        charged.append(failures(story, intake))
    assert [0, 0, 0, 1, 1, 1, 2] == charged


def test_a_round_left_before_its_last_action_is_not_a_look(story):
    intake = story.chip_read()
    for _ in range(3 * FREE_REVEALS):
        session = start_liveness(story.world.ports, intake)
        for step in session.challenge.steps[:-2]:
            accept_frames(story.world.ports, intake, step.nonce, FRAMES)
    assert (0, 0) == (failures(story, intake), session.reveals)


def test_looks_are_the_card_s_through_new_intakes_and_with_the_smile_on_and_off(story):
    for smile in (True, False, True):
        look_to_the_end(story, story.chip_read(), smile=smile)
    intake = story.chip_read()
    start_liveness(story.world.ports, intake, smile=False)
    assert 1 == failures(story, intake)


def test_films_that_wait_in_other_intakes_are_looks_too(story):
    story.world.ports.runner.work = [].append
    rounds = []
    for _ in range(FREE_REVEALS):
        intake = story.chip_read()
        rounds.append(look_to_the_end(story, intake))
        with story.world.ports.ledger.begin() as unit:
            session = unit.newest_liveness(intake)
        accept_frames(story.world.ports, intake, session.challenge.steps[-1].nonce, FRAMES)
        submit_face_check(story.world.ports, intake)
    assert 1 == len(set(rounds))
    intake = story.chip_read()
    start_liveness(story.world.ports, intake)
    assert [{"reveals": 3}] == entries(story, intake)


def test_an_older_round_of_the_card_goes_no_further(story):
    """Else a hundred intakes, started together, would show one order a hundred times."""
    older, newer = story.chip_read(), story.chip_read()
    first = start_liveness(story.world.ports, older)
    start_liveness(story.world.ports, newer)
    with pytest.raises(StepNotAllowed):
        accept_frames(story.world.ports, older, first.challenge.steps[0].nonce, FRAMES)


def test_the_attempt_that_looking_costs_begins_the_wait_and_stays_counted(story):
    intake = story.chip_read()
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    for _ in range(FREE_ATTEMPTS - 1):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    seen = [look_to_the_end(story, intake) for _ in range(FREE_REVEALS)]
    for _ in range(2):
        with pytest.raises(TooManyAttempts) as wait:
            start_liveness(story.world.ports, intake)
        assert ("2026/11/21 09:00:30", FREE_ATTEMPTS) == (wait.value.detail["next_allowed_at"], failures(story, intake))
    story.world.clock.advance(timedelta(seconds=30))
    session = start_liveness(story.world.ports, intake)
    assert (0, FREE_ATTEMPTS) == (session.reveals, failures(story, intake))
    assert order_of(session) != seen[0]


def test_it_is_told_beforehand_how_many_are_free(story):
    story.world.eyes.liveness = DARK
    intake, told = story.chip_read(), []
    with story.world.ports.ledger.begin() as unit:
        card = unit.intake(intake).card_fingerprint
    for _ in range(FREE_REVEALS + 1):
        told.append(face_attempts(story.world.ports, card).free_repeats)
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    assert [3, 2, 1, 0] == told
    assert 2 == face_attempts(story.world.ports, card).free_repeats


def test_looks_are_forgotten_after_a_day_and_with_them_the_order(story):
    seen = [look_to_the_end(story, story.chip_read()) for _ in range(FREE_REVEALS)]
    story.world.clock.advance(ORDER_LIFE)
    intake = story.chip_read()
    with story.world.ports.ledger.begin() as unit:
        assert FREE_REVEALS == face_attempts(story.world.ports, unit.intake(intake).card_fingerprint).free_repeats
    session = start_liveness(story.world.ports, intake)
    assert (0, 0, True) == (failures(story, intake), session.reveals, order_of(session) != seen[0])


def test_looks_are_remembered_for_a_day_less_a_second(story):
    for _ in range(FREE_REVEALS):
        look_to_the_end(story, story.chip_read())
    story.world.clock.advance(ORDER_LIFE - timedelta(seconds=1))
    intake = story.chip_read()
    start_liveness(story.world.ports, intake)
    assert 1 == failures(story, intake)


class Looks(RuleBasedStateMachine):
    """Somebody with the card and its other password, who wants to know an order by heart before anything is counted.

    Whatever they do, what was seen since the last counted attempt (or the last success) is one order, three times at most.
    """

    @initialize()
    def begin(self):
        self.story = self.story_of(make_world(self.folder, database_url=self.url))
        self.story.card = f"card of {id(self)}"
        self.intakes = [self.story.chip_read()]
        self.rounds, self.waiting, self.looks, self.ends = {}, [], [], 0

    @rule()
    def new_intake(self):
        try:
            self.intakes.append(self.story.chip_read())
        except TooManyAttempts:
            self.story.world.clock.advance(LONGEST_WAIT)

    @rule(which=WHICH, smile=booleans())
    def start(self, which, smile):
        intake = self.intakes[-which % len(self.intakes)]
        with suppress(ResetError):
            self.rounds[intake] = start_liveness(self.story.world.ports, intake, smile=smile)
        self.tell_ends()

    @rule(which=WHICH, steps=sampled_from([1, 2, 3, 3, 4]))
    def answer(self, which, steps):
        intake = self.intakes[-which % len(self.intakes)]
        with suppress(ResetError):
            for _ in range(steps):
                self.answer_one(intake)

    def answer_one(self, intake):
        session = self.rounds.get(intake)
        if session is not None and not session.finished:
            nonce = session.challenge.steps[session.step].nonce
            self.rounds[intake] = session = accept_frames(self.story.world.ports, intake, nonce, FRAMES)
            if session.step == len(session.challenge.steps) - 1:
                self.looks.append(order_of(session))

    @rule(which=WHICH, ending=ENDING)
    def judge(self, which, ending):
        world = self.story.world
        world.eyes.liveness = DARK if ending == "dark" else FIT
        world.eyes.answer = FaceAnswer.MATCH if ending == "match" else FaceAnswer.NO_MATCH
        work = world.ports.runner.work
        otherwise = {"lost": lambda check: lose_check(world.ports, check), "waits": self.waiting.append}
        world.ports.runner.work = otherwise.get(ending, work)
        with suppress(ResetError):
            submit_face_check(world.ports, self.intakes[-which % len(self.intakes)])
        world.ports.runner.work = work
        self.tell_ends()

    @rule(which=WHICH, smile=booleans(), ending=ENDING)
    def whole_round(self, which, smile, ending):
        self.start(which, smile)
        self.answer(which, 4)
        self.judge(which, ending)

    @rule()
    def judge_what_waited(self):
        if self.waiting:
            self.story.world.ports.runner.work(self.waiting.pop(0))
        self.tell_ends()

    @rule(time=sampled_from([timedelta(seconds=1), ACTION_TIME, timedelta(minutes=2)]))
    def pass_time(self, time):
        self.story.world.clock.advance(time)

    def tell_ends(self):
        """An attempt was counted, or the check passed: what was seen before is worth nothing, or was paid for."""
        ends = 0
        with self.story.world.ports.ledger.begin() as unit:
            for intake in self.intakes:
                ends += sum(
                    e.event in (AuditEvent.ORDER_SEEN, AuditEvent.INTAKE_FACE_ACCEPTED) for e in unit.audit_of(intake)
                )
                ends += sum(c.failure == FaceMismatch.code for c in unit.checks_of(intake, CheckKind.FACE))
        if ends != self.ends:
            self.ends, self.looks = ends, []

    @invariant()
    def nobody_looks_a_fourth_time(self):
        assert len(getattr(self, "looks", [])) <= FREE_REVEALS


def test_nobody_sees_an_order_a_fourth_time_before_an_attempt_is_counted(tmp_path, story):
    Looks.story_of = type(story)
    Looks.folder, Looks.url = tmp_path, f"sqlite:///{tmp_path / 'looks.db'}"
    run_state_machine_as_test(Looks, settings=settings(max_examples=25, stateful_step_count=20, deadline=None))


def test_a_film_that_waits_is_given_up_when_another_is_begun(story):
    """Its frames are gone, so it is judged by none; its round was a look, and no attempt."""
    work, waiting = story.world.ports.runner.work, []
    story.world.ports.runner.work = waiting.append
    intake = story.chip_read()
    story.frames_sent(intake)
    submit_face_check(story.world.ports, intake)
    session = start_liveness(story.world.ports, intake)
    accept_frames(story.world.ports, intake, session.challenge.steps[0].nonce, FRAMES)
    work(waiting[0])
    with story.world.ports.ledger.begin() as unit:
        assert CheckLost.code == unit.newest_check(intake, CheckKind.FACE).failure
    assert (1, 0) == (session.reveals, failures(story, intake))
    labels = story.world.ports.evidence.labels(intake, EvidenceKind.FRAME)
    assert len(FRAMES) == len(labels)
