"""The terminal loses its power between any two durable effects, and comes back.

Whatever the instant: the reservation is `completed` only if the card has the new password, and when the resident comes again
it ends `completed` with the password typed last.
"""

import pytest
from kiosk_darkness import Dark, dark_at
from kiosk_world import SIGNATURE, USER, S

from kiosk.crash import CrashPoint
from services.domain.reservation import LEASE, ReservationState

FIRST = {SIGNATURE: "FIRST111", USER: "1597"}
SECOND = {SIGNATURE: "SECOND22", USER: "2582"}
# One session writes its journal six times: every one of them can be the last.
POINTS = [(point, 1) for point in CrashPoint if point is not CrashPoint.JOURNAL_WRITTEN_BESIDE]
POINTS += [(CrashPoint.JOURNAL_WRITTEN_BESIDE, nth) for nth in range(1, 7)]
AFTER_THE_WRITE = list(CrashPoint)[list(CrashPoint).index(CrashPoint.CARD_WRITTEN) :]


def visit_until_dark(world, point, nth):
    world.power_on(dark_at(point, nth))
    reservation = world.reserve()
    with pytest.raises(Dark):
        world.visit(FIRST[world.kind])
    return reservation


@pytest.mark.parametrize(("point", "nth"), POINTS)
def test_a_resident_who_comes_before_the_terminal_has_reached_the_server_gets_there(world, point, nth):
    reservation = visit_until_dark(world, point, nth)
    world.restart()
    result = world.visit(SECOND[world.kind])
    world.kiosk.outbox.send()
    assert world.state_of(reservation) is ReservationState.COMPLETED
    if result == S.DONE:
        assert world.card_has(SECOND[world.kind])
    else:
        assert world.kiosk.code == "PR-5006", "the first session's completion had reached the server"
        assert world.card_has(FIRST[world.kind])


@pytest.mark.parametrize("point", AFTER_THE_WRITE, ids=str)
def test_evidence_that_was_on_disk_completes_without_the_resident(either, point):
    reservation = visit_until_dark(either, point, 1)
    either.clock.advance(100 * LEASE)
    either.restart()
    either.kiosk.outbox.send()
    on_disk = list(CrashPoint).index(point) >= list(CrashPoint).index(CrashPoint.EVIDENCE_JOURNALLED)
    assert (either.state_of(reservation) is ReservationState.COMPLETED) == on_disk
