"""Claims, intakes, card sessions, checks and liveness runs: what the unit promises of each."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest

from services.domain.audit import AuditEvent
from services.domain.errors import IntakeEnded, IntakeNotFound, NotAllowedNow, StepNotAllowed
from services.domain.intake import (
    INTAKE,
    CardSession,
    CardSessionState,
    Check,
    CheckKind,
    CheckState,
    IntakeEvent,
    IntakeState,
)
from services.domain.liveness import LivenessSession, challenge_of, draw_actions

SECOND = timedelta(seconds=1)


def test_a_claim_is_read_back_with_what_happened_to_it(story):
    claim = story.claim(story.reservation().id, "c1")
    now = story.clock.now()
    with story.ledger.begin() as unit:
        assert claim == unit.claim("c1")
        assert unit.newest_authorised_claim(claim.reservation_id) is None
        unit.mark_claim("c1", authorised_at=now, card_challenge=b"challenge")
        unit.mark_claim("c1", outcome="completed")
        marked = unit.claim("c1")
        assert marked == unit.newest_authorised_claim(claim.reservation_id)
    assert (now, b"challenge", "completed") == (marked.authorised_at, marked.card_challenge, marked.outcome)


def test_a_claims_id_is_taken_once(story):
    story.claim(story.reservation().id, "c1")
    with pytest.raises(NotAllowedNow):
        story.claim(story.reservation().id, "c1")


def test_an_unknown_claim_is_none(ledger):
    with ledger.begin() as unit:
        assert unit.claim("nobody") is None


@pytest.mark.parametrize("event", IntakeEvent)
def test_the_database_moves_an_intake_exactly_where_the_table_does(story, event):
    outcomes = {}
    for state in IntakeState:
        made = story.intake(state=state)
        try:
            with story.ledger.begin() as unit:
                outcomes[state, event] = unit.advance_intake(made.id, event, at=story.clock.now()).state
        except (StepNotAllowed, IntakeEnded):
            continue
    assert outcomes == {move: target for move, target in INTAKE.table.items() if move[1] is event}


def test_an_intake_moves_until_its_time_has_passed(story):
    made = story.intake()
    with story.ledger.begin() as unit:
        moved = unit.advance_intake(made.id, IntakeEvent.ACCEPT_FRONT, at=made.ends_at - SECOND)
    assert IntakeState.FRONT_READ is moved.state
    with pytest.raises(IntakeEnded), story.ledger.begin() as unit:
        unit.advance_intake(made.id, IntakeEvent.ACCEPT_CARD, at=made.ends_at)


def test_an_abandoned_intake_has_ended(story):
    made = story.intake()
    with story.ledger.begin() as unit:
        unit.advance_intake(made.id, IntakeEvent.ABANDON, at=made.ends_at, audit={"why": "time"})
    with pytest.raises(IntakeEnded), story.ledger.begin() as unit:
        unit.advance_intake(made.id, IntakeEvent.ACCEPT_FRONT, at=made.created_at)


def test_a_step_out_of_order_is_not_allowed_even_when_late(story):
    made = story.intake()
    with pytest.raises(StepNotAllowed), story.ledger.begin() as unit:
        unit.advance_intake(made.id, IntakeEvent.RESERVE, at=made.ends_at)


def test_an_intakes_moves_are_logged(story):
    made = story.intake()
    with story.ledger.begin() as unit:
        unit.advance_intake(made.id, IntakeEvent.ACCEPT_FRONT, at=made.created_at, audit={"method": "hand"})
        logged = [(entry.event, dict(entry.fields)) for entry in unit.audit_of(made.id)]
    started = (AuditEvent.INTAKE_STARTED, {"kind": "user_authentication", "rehearsal": 1})
    assert [started, (AuditEvent.INTAKE_FRONT_ACCEPTED, {"method": "hand"})] == logged


def test_an_intake_is_found_by_id_and_by_its_browsers_token(story):
    made = story.intake()
    with story.ledger.begin() as unit:
        assert made == unit.intake(made.id) == unit.intake_by_token(made.token_hash)
        assert unit.intake_by_token(b"another browser") is None
        with pytest.raises(IntakeNotFound):
            unit.intake("nobody")
        with pytest.raises(IntakeNotFound):
            unit.advance_intake("nobody", IntakeEvent.ABANDON, at=made.created_at)


def test_intakes_under_way_end_with_their_time(story):
    waiting = story.intake()
    story.intake(state=IntakeState.RESERVED)
    with story.ledger.begin() as unit:
        assert unit.ended_intakes(waiting.ends_at - SECOND) == []
        assert [waiting] == unit.ended_intakes(waiting.ends_at)


def card_session(story, intake_id, number):
    now = story.clock.now()
    return CardSession(f"s{number}", intake_id, b"hash", b"nonce", CardSessionState.OPEN, now, now + SECOND)


def test_of_card_sessions_of_one_instant_the_last_is_the_newest(story):
    intake = story.intake().id
    sessions = [card_session(story, intake, number) for number in range(3)]
    with story.ledger.begin() as unit:
        assert unit.newest_card_session(intake) is None
        for session in sessions:
            unit.add_card_session(session)
        assert sessions[-1] == unit.newest_card_session(intake)
        assert sessions[0] == unit.card_session("s0")
        assert unit.card_session("nobody") is None


def test_a_card_session_is_attached_once(story):
    intake = story.intake().id
    with story.ledger.begin() as unit:
        unit.add_card_session(card_session(story, intake, 0))

    def attach(_number):
        with story.ledger.begin() as unit:
            return unit.move_card_session("s0", CardSessionState.OPEN, CardSessionState.ATTACHED)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attach, range(8))) == 1
    with story.ledger.begin() as unit:
        unit.move_card_session("s0", CardSessionState.ATTACHED, CardSessionState.FAILED, failure="PR-6002")
        settled = unit.card_session("s0")
    assert (settled.state, settled.failure) == (CardSessionState.FAILED, "PR-6002")


def test_a_check_is_settled_once(story):
    intake, now = story.intake().id, story.clock.now()
    front, face = (Check(kind.value, intake, kind, CheckState.WAITING, now) for kind in CheckKind)
    with story.ledger.begin() as unit:
        unit.add_check(front)
        unit.add_check(face)
        assert [front, face] == unit.waiting_checks()
        assert unit.settle_check("front")
        assert not unit.settle_check("front", failure="PR-3201")
        assert unit.settle_check("face", failure="PR-3302", reason="flat")
        assert unit.waiting_checks() == []
        assert CheckState.PASSED is unit.check("front").state
        failed = unit.newest_check(intake, CheckKind.FACE)
        assert unit.check("nobody") is None
    assert (failed.state, failed.failure, failed.reason) == (CheckState.FAILED, "PR-3302", "flat")


def test_the_newest_check_is_the_last_one_of_its_kind(story):
    intake, now = story.intake().id, story.clock.now()
    with story.ledger.begin() as unit:
        for number in range(3):
            unit.add_check(Check(f"k{number}", intake, CheckKind.FRONT, CheckState.WAITING, now))
        assert unit.newest_check(intake, CheckKind.FRONT).id == "k2"
        assert unit.newest_check(intake, CheckKind.FACE) is None


def test_a_liveness_run_goes_one_step_at_a_time(story):
    now = story.clock.now()
    session = LivenessSession(
        "l1", story.intake().id, challenge_of(draw_actions(Random(1)), ["a", "b", "c", "d"]), 0, now
    )
    with story.ledger.begin() as unit:
        unit.add_liveness(session)
        assert session == unit.liveness("l1") == unit.newest_liveness(session.intake_id)
        assert unit.move_liveness("l1", 0, asked_at=now + SECOND)
        assert not unit.move_liveness("l1", 0, asked_at=now)
        moved = unit.liveness("l1")
        assert unit.liveness("nobody") is None
    assert (1, now + SECOND, session.challenge) == (moved.step, moved.asked_at, moved.challenge)
