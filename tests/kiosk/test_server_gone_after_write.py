"""The server cannot be reached any more, right after the card was told to change."""

from kiosk_world import NEW, E, S

from kiosk.answers import Completion
from kiosk.crash import CrashPoint
from kiosk.disk import Folder
from services.domain.errors import EvidenceInvalid
from services.domain.reservation import LEASE, ReservationState


def without_server_after_write(world):
    def cut(point: CrashPoint) -> None:
        if point is CrashPoint.CARD_WRITTEN:
            world.wire.cut()

    world.power_on(cut)
    reservation = world.reserve()
    return reservation, world.visit()


def test_the_resident_is_told_that_the_password_is_set_because_the_evidence_is_on_disk(either):
    reservation, result = without_server_after_write(either)
    assert result == S.DONE
    assert either.kiosk.screen.pending
    assert either.card_has(NEW[either.kind])
    assert either.state_of(reservation) is ReservationState.RESETTING


def test_the_outbox_delivers_when_the_server_is_back(either):
    reservation, _ = without_server_after_write(either)
    either.kiosk.outbox.send()
    assert either.state_of(reservation) is ReservationState.RESETTING
    either.wire.mend()
    either.kiosk.outbox.send()
    assert either.state_of(reservation) is ReservationState.COMPLETED


def test_a_terminal_that_was_off_for_hours_delivers_at_its_next_start(either):
    reservation, _ = without_server_after_write(either)
    either.wire.mend()
    either.clock.advance(100 * LEASE)
    either.restart()
    either.kiosk.outbox.send()
    assert either.state_of(reservation) is ReservationState.COMPLETED


def test_what_was_delivered_is_forgotten(world):
    without_server_after_write(world)
    world.wire.mend()
    for _ in range(2):
        world.kiosk.outbox.send()
    assert world.kiosk.journal.records() == []
    assert list(world.journal_folder.iterdir()) == []


def test_evidence_that_comes_after_a_later_reset_consumes_nothing(world):
    """Spec/card.md 5, lesson (i): terminal A's old evidence must not say that A's password is on the card."""
    reservation, _ = without_server_after_write(world)
    first = world.kiosk
    world.wire.mend()
    # The same terminal as a second one would be: its journal in another place, so that the first one's evidence waits.
    (world.directory / "elsewhere").mkdir()
    world.directory, kept = world.directory / "elsewhere", world.directory
    world.restart()
    assert world.visit("OTHER123") == S.DONE
    assert world.state_of(reservation) is ReservationState.COMPLETED
    world.directory = kept
    first.outbox.send()
    assert world.card_has("OTHER123")
    with world.services.ports.ledger.begin() as unit:
        told = [entry.event.label for entry in unit.audit_of(reservation.id)]
    assert told.count("reservation.completed") == 1
    assert "evidence.late" in told


def test_nobody_is_promised_a_password_when_the_evidence_is_late(world):
    world.reserve()
    world.to_new_password()
    server = world.kiosk.controller._bench.server
    server.complete = lambda *_: Completion(state="late")
    assert world.set_password() == S.FAILED
    assert world.kiosk.code == EvidenceInvalid.code


def test_a_full_disk_after_the_write_leaves_the_answer_of_the_server_as_proof(world):
    reservation = world.reserve()
    world.to_new_password()
    journal = world.kiosk.journal

    def disk_is_full_from(point: CrashPoint) -> None:
        if point is CrashPoint.CARD_WRITTEN:
            journal._disk = Folder(world.directory / "full" / "disk")

    object.__setattr__(world.kiosk.controller._bench, "cut", disk_is_full_from)
    assert world.set_password() == S.DONE
    assert not world.kiosk.screen.pending
    assert world.state_of(reservation) is ReservationState.COMPLETED


def test_a_full_disk_before_the_write_changes_nothing(world):
    reservation = world.reserve()
    world.to_new_password()
    world.kiosk.journal._disk = Folder(world.directory / "full" / "disk")
    assert world.set_password() == S.FAILED
    assert world.kiosk.code == "PR-7011"
    assert not world.card_has(NEW[world.kind])
    assert world.state_of(reservation) is ReservationState.CLAIMED
    assert world.kiosk.touch(E.FINISH) == S.REMOVE_CARD
