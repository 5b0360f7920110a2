"""Kill -9 of kiosk or server at every named step of the reset, for real; then a restart, and the resident tries again.

The reservation ends `completed` exactly when the card has the password that was typed last.
"""

import threading

import pytest
from killing import Resident, restarted_kiosk, services_of, wait_until_dead

from kiosk.crash import CrashPoint
from services.domain.audit import AuditEvent, first_break
from services.domain.reservation import ReservationState

pytestmark = [pytest.mark.enable_socket]

# Points that a session without misfortune passes: where the kiosk dies, the server may already have everything.
KIOSK_POINTS = list(CrashPoint)
SERVER_POINTS = [
    f"{when}:{call}" for call in ("challenges", "claims", "authorisation", "completion") for when in ("before", "after")
]


@pytest.fixture
def resident(stage, props, kind, telling) -> Resident:
    return Resident(stage, services_of(stage), props, kind, telling)


@pytest.mark.parametrize("point", KIOSK_POINTS, ids=str)
def test_a_kiosk_killed_here_loses_nothing(resident, stage, point):
    reservation = resident.reserve()
    resident.choose_another()
    with restarted_kiosk(stage, {"KIOSK_CRASH_AT": point.value}) as kiosk:
        told = resident.visit()
        wait_until_dead(kiosk)
    assert_consistent(resident, reservation, told=told)


@pytest.mark.parametrize("point", SERVER_POINTS)
def test_a_server_killed_here_is_waited_for_and_loses_nothing(resident, stage, point):
    reservation = resident.reserve()
    resident.choose_another()
    stage.programs.running["server"].kill()
    stage.start_server({"PINRESET_CRASH_AT": point, "PINRESET_VISION_WORKERS": "0"})
    dying = stage.programs.running["server"]
    rescue = threading.Thread(target=lambda: (wait_until_dead(dying), stage.start_server()))
    rescue.start()
    told = resident.visit()
    rescue.join()
    assert told, "the kiosk waits behind its screen until the server is back"
    assert_consistent(resident, reservation, told=told)


def assert_consistent(resident, reservation, *, told):
    if told or resident.settled(reservation):
        assert resident.settled(reservation)
        assert resident.card_has()
    else:
        resident.choose_another()
        assert resident.visit(), "the reservation is usable again, whatever happened"
        assert ReservationState.COMPLETED is resident.state(reservation)
        assert resident.card_has()
    with resident.services.ports.ledger.begin() as unit:
        completions = [
            entry for entry in unit.audit_of(reservation.id) if entry.event is AuditEvent.RESERVATION_COMPLETED
        ]
        assert len(completions) == 1
        assert first_break(unit.audit_links()) is None
