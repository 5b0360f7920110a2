"""Every machine of the product, held to the promises of its module."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import StepNotAllowed
from services.domain.intake import INTAKE
from services.domain.kiosk_session import KIOSK_SESSION, KioskEvent, KioskState
from services.domain.machine import Machine
from services.domain.reservation import LIVE, RESERVATION, ReservationEvent, ReservationState

MACHINES = [INTAKE, RESERVATION, KIOSK_SESSION]
DIAGRAMS = Path(__file__).parents[2] / "docs" / "state-machines.md"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_can_be_reached_from_the_first(machine: Machine):
    reached, frontier = {machine.initial}, {machine.initial}
    while frontier:
        frontier = {target for (state, _), target in machine.table.items() if state in frontier} - reached
        reached |= frontier
    assert set(type(machine.initial)) == reached


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_move_that_the_table_lacks_is_refused(machine: Machine):
    events = {event for _, event in machine.table}
    for state, event in product(type(machine.initial), events):
        if machine.allows(state, event):
            assert machine.table[state, event] == machine.next(state, event)
        else:
            with pytest.raises(StepNotAllowed):
                machine.next(state, event)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_documentation_shows_the_table(machine: Machine):
    assert machine.mermaid() in DIAGRAMS.read_text(encoding="utf-8")


def test_a_reservation_is_live_exactly_while_something_can_still_happen_to_it():
    assert set(ReservationState) - LIVE == set(RESERVATION.terminal())


@given(st.lists(st.sampled_from(ReservationEvent)))
def test_once_authorised_a_reservation_never_looks_unused_again(events: list[ReservationEvent]):
    state, authorised = RESERVATION.initial, False
    for event in events:
        if not RESERVATION.allows(state, event):
            continue
        state = RESERVATION.next(state, event)
        authorised = authorised or event is ReservationEvent.AUTHORISE
        if authorised:
            assert state not in {ReservationState.RESERVED, ReservationState.CLAIMED}


@given(st.lists(st.sampled_from(ReservationEvent)))
def test_a_completed_reservation_stays_completed(events: list[ReservationEvent]):
    assert not any(RESERVATION.allows(ReservationState.COMPLETED, event) for event in events)


WITH_CARD = {
    KioskState.OTHER_PASSWORD,
    KioskState.CHECKING,
    KioskState.FOUND,
    KioskState.NEW_PASSWORD,
    KioskState.NEW_PASSWORD_AGAIN,
    KioskState.CONFIRM,
    KioskState.RESETTING,
    KioskState.DONE,
    KioskState.FAILED,
    KioskState.REMOVE_CARD,
}


@pytest.mark.parametrize("state", sorted(WITH_CARD))
@pytest.mark.parametrize("event", [KioskEvent.CARD_REMOVED, KioskEvent.READER_LOST])
def test_a_kiosk_state_with_a_card_knows_what_its_removal_means(state: KioskState, event: KioskEvent):
    assert KIOSK_SESSION.allows(state, event)


@pytest.mark.parametrize(
    "state",
    sorted(set(KioskState) - {KioskState.IDLE, KioskState.CLOSED, KioskState.REMOVE_CARD, KioskState.RESETTING}),
)
def test_a_kiosk_never_waits_for_ever_for_a_person_who_left(state: KioskState):
    assert KIOSK_SESSION.allows(state, KioskEvent.TIMEOUT)
