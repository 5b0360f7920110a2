"""The terminal's disk is full, or fails: nobody is told too much, and nothing stays behind once there is room again."""

import pytest
from kiosk_world import S

from kiosk.advice import ELSEWHERE
from kiosk.disk import Folder
from services.domain.errors import StorageUnavailable
from services.domain.reservation import ReservationState


class FailingDisk(Folder):
    """Refuses from a chosen operation on, until it is mended."""

    refused: frozenset[str] = frozenset()

    def write(self, name: str, octets: bytes) -> None:
        self._may("write")
        super().write(name, octets)

    def sync(self) -> None:
        self._may("sync")
        super().sync()

    def _may(self, operation: str) -> None:
        if operation in self.refused:
            raise StorageUnavailable(errno=28)


@pytest.fixture
def disk(world) -> FailingDisk:
    found = world.kiosk.journal._disk = FailingDisk(world.journal_folder)
    return found


def everything_is_sent(world) -> None:
    for _ in range(3):
        world.kiosk.outbox.send()
    assert world.kiosk.journal.records() == []
    assert list(world.journal_folder.iterdir()) == []


def test_a_claim_whose_session_ended_on_a_full_disk_is_given_back_when_there_is_room(world, disk):
    reservation = world.reserve()
    world.to_new_password()
    disk.refused = frozenset({"write"})
    assert world.set_password() == S.FAILED
    disk.refused = frozenset()
    everything_is_sent(world)
    assert world.state_of(reservation) is ReservationState.RESERVED


def test_a_record_that_could_not_be_synced_is_found_without_a_restart(world, disk):
    world.reserve()
    disk.refused = frozenset({"sync"})
    assert world.to_new_password() == S.FAILED
    disk.refused = frozenset()
    everything_is_sent(world)


def test_a_terminal_starts_although_its_disk_is_full(world, disk):
    reservation = world.reserve()
    world.to_new_password()
    journal = world.power_on().journal
    disk.refused = frozenset({"write"})
    journal._disk = disk
    journal.recover()
    disk.refused = frozenset()
    everything_is_sent(world)
    assert world.state_of(reservation) is ReservationState.RESERVED


def test_a_record_that_was_not_written_leaves_no_half_behind(world, disk):
    world.reserve()
    disk.refused = frozenset({"write"})
    assert world.to_new_password() == S.FAILED
    assert list(world.journal_folder.iterdir()) == []


def test_the_screen_speaks_of_this_terminal_and_not_of_a_database(world):
    world.reserve()
    world.to_new_password()
    world.kiosk.journal._disk = Folder(world.directory / "full" / "disk")
    assert S.FAILED == world.set_password()
    assert ("PR-7011", ELSEWHERE) == (world.kiosk.code, world.kiosk.screen.fault.remedy)
    assert "この端末" in world.kiosk.screen.fault.message
