"""The chip's photo lives for minutes, an intake longer: who comes later is told before a film is made, and loses nothing."""

from datetime import timedelta

import pytest

from services.domain.errors import IntakeEnded
from services.domain.policy import EVIDENCE_LIFE, FREE_REVEALS, INTAKE_LIFE, Attempt
from services.ports import EvidenceKind
from services.usecases.check_face import start_liveness, submit_face_check


def facts(story, intake):
    with story.world.ports.ledger.begin() as unit:
        card = unit.intake(intake).card_fingerprint
        return unit.failures(card, Attempt.FACE)[0], unit.newest_liveness_of_card(card)


def test_a_start_without_the_photo_is_refused_and_shows_nothing(story):
    assert EVIDENCE_LIFE < INTAKE_LIFE
    intake = story.chip_read()
    story.world.clock.advance(EVIDENCE_LIFE)
    for _ in range(FREE_REVEALS + 1):
        with pytest.raises(IntakeEnded):
            start_liveness(story.world.ports, intake)
    assert (0, None) == facts(story, intake)
    assert "カードを読み取って" in IntakeEnded.remedy


def test_until_the_last_second_a_film_is_begun(story):
    intake = story.chip_read()
    story.world.clock.advance(EVIDENCE_LIFE - timedelta(seconds=1))
    assert start_liveness(story.world.ports, intake) == facts(story, intake)[1]


def test_a_film_whose_photo_has_gone_meanwhile_is_not_counted(story):
    intake = story.chip_read()
    story.world.clock.advance(EVIDENCE_LIFE - timedelta(seconds=1))
    story.frames_sent(intake)
    story.world.clock.advance(timedelta(seconds=1))
    with pytest.raises(IntakeEnded):
        submit_face_check(story.world.ports, intake)
    assert 0 == facts(story, intake)[0]


def test_the_card_read_again_begins_anew(story):
    story.world.clock.advance(EVIDENCE_LIFE)
    again = story.face_matched()
    assert [] == story.world.ports.evidence.labels(again, EvidenceKind.CHIP_PHOTO)
