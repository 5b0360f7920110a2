"""One card, two browsers at the same instant: one answer to an action is taken, whole, and one start is counted."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from builders import PHOTO, InlineRunner, ScriptedEyes, make_world, read_front
from storage_stories import Story

from services.domain.errors import FaceMismatch, ResetError, StorageUnavailable
from services.domain.intake import CheckKind, IntakeState
from services.domain.policy import FRAMES_PER_STEP, FREE_REVEALS, Attempt
from services.domain.verdicts import FaceAnswer
from services.ports import EvidenceKind, Ports
from services.storage.evidence import KEY_BYTES, SealedEvidence
from services.storage.ledger import SQLLedger
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.run_check import Eyes, run_check

RACES = 20
BROWSERS = 4
CARD = "card of one"


@pytest.fixture
def ports(database, clock, tmp_path) -> Ports:
    sealed = SealedEvidence(database, clock, bytes(KEY_BYTES))
    return replace(make_world(tmp_path).ports, clock=clock, ledger=SQLLedger(database), evidence=sealed)


def at_face_step(ports: Ports, story: Story, card: str = CARD) -> str:
    intake = story.intake(state=IntakeState.CHIP_READ, card_fingerprint=card).id
    ports.evidence.put(intake, EvidenceKind.CHIP_PHOTO, PHOTO)
    return intake


def at_once(act: Callable[[int], object]) -> Counter[bool]:
    """How many of the browsers were answered, and how many refused."""
    start = Barrier(BROWSERS, timeout=60)

    def browser(number: int) -> bool:
        start.wait()
        try:
            act(number)
        except ResetError:
            return False
        return True

    with ThreadPoolExecutor(BROWSERS) as pool:
        return Counter(pool.map(browser, range(BROWSERS)))


def film(number: int) -> list[tuple[int, bytes]]:
    """Frames that tell whose they are, by their times and their content."""
    return [(10 * at + number, b"frame of %d" % number) for at in range(FRAMES_PER_STEP)]


def kept(ports: Ports, intake: str) -> set[bytes]:
    labels = ports.evidence.labels(intake, EvidenceKind.FRAME)
    assert len(labels) == FRAMES_PER_STEP
    return {ports.evidence.get(intake, EvidenceKind.FRAME, label=label) for label in labels}


def test_of_answers_to_one_action_one_is_taken_and_nothing_of_the_others_is_kept(ports, story):
    for race in range(RACES):
        intake = at_face_step(ports, story, f"card {race}")
        nonce = start_liveness(ports, intake).challenge.steps[0].nonce
        taken = at_once(lambda number, i=intake, n=nonce: accept_frames(ports, i, n, film(number)))
        assert {True: 1, False: BROWSERS - 1} == taken
        assert len(kept(ports, intake)) == 1


def test_an_order_that_was_seen_too_often_is_counted_once_by_starts_at_once(ports, story):
    intakes = [at_face_step(ports, story) for _ in range(BROWSERS)]
    for _ in range(FREE_REVEALS):
        session = start_liveness(ports, intakes[0])
        for step in session.challenge.steps[:-1]:
            accept_frames(ports, intakes[0], step.nonce, film(0))
    assert {True: BROWSERS} == at_once(lambda number: start_liveness(ports, intakes[number]))
    with ports.ledger.begin() as unit:
        assert 1 == unit.failures(CARD, Attempt.FACE)[0]


def test_a_film_posted_at_once_and_again_is_judged_once(ports, story):
    """Judged in the post itself, so that a later one finds the verdict: it must not find a film without frames."""
    eyes = ScriptedEyes(read_front(), answer=FaceAnswer.NO_MATCH)
    ports = replace(ports, runner=InlineRunner())
    ports.runner.work = lambda check: run_check(ports, Eyes(front=eyes, liveness=eyes, matcher=eyes), check)
    for race in range(RACES):
        card = f"card {race}"
        intake = at_face_step(ports, story, card)
        for step in start_liveness(ports, intake).challenge.steps:
            accept_frames(ports, intake, step.nonce, film(0))
        assert {True: BROWSERS} == at_once(lambda _, i=intake: [submit_face_check(ports, i) for _ in range(2)])
        with ports.ledger.begin() as unit:
            (check,) = unit.checks_of(intake, CheckKind.FACE)
            assert (FaceMismatch.code, 1) == (check.failure, unit.failures(card, Attempt.FACE)[0])


class Breaking:
    """An evidence store that fails in the middle of a step's frames, as a process does that is killed there."""

    def __init__(self, ports: Ports) -> None:
        self._evidence = ports.evidence
        self._left = FRAMES_PER_STEP // 2

    def put(self, *place: object, label: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise StorageUnavailable
        self._evidence.put(*place, label=label)


def test_half_a_step_s_frames_leave_neither_frames_nor_a_move(ports, story):
    intake = at_face_step(ports, story)
    session = start_liveness(ports, intake)
    nonce = session.challenge.steps[0].nonce
    with pytest.raises(StorageUnavailable):
        accept_frames(replace(ports, evidence=Breaking(ports)), intake, nonce, film(0))
    with ports.ledger.begin() as unit:
        assert (session, []) == (unit.newest_liveness(intake), ports.evidence.labels(intake, EvidenceKind.FRAME))
    assert 1 == accept_frames(ports, intake, nonce, film(1)).step
    assert {b"frame of 1"} == kept(ports, intake)
