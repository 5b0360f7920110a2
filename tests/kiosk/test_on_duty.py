"""The terminal as a device against the real server: enrolled, heard, and closed for the reason that holds."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from duty import SIGNER, WHY, on_duty
from flask import Flask
from kiosk_world import NOW, S
from pydantic import SecretStr

from kiosk.build import build_id
from kiosk.closed import ClosedReason
from kiosk.health import health
from kiosk.hours import Hours
from kiosk.identity import IdentityUnusable, load, save
from kiosk.printer import open_printer
from kiosk.server import Terminal
from services.domain.errors import EnrolmentRefused
from services.domain.terminal import HEARTBEAT, Part, terminal_id_of
from services.domain.terminal_policy import Window
from services.usecases.suspend import plan_maintenance, revoke

SERVICE_KEY = "k" * 32


def test_nobody_is_served_before_the_server_has_been_heard(duty):
    assert (duty.world.kiosk.state, duty.world.kiosk.code) == (S.CLOSED, "PR-7108")
    duty.attend()
    assert duty.world.kiosk.state == S.IDLE


def test_the_server_knows_how_the_terminal_is(serving):
    report = serving.world.services.terminals.heard()[serving.heartbeat.identity.terminal_id].report
    assert (report.build, report.reader, report.printer, report.closed) == (
        build_id(),
        Part.PRESENT,
        Part.OFF,
        "server",
    )
    serving.pass_(HEARTBEAT)
    report = serving.world.services.terminals.heard()[serving.heartbeat.identity.terminal_id].report
    assert (report.closed, report.clock_offset_ms, report.disk_writable) == ("", 0, True)


@pytest.mark.parametrize("off", [timedelta(seconds=61), timedelta(minutes=-10), timedelta(days=400)])
def test_a_clock_that_is_too_far_off_closes_the_terminal(duty, off):
    duty.heartbeat.clock.off = off
    duty.attend()
    assert (duty.reason, duty.world.kiosk.code) == (ClosedReason.CLOCK, "PR-7107")
    duty.heartbeat.clock.off = timedelta(0)
    duty.pass_(HEARTBEAT)
    assert duty.reason is None


@pytest.mark.parametrize("off_s", [-45, 45])
def test_a_clock_that_is_a_little_off_is_told_of(duty, off_s):
    duty.heartbeat.clock.off = timedelta(seconds=off_s)
    duty.attend()
    duty.pass_(HEARTBEAT)
    heard = duty.world.services.terminals.heard()[duty.heartbeat.identity.terminal_id]
    assert (duty.reason, heard.report.clock_offset_ms) == (None, -off_s * 1000)
    assert heard.alerts(duty.world.clock.now()) == ("clock",)


def test_a_revoked_terminal_and_an_unknown_one_close(serving):
    revoke(serving.world.services.ports, serving.heartbeat.identity.terminal_id, by="2001", why=WHY)
    serving.pass_(HEARTBEAT)
    assert serving.reason is ClosedReason.SUSPENDED
    serving.heartbeat.server._terminal = Terminal("t-nobody", serving.world.key)
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.NOT_ENROLLED, "PR-7104")


def test_an_unknown_build_closes(serving):
    with serving.world.services.ports.ledger.begin() as unit:
        unit.add_build("0.2.0", at=NOW, by="2001")
    serving.pass_(HEARTBEAT)
    assert serving.reason is ClosedReason.SUSPENDED


@pytest.mark.parametrize(
    ("clock", "admits"),
    [
        ("06:29", False),
        ("06:30", True),
        ("12:00", True),
        ("22:49", True),
        ("22:50", False),
        ("23:30", False),
        ("00:00", False),
    ],
)
def test_the_hours_are_those_of_japan_and_end_for_beginners_earlier(clock, admits):
    hour, minute = map(int, clock.split(":"))
    moment = datetime(2026, 11, 21, hour, minute, tzinfo=UTC) - timedelta(hours=9)
    assert Hours.parse("06:30-23:00").admits(moment) is admits
    assert Hours.parse("00:00-24:00").admits(moment)


def test_the_terminal_closes_by_the_clock_and_opens_in_the_morning(world):
    duty = on_duty(world, hours=Hours.parse("06:30-23:00"))  # it is nine in the morning
    duty.attend()
    assert duty.reason is None
    duty.pass_(timedelta(hours=13, minutes=50), timedelta(minutes=166))
    duty.pass_(timedelta(seconds=1))
    assert (duty.reason, world.kiosk.code) == (ClosedReason.HOURS, "PR-7101")
    duty.pass_(timedelta(hours=7, minutes=40), timedelta(minutes=115))
    assert duty.reason is None


def test_planned_maintenance_closes_in_time(serving):
    now = serving.world.clock.now()
    window = Window(now + timedelta(minutes=30), now + timedelta(minutes=40))
    plan_maintenance(serving.world.services.ports, window, by="2001", why="定期点検")
    serving.pass_(timedelta(minutes=19), timedelta(minutes=1))
    assert serving.reason is None
    serving.pass_(timedelta(minutes=1), timedelta(minutes=1))
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.MAINTENANCE, "PR-7102")
    serving.pass_(timedelta(minutes=21), timedelta(minutes=7))
    assert serving.reason is None


def test_daily_maintenance_closes_in_time_every_day(world):
    duty = on_duty(world, daily_maintenance=Hours.parse("09:30-09:40"))  # it is nine in the morning
    for _ in range(2):
        duty.pass_(timedelta(minutes=19), timedelta(minutes=19))
        assert duty.reason is None
        duty.pass_(timedelta(minutes=1), timedelta(minutes=1))
        assert (duty.reason, world.kiosk.code) == (ClosedReason.MAINTENANCE, "PR-7102")
        duty.pass_(timedelta(minutes=20), timedelta(minutes=20))
        assert duty.reason is None
        duty.pass_(timedelta(hours=23, minutes=20), timedelta(hours=23, minutes=20))


@pytest.mark.parametrize("folder", ["state", "journal"])
def test_a_folder_that_takes_nothing_closes(serving, folder):
    """Where the two lie on two disks, either may have become read-only."""
    shutil.rmtree(serving.world.directory / folder)
    (serving.world.directory / folder).touch()
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.DISK, "PR-7106")


def test_a_terminal_whose_printer_is_unplugged_says_so_and_stays_open(world, tmp_path):
    (tmp_path / "lp0").touch()
    duty = on_duty(world, printer=open_printer(f"file:{tmp_path / 'lp0'}"))
    duty.attend()
    assert (None, Part.PRESENT) == (duty.reason, duty.heartbeat.report.printer)
    (tmp_path / "lp0").unlink()
    duty.pass_(HEARTBEAT)
    assert (None, Part.ABSENT) == (duty.reason, duty.heartbeat.report.printer)


def test_a_journal_of_a_newer_build_closes_and_stays(serving):
    path = serving.world.journal_folder / "0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f0c.json"
    path.write_text('{"format":"kiosk-journal:2","claim_id":"0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f0c","sealed":"x"}')
    serving.world.kiosk.journal.recover()
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.heartbeat.report.journal_newer) == (ClosedReason.MAINTENANCE, 1)
    assert path.exists()


def test_the_health_page_is_for_who_has_the_key_and_tells_nothing_of_anybody(serving):
    app = Flask("terminal")
    app.register_blueprint(health(serving.heartbeat, SecretStr(SERVICE_KEY)))
    client = app.test_client()
    keys = ["", "Bearer ", f"Bearer {SERVICE_KEY[:-1]}", SERVICE_KEY, "Bearer é"]
    assert [client.get("/health", headers={"Authorization": key}).status_code for key in keys] == [403] * 5
    told = client.get("/health", headers={"Authorization": f"Bearer {SERVICE_KEY}"}).json
    assert (told["open"], told["reason"], told["heard_s_ago"], told["policy_fresh"]) == (True, None, 0, True)
    assert set(told) == {
        *("terminal", "build", "open", "reason", "heard_s_ago", "policy_serial", "policy_fresh", "self_test"),
    }


def test_without_a_service_key_there_is_no_health_page(serving):
    app = Flask("terminal")
    app.register_blueprint(health(serving.heartbeat, None))
    assert app.test_client().get("/health", headers={"Authorization": "Bearer "}).status_code == 404


def test_an_identity_is_read_as_it_was_kept(serving, tmp_path):
    save(serving.heartbeat.identity, tmp_path / "identity.json")
    assert load(tmp_path / "identity.json") == serving.heartbeat.identity
    (tmp_path / "identity.json").write_text("{}")
    with pytest.raises(IdentityUnusable):
        load(tmp_path / "identity.json")


def test_a_wrong_code_enrols_nobody(world):
    object.__setattr__(world.services, "policy_signer", SIGNER)
    server = world.kiosk.controller._bench.server
    server._terminal = replace(server._terminal, id=terminal_id_of(world.key.public_key().public_bytes_raw()))
    with pytest.raises(EnrolmentRefused):
        server.enrol("AAAA-AAAA-AAAA-AAAA-AAAA", "b")
