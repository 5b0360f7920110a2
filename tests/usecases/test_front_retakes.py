"""A refused picture of the card front: two retakes, then by hand; nothing uncertain is filled in, nothing typed is lost."""

import pytest
from builders import FRONT, read_front

from services.domain.errors import ChecksBusy, FrontByHand
from services.domain.intake import CheckKind
from services.domain.policy import CHECK_TIME, FRONT_PICTURES
from services.domain.verdicts import FieldReading, FrontFault, FrontReading
from services.ports import EvidenceKind
from services.usecases.keep_typed import keep_typed, typed_before
from services.usecases.read_card_front import confirm_front, front_reading, submit_front_picture
from services.usecases.retake_front import pictures_left, refused_fields
from services.usecases.run_check import check_status, lose_check

BLURRED = FieldReading(None, None, 0.0, b"strip of the expiry", FrontFault.BLURRED)
EXPIRY_BLURRED = FrontReading(read_front().birth, BLURRED, read_front().security_code)
WRONG_SIDE = FrontReading(None, None, None, FrontFault.WRONG_SIDE)


def send(story, intake, reading=EXPIRY_BLURRED):
    story.world.eyes.reading = reading
    submit_front_picture(story.world.ports, intake, b"picture")


def shown_refused(story, intake):
    return refused_fields(story.world.ports, check_status(story.world.ports, intake, CheckKind.FRONT))


def test_two_retakes_are_possible_and_then_the_fields_are_typed(story):
    intake = story.started()
    left = []
    for _ in range(FRONT_PICTURES):
        send(story, intake)
        left.append(pictures_left(story.world.ports, intake))
    with pytest.raises(FrontByHand):
        send(story, intake, read_front())
    assert [2, 1, 0] == left
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None
    confirm_front(story.world.ports, intake, FRONT, method="hand")


def test_the_wrong_side_counts_as_well(story):
    intake = story.started()
    send(story, intake, WRONG_SIDE)
    assert (2, {}) == (pictures_left(story.world.ports, intake), shown_refused(story, intake))


def test_each_intake_has_its_own_retakes(story):
    first, second = story.started(), story.started()
    send(story, first)
    assert (2, 3) == (pictures_left(story.world.ports, first), pictures_left(story.world.ports, second))


def test_what_is_no_fault_of_the_picture_costs_no_retake(story):
    intake = story.started()
    story.world.ports.runner.work = lambda _: None
    submit_front_picture(story.world.ports, intake, b"picture")
    story.world.clock.advance(CHECK_TIME)
    check_status(story.world.ports, intake, CheckKind.FRONT)

    def busy(_):
        raise ChecksBusy(wait_s=9)

    story.world.ports.runner.work = busy
    with pytest.raises(ChecksBusy):
        submit_front_picture(story.world.ports, intake, b"picture")
    assert FRONT_PICTURES == pictures_left(story.world.ports, intake)


def test_a_refused_picture_shows_the_piece_that_was_not_read_and_no_value(story):
    intake = story.started()
    send(story, intake)
    assert {"expiry": BLURRED} == dict(shown_refused(story, intake))
    assert front_reading(story.world.ports, intake) is None


def test_a_new_picture_is_a_new_reading(story):
    intake = story.started()
    send(story, intake)
    send(story, intake, read_front())
    assert ({}, read_front()) == (
        shown_refused(story, intake),
        front_reading(story.world.ports, intake).reading,
    )
    send(story, intake)
    assert front_reading(story.world.ports, intake) is None


def test_what_was_typed_outlives_a_picture_and_not_the_resident_s_yes(story):
    intake = story.started()
    keep_typed(story.world.ports, intake, {"birth_year": "64", "security_code": "", "birth_month": "x" * 99})
    send(story, intake)
    assert {"birth_year": "64", "birth_month": "x" * 32} == typed_before(story.world.ports, intake)
    confirm_front(story.world.ports, intake, FRONT, method="hand")
    assert {} == typed_before(story.world.ports, intake)


def test_a_check_that_was_given_up_leaves_no_picture(story):
    story.world.ports.runner.work = lambda _: None
    intake = story.started()
    check = submit_front_picture(story.world.ports, intake, b"picture")
    lose_check(story.world.ports, check.id)
    lose_check(story.world.ports, "no such check")
    assert "PR-7003" == check_status(story.world.ports, intake, CheckKind.FRONT).failure
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None


def test_a_picture_stays_sealed_until_its_check_is_settled(story):
    """A process that is killed while it judges can be replaced by another."""

    class PowerCut(BaseException):
        pass

    def cut(_picture):
        raise PowerCut

    intake, judge = story.started(), story.world.ports.runner.work
    story.world.eyes.read = cut
    with pytest.raises(PowerCut):
        submit_front_picture(story.world.ports, intake, b"picture")
    del story.world.eyes.read
    judge(check_status(story.world.ports, intake, CheckKind.FRONT).id)
    assert read_front() == front_reading(story.world.ports, intake).reading
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None
