"""What `pinreset bench reliability` asks after each run is answered with no where something was broken on purpose."""

import shutil
from dataclasses import replace

import pytest

from services.domain.audit import AuditEvent
from services.domain.crash_points import CrashPoint
from services.domain.password import PasswordKind
from services.domain.reservation import ReservationState
from services.rehearsal.invariants import broken
from services.rehearsal.killing import restarted_kiosk, wait_until_dead
from services.rehearsal.reliability import Fault, run, violations

pytestmark = [pytest.mark.enable_socket]


@pytest.fixture
def holder(rig):
    return rig.holder(PasswordKind.SIGNATURE)


@pytest.fixture
def done(rig, holder):
    """A visit without misfortune; the card as it was before lies beside its file."""
    reservation = holder.reserve()
    shutil.copy(holder.props.card_file, holder.props.card_file.with_suffix(".before"))
    assert holder.visit()
    assert holder.settled(reservation)
    assert [] == violations(rig, holder, reservation)
    return reservation


def test_a_journal_that_is_thrown_away_between(rig, holder):
    def lose_the_journal(rig, point, holder, incident):
        with restarted_kiosk(rig.stage, {"KIOSK_CRASH_AT": point}) as kiosk:
            holder.visit()
            wait_until_dead(kiosk)
            for record in rig.journal:
                record.unlink()

    row = run(rig, "sqlite", Fault("kiosk-killed", lose_the_journal, ()), CrashPoint.EVIDENCE_JOURNALLED.value, holder)
    assert ["evidence that was on disk did not arrive"] == row.violations


def test_everything_that_disagrees_afterwards(rig, holder, done):
    story, log = holder.story(done), rig.stage.directory / "logs" / "kiosk.log"
    reservation, entries = story.reservation, story.entries
    completion = next(entry for entry in entries if entry.event is AuditEvent.RESERVATION_COMPLETED)
    first, *rest = story.links
    told = {
        "completed 2 times": replace(story, entries=(*entries, completion)),
        "the log does not hold the state's last transition": replace(
            story, entries=tuple(entry for entry in entries if entry is not completion)
        ),
        "the log does not hold every claim": replace(story, reservation=replace(reservation, fence=9)),
        "the log does not hold every authorisation": replace(story, reservation=replace(reservation, authorisations=9)),
        "the audit chain is broken at entry 0": replace(story, links=((first[0], bytes(32)), *rest)),
    }
    assert [[sentence] for sentence in told] == [list(broken(holder, other)) for other in told.values()]
    doubtful = replace(story, reservation=replace(reservation, state=ReservationState.UNKNOWN))
    assert "told that it is set, and not completed" in list(broken(holder, doubtful))
    with log.open("a") as leak:
        leak.write(holder.told)
    (rig.stage.directory / "kiosk" / "journal" / "left.json").write_text("{}")
    assert ["the journal keeps 1 records", "secret written: new password 1 in kiosk.log"] == violations(
        rig, holder, done
    )
    (rig.stage.directory / "kiosk" / "journal" / "left.json").unlink()


def test_a_card_that_has_not_the_password_that_was_told(rig, holder, done):
    shutil.copy(holder.props.card_file.with_suffix(".before"), holder.props.card_file)
    assert [
        "the card does not have the password that was told last",
        "completed, and the card does not have the password typed last",
    ] == violations(rig, holder, done)
