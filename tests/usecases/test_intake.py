"""A resident's way to a reservation, and what stands in it."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import FACE, FRONT, proof, read_front

from services.domain.errors import (
    AuthorisationRefused,
    CardSignatureInvalid,
    ChallengeLate,
    ChecksBusy,
    FrontRejectedBefore,
    IntakeEnded,
    KindNotOffered,
    NonceUsed,
    PreviousResultPending,
    RequestMalformed,
    ReservationInUse,
    StepNotAllowed,
    TooManyAttempts,
)
from services.domain.intake import CheckKind, CheckState
from services.domain.password import PasswordKind
from services.domain.policy import CHECK_TIME, EVIDENCE_LIFE, INTAKE_LIFE, NONCE_LIFE
from services.domain.reservation import LEASE, ReservationState
from services.domain.verdicts import (
    CaptureFault,
    FaceAnswer,
    FieldReading,
    FrontFault,
    FrontReading,
    LivenessFault,
    LivenessVerdict,
)
from services.ports import EvidenceKind
from services.usecases.card_session import accept_card_proof, attach_card_session, fail_card_session, open_card_session
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.expire import expire
from services.usecases.read_card_front import confirm_front, front_reading, submit_front_picture
from services.usecases.release import release_stale
from services.usecases.reserve import reserve
from services.usecases.run_check import check_status
from services.usecases.start_intake import find_intake, start_intake


def test_all_checks_held_make_a_reservation_of_24_hours(either_story):
    reservation = either_story.reserved()
    assert (ReservationState.RESERVED, timedelta(hours=24)) == (
        reservation.state,
        reservation.expires_at - reservation.reserved_at,
    )


@pytest.mark.parametrize("kind", ["", "text", "individual_number", "SIGNATURE", "resident_register"])
def test_the_cards_other_passwords_cannot_be_reserved(world, kind):
    with pytest.raises(KindNotOffered):
        start_intake(world.ports, kind=kind, terms_accepted=True)


def test_without_the_terms_nothing_begins(world):
    with pytest.raises(RequestMalformed):
        start_intake(world.ports, kind="signature", terms_accepted=False)


def test_only_the_browsers_token_finds_the_intake(world):
    started = start_intake(world.ports, kind="signature", terms_accepted=True)
    assert started.intake == find_intake(world.ports, started.token)
    assert find_intake(world.ports, started.token + "x") is None


@pytest.mark.parametrize("step", ["started", "front_read", "chip_read"])
def test_no_step_can_be_skipped(story, step):
    intake = getattr(story, step)()
    with pytest.raises(StepNotAllowed):
        reserve(story.world.ports, intake)


def test_a_picture_is_read_shown_and_dropped(story):
    intake = story.started()
    check = submit_front_picture(story.world.ports, intake, b"picture")
    assert CheckState.PASSED is check_status(story.world.ports, intake, CheckKind.FRONT).state
    assert check.id == check_status(story.world.ports, intake, CheckKind.FRONT).id
    assert read_front() == front_reading(story.world.ports, intake).reading
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None


def test_a_picture_that_was_not_read_says_why_and_shows_nothing(story):
    blurred = FieldReading(None, None, 0.0, b"strip", FrontFault.BLURRED)
    story.world.eyes.reading = FrontReading(read_front().birth, blurred, read_front().security_code)
    intake = story.started()
    submit_front_picture(story.world.ports, intake, b"picture")
    check = check_status(story.world.ports, intake, CheckKind.FRONT)
    assert (check.state, check.failure, check.reason) == (CheckState.FAILED, "PR-3201", "expiry:blurred")
    assert front_reading(story.world.ports, intake) is None


def test_the_back_of_the_card_is_dropped_at_once(story):
    story.world.eyes.reading = FrontReading(None, None, None, FrontFault.WRONG_SIDE)
    intake = story.started()
    submit_front_picture(story.world.ports, intake, b"picture of the back")
    assert check_status(story.world.ports, intake, CheckKind.FRONT).failure == "PR-3202"
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None


def test_a_check_whose_worker_never_answers_is_lost_and_may_be_repeated(story):
    story.world.ports.runner.work = lambda _: None
    intake = story.started()
    submit_front_picture(story.world.ports, intake, b"picture")
    story.world.clock.advance(CHECK_TIME)
    assert check_status(story.world.ports, intake, CheckKind.FRONT).failure == "PR-7003"


def test_a_card_session_is_attached_once(story):
    opened = open_card_session(story.world.ports, story.front_read())
    attach_card_session(story.world.ports, opened.id, opened.secret)
    with pytest.raises(NonceUsed):
        attach_card_session(story.world.ports, opened.id, opened.secret)


def test_a_card_session_opens_to_nobody_without_its_secret(story):
    opened = open_card_session(story.world.ports, story.front_read())
    with pytest.raises(NonceUsed):
        attach_card_session(story.world.ports, opened.id, "guess")


def test_the_companion_gets_the_confirmed_fields(story):
    opened = open_card_session(story.world.ports, story.front_read())
    assert attach_card_session(story.world.ports, opened.id, opened.secret).front == FRONT


def test_a_card_session_ends_with_its_time(story):
    opened = open_card_session(story.world.ports, story.front_read())
    story.world.clock.advance(NONCE_LIFE)
    with pytest.raises(NonceUsed):
        attach_card_session(story.world.ports, opened.id, opened.secret)


def test_a_nonce_is_gone_even_when_the_proof_is_refused(story):
    opened = open_card_session(story.world.ports, story.front_read())
    task = attach_card_session(story.world.ports, opened.id, opened.secret)
    signed = proof(PasswordKind.USER_AUTHENTICATION, "sakura", task.nonce)
    story.world.proofs.refusal = CardSignatureInvalid()
    with pytest.raises(CardSignatureInvalid):
        accept_card_proof(story.world.ports, opened.id, opened.secret, signed, FACE)
    story.world.proofs.refusal = None
    with pytest.raises(NonceUsed):
        accept_card_proof(story.world.ports, opened.id, opened.secret, signed, FACE)


def test_a_photo_that_the_issuer_does_not_know_with_this_card_is_refused(story):
    story.world.authority.refusal = AuthorisationRefused()
    with pytest.raises(AuthorisationRefused):
        story.chip_read()


def test_the_companions_failure_is_shown_by_its_code(story):
    intake = story.front_read()
    opened = open_card_session(story.world.ports, intake)
    fail_card_session(story.world.ports, opened.id, opened.secret, "PR-3602")
    with story.world.ports.ledger.begin() as unit:
        assert unit.newest_card_session(intake).failure == "PR-3602"


def test_fields_that_the_card_refused_are_not_presented_again_in_this_intake(story):
    intake, other = story.front_read(), replace(FRONT, security_code="2286")
    for front in (FRONT, other):
        confirm_front(story.world.ports, intake, front, method="hand")
        opened = open_card_session(story.world.ports, intake)
        fail_card_session(story.world.ports, opened.id, opened.secret, "PR-3602")
    for front in (FRONT, other):
        confirm_front(story.world.ports, intake, front, method="camera")
        with pytest.raises(FrontRejectedBefore):
            open_card_session(story.world.ports, intake)


def test_fields_that_differ_in_what_the_card_never_sees_are_the_same_to_it(story):
    """照合番号B has the expiry's year only: another day would cost another of the ten tries for nothing."""
    intake = story.front_read()
    opened = open_card_session(story.world.ports, intake)
    fail_card_session(story.world.ports, opened.id, opened.secret, "PR-3602")
    other_day = replace(FRONT, expiry=FRONT.expiry + timedelta(days=1))
    confirm_front(story.world.ports, intake, other_day, method="hand")
    with pytest.raises(FrontRejectedBefore):
        open_card_session(story.world.ports, intake)


def test_another_failure_of_the_card_forbids_nothing(story):
    intake = story.front_read()
    opened = open_card_session(story.world.ports, intake)
    fail_card_session(story.world.ports, opened.id, opened.secret, "PR-6004")
    open_card_session(story.world.ports, intake)


def test_fields_that_the_card_refused_can_be_corrected(story):
    intake = story.front_read()
    confirm_front(story.world.ports, intake, FRONT, method="hand")
    open_card_session(story.world.ports, intake)


def test_frames_must_answer_the_action_that_is_asked(story):
    intake = story.chip_read()
    session = start_liveness(story.world.ports, intake)
    with pytest.raises(RequestMalformed):
        accept_frames(story.world.ports, intake, session.challenge.steps[1].nonce, [(0, b"jpeg")])


def test_frames_after_the_deadline_are_too_late(story):
    intake = story.chip_read()
    session = start_liveness(story.world.ports, intake)
    story.world.clock.advance(timedelta(seconds=8))
    with pytest.raises(ChallengeLate):
        accept_frames(story.world.ports, intake, session.challenge.steps[0].nonce, [(0, b"jpeg")])


def test_too_many_frames_are_refused(story):
    intake = story.chip_read()
    session = start_liveness(story.world.ports, intake)
    with pytest.raises(RequestMalformed):
        accept_frames(story.world.ports, intake, session.challenge.steps[0].nonce, [(0, b"jpeg")] * 17)


def test_an_unfinished_challenge_is_not_judged(story):
    intake = story.chip_read()
    start_liveness(story.world.ports, intake)
    with pytest.raises(StepNotAllowed):
        submit_face_check(story.world.ports, intake)


@pytest.mark.parametrize(
    ("liveness", "answer", "code", "counted"),
    [
        (LivenessVerdict(capture_fault=CaptureFault.TOO_DARK), FaceAnswer.MATCH, "PR-3301", 0),
        (LivenessVerdict(fault=LivenessFault.FLAT), FaceAnswer.MATCH, "PR-3302", 1),
        (LivenessVerdict(frontal=(0,)), FaceAnswer.NO_MATCH, "PR-3303", 1),
        (LivenessVerdict(frontal=(0,)), FaceAnswer.ASK_AGAIN, "PR-3304", 1),
    ],
)
def test_only_a_judged_attempt_counts(story, liveness, answer, code, counted):
    story.world.eyes.liveness, story.world.eyes.answer = liveness, answer
    intake = story.face_matched()
    assert code == check_status(story.world.ports, intake, CheckKind.FACE).failure
    with story.world.ports.ledger.begin() as unit:
        fingerprint = unit.intake(intake).card_fingerprint
        assert counted == unit.failures(fingerprint, "face")[0]


def test_after_five_failed_faces_the_card_waits_and_is_told_until_when(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    for _ in range(5):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    with pytest.raises(TooManyAttempts) as wait:
        start_liveness(story.world.ports, intake)
    assert wait.value.detail["next_allowed_at"] == "2026/11/21 09:00:30"
    story.world.clock.advance(timedelta(seconds=30))
    start_liveness(story.world.ports, intake)


def test_many_intakes_at_once_do_not_share_one_look_at_the_count(story):
    """A thief with card and password has eight intakes, and sends each one's film before the first is judged."""
    waiting = []
    story.world.ports.runner.work = waiting.append
    for intake in [story.chip_read() for _ in range(8)]:
        with suppress(TooManyAttempts):
            story.frames_sent(intake)
            submit_face_check(story.world.ports, intake)
    with story.world.ports.ledger.begin() as unit:
        assert [waiting[-1]] == [check.id for check in unit.waiting_checks()]


def test_of_many_films_of_one_card_only_the_newest_is_judged(story):
    older, newer = story.chip_read(), story.chip_read()
    story.frames_sent(older)
    story.frames_sent(newer)
    with pytest.raises(StepNotAllowed):
        submit_face_check(story.world.ports, older)
    submit_face_check(story.world.ports, newer)
    assert check_status(story.world.ports, newer, CheckKind.FACE).state is CheckState.PASSED


def test_a_challenge_is_not_drawn_anew_until_it_was_judged(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    orders = {
        tuple(step.action for step in start_liveness(story.world.ports, intake).challenge.steps) for _ in range(12)
    }
    assert len(orders) == 1
    nonces = {start_liveness(story.world.ports, intake).challenge.steps[0].nonce for _ in range(3)}
    assert len(nonces) == 3


def test_a_full_queue_leaves_no_picture_no_waiting_check_and_no_attempt(story):
    def busy(_):
        raise ChecksBusy

    story.world.ports.runner.work = busy
    intake = story.started()
    with pytest.raises(ChecksBusy):
        submit_front_picture(story.world.ports, intake, b"picture")
    assert check_status(story.world.ports, intake, CheckKind.FRONT).state is CheckState.FAILED
    assert story.world.ports.evidence.get(intake, EvidenceKind.FRONT_PICTURE) is None
    intake = story.chip_read()
    story.frames_sent(intake)
    with pytest.raises(ChecksBusy):
        submit_face_check(story.world.ports, intake)
    with story.world.ports.ledger.begin() as unit:
        assert unit.failures(unit.intake(intake).card_fingerprint, "face")[0] == 0


def test_a_proof_without_an_attached_session_is_refused(story):
    opened = open_card_session(story.world.ports, story.front_read())
    with story.world.ports.ledger.begin() as unit:
        nonce = unit.card_session(opened.id).nonce
    signed = proof(PasswordKind.USER_AUTHENTICATION, "sakura", nonce)
    with pytest.raises(NonceUsed):
        accept_card_proof(story.world.ports, opened.id, opened.secret, signed, FACE)


def test_a_new_intake_does_not_shorten_the_wait(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    for _ in range(5):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    with pytest.raises(TooManyAttempts):
        story.chip_read()


def test_nothing_sealed_remains_after_the_decision(story):
    intake = story.face_matched()
    assert [kind for kind in EvidenceKind if story.world.ports.evidence.labels(intake, kind)] == []


def test_sealed_images_expire_by_themselves(story):
    intake = story.chip_read()
    story.world.clock.advance(EVIDENCE_LIFE)
    assert story.world.ports.evidence.get(intake, EvidenceKind.CHIP_PHOTO) is None


def test_an_intake_ends_with_its_time(story):
    intake = story.front_read()
    story.world.clock.advance(INTAKE_LIFE)
    with pytest.raises(IntakeEnded):
        open_card_session(story.world.ports, intake)
    assert expire(story.world.ports) == 1


def test_a_new_reservation_replaces_the_old_one(story):
    old, new = story.reserved(), story.reserved()
    assert (
        story.reservation(old.id).state,
        story.reservation(new.id).state,
    ) == (ReservationState.CANCELLED, ReservationState.RESERVED)


def test_a_reservation_at_a_kiosk_is_not_replaced(story):
    story.reserved()
    intake = story.face_matched()
    story.claimed()
    with pytest.raises(ReservationInUse):
        reserve(story.world.ports, intake)


def test_a_reservation_in_doubt_is_settled_not_replaced(story):
    story.reserved()
    story.claimed()
    story.authorised()
    story.world.clock.advance(LEASE)
    release_stale(story.world.ports)
    intake = story.face_matched()
    with pytest.raises(PreviousResultPending):
        reserve(story.world.ports, intake)
