"""A reservation moves by one conditional UPDATE: state and guard are asked where the race is decided."""

from datetime import timedelta

import pytest

from services.domain.errors import NotAllowedNow, ReservationNotFound, StepNotAllowed
from services.domain.intake import INTAKE, IntakeEvent
from services.domain.password import PasswordKind
from services.domain.reservation import LEASE, LIVE, RESERVATION, ReservationEvent, ReservationState
from services.ports import RAISE, Guard
from services.storage.unit_intakes import ENTRY_OF as INTAKE_ENTRY_OF
from services.storage.unit_reservations import ENTRY_OF

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("event", ReservationEvent)
def test_the_database_moves_exactly_where_the_table_does(story, event):
    outcomes = {}
    for state in ReservationState:
        made = story.reservation(state)
        try:
            with story.ledger.begin() as unit:
                outcomes[state, event] = unit.advance(made.id, event, at=story.clock.now(), actor="test").state
        except StepNotAllowed:
            assert made == story.found(made.id)
        else:
            assert outcomes[state, event] is story.found(made.id).state
    assert outcomes == {move: target for move, target in RESERVATION.table.items() if move[1] is event}


def test_every_event_has_its_own_entry():
    assert set(ENTRY_OF) == set(ReservationEvent)
    assert len(set(ENTRY_OF.values())) == len(ReservationEvent)
    assert set(INTAKE_ENTRY_OF) == set(IntakeEvent)
    assert {event for _, event in INTAKE.table} == set(IntakeEvent)


@pytest.mark.parametrize(
    ("guard", "holds"),
    [
        (lambda r: Guard(unexpired_at=r.expires_at - SECOND), True),
        (lambda r: Guard(unexpired_at=r.expires_at), False),
        (lambda r: Guard(expired_at=r.expires_at - SECOND), False),
        (lambda r: Guard(expired_at=r.expires_at), True),
        (lambda _: Guard(claim_id="c1"), True),
        (lambda _: Guard(claim_id="c2"), False),
        (lambda r: Guard(lease_running_at=r.claimed_at + LEASE - SECOND), True),
        (lambda r: Guard(lease_running_at=r.claimed_at + LEASE), False),
        (lambda r: Guard(lease_ended_at=r.claimed_at + LEASE - SECOND), False),
        (lambda r: Guard(lease_ended_at=r.claimed_at + LEASE), True),
        (lambda r: Guard(claimed_before=r.claimed_at), False),
        (lambda r: Guard(claimed_before=r.claimed_at + SECOND), True),
        (lambda _: Guard(authorisations_below=0), False),
        (lambda _: Guard(authorisations_below=1), True),
        (lambda _: Guard(claim_id="c1", authorisations_below=0), False),
    ],
)
def test_a_guard_holds_to_the_second(story, guard, holds):
    made = story.reservation()
    story.claim(made.id, "c1")
    claimed = story.found(made.id)
    asked = guard(claimed)
    moved = True
    try:
        with story.ledger.begin() as unit:
            unit.advance(made.id, ReservationEvent.SUPERSEDE, at=story.clock.now(), actor="t2", guard=asked)
    except StepNotAllowed:
        moved = False
    assert moved == holds


@pytest.mark.parametrize("guard", [Guard(lease_running_at=None, claim_id="c1"), Guard(claim_id="")])
def test_a_reservation_without_a_claim_is_nobodys(story, guard):
    made = story.reservation()
    with pytest.raises(StepNotAllowed), story.ledger.begin() as unit:
        unit.advance(made.id, ReservationEvent.CANCEL, at=story.clock.now(), actor="x", guard=guard)


def test_a_reservation_of_nine_is_usable_until_a_second_before_nine_the_next_day(story):
    made = story.reservation()
    story.clock.advance(timedelta(hours=24) - SECOND)
    assert story.claim(made.id, "c1").id == "c1"


def test_a_reservation_of_nine_is_not_usable_at_nine_the_next_day(story):
    made = story.reservation()
    story.clock.advance(timedelta(hours=24))
    with pytest.raises(StepNotAllowed):
        story.claim(made.id, "c1")
    assert ReservationState.RESERVED is story.found(made.id).state


def test_counters_are_raised_by_the_database_and_logged_as_it_counted(story):
    made = story.reservation()
    with story.ledger.begin() as unit:
        for event in (ReservationEvent.CLAIM, ReservationEvent.SUPERSEDE):
            moved = unit.advance(
                made.id, event, at=story.clock.now(), actor="t1", changes={"fence": RAISE}, audit={"fence": 99}
            )
        logged = [entry.fields["fence"] for entry in unit.audit_of(made.id)[1:]]
    assert (moved.fence, logged) == (2, [1, 2])


def test_only_an_event_moves_the_state(story):
    made = story.reservation()
    with pytest.raises(ValueError, match="only an event"), story.ledger.begin() as unit:
        unit.advance(
            made.id,
            ReservationEvent.CLAIM,
            at=story.clock.now(),
            actor="x",
            changes={"state": ReservationState.COMPLETED},
        )


def test_a_reservation_is_read_back_as_it_was_written(story):
    made = story.reservation()
    assert made == story.found(made.id)


def test_an_unknown_reservation_is_not_found(story):
    with pytest.raises(ReservationNotFound):
        story.found("nobody")


@pytest.mark.parametrize("state", sorted(LIVE))
def test_a_card_has_one_live_reservation_of_a_kind(story, state):
    first = story.reservation(state, card="sakura")
    with pytest.raises(NotAllowedNow):
        story.reservation(card="sakura")
    other = story.reservation(card="sakura", kind=PasswordKind.USER_AUTHENTICATION)
    with story.ledger.begin() as unit:
        assert first == unit.live_reservation("sakura", PasswordKind.SIGNATURE)
        assert other == unit.live_reservation("sakura", PasswordKind.USER_AUTHENTICATION)


@pytest.mark.parametrize("state", sorted(RESERVATION.terminal()))
def test_an_ended_reservation_makes_room(story, state):
    story.reservation(state, card="sakura")
    second = story.reservation(card="sakura")
    with story.ledger.begin() as unit:
        assert second == unit.live_reservation("sakura", PasswordKind.SIGNATURE)


def test_a_refused_reservation_leaves_the_transaction_usable(story):
    first = story.reservation(card="sakura")
    with story.ledger.begin() as unit:
        with pytest.raises(NotAllowedNow):
            unit.add_reservation(first, actor="resident")
        unit.advance(first.id, ReservationEvent.CANCEL, at=story.clock.now(), actor="resident")
    assert ReservationState.CANCELLED is story.found(first.id).state


def test_reservations_come_newest_first(story):
    old = story.reservation()
    story.clock.advance(SECOND)
    new = story.reservation(ReservationState.CLAIMED)
    with story.ledger.begin() as unit:
        assert [new, old] == unit.reservations()
        assert [new] == unit.reservations(limit=1)
        assert [old] == unit.reservations([ReservationState.RESERVED])


def test_live_reservations_are_due_when_lease_or_deadline_has_passed(story):
    now = story.clock.now()
    claimed, waiting = story.reservation(), story.reservation()
    story.reservation(ReservationState.CANCELLED)
    story.claim(claimed.id, "c1")

    def due(at):
        with story.ledger.begin() as unit:
            return {found.id for found in unit.due_reservations(at)}

    assert due(now + LEASE - SECOND) == set()
    assert due(now + LEASE) == {claimed.id}
    assert due(waiting.expires_at) == {claimed.id, waiting.id}
