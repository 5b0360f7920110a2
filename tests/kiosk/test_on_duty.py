"""The terminal as a device against the real server: enrolled, heard, and closed for the reason that holds, in under a minute."""

import shutil
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from flask import Flask
from kiosk_world import NOW, E, S
from pydantic import SecretStr

from kiosk.__main__ import LOOK
from kiosk.build import build_id
from kiosk.closed import ClosedReason
from kiosk.disk import Folder
from kiosk.health import health
from kiosk.heartbeat import Heartbeat
from kiosk.hours import Hours
from kiosk.identity import IdentityUnusable, load, save
from kiosk.policy import PolicyKeeper
from kiosk.printer import NoPrinter, open_printer
from kiosk.selftest import SelfTest
from kiosk.server import HEARTBEAT_WHOLE_S, KioskServer, Terminal
from services.domain.errors import EnrolmentRefused
from services.domain.terminal import HEARTBEAT, Part, PlaceClass, terminal_id_of
from services.domain.terminal_policy import POLICY_LIFE, TerminalPolicy, Trait, Window
from services.pki.policy_signature import PolicySigner
from services.usecases.enrol_terminal import Place, issue_code
from services.usecases.suspend import lift, plan_maintenance, revoke, suspend

WHY = "不具合の調査のため"
SIGNER = PolicySigner(b"p" * 32)
PLACE = Place("駅前店", PlaceClass.STORE, "S-0107", "pilot")
SECOND = timedelta(seconds=1)
SERVICE_KEY = "k" * 32


@dataclass
class Duty:
    """A terminal with its heartbeat; `now` is the true time, the terminal's clock may lie."""

    world: object
    heartbeat: Heartbeat
    parts: dict

    @property
    def reason(self):
        return self.heartbeat.reason

    def pass_(self, time: timedelta, step: timedelta = SECOND):
        """Lets time pass, second by second."""
        for _ in range(time // step):
            self.world.clock.advance(step)
            self.attend()

    def attend(self):
        self.heartbeat.attend()
        self.heartbeat.decide()
        self.world.kiosk.wait()

    def stop(self, text):
        suspend(self.world.services.ports, Trait.parse(text), by="2001", why=WHY)


class Skewed:
    """A clock that is off."""

    def __init__(self, clock):
        self._clock, self.off = clock, timedelta(0)

    def now(self):
        return self._clock.now() + self.off


def on_duty(world, **more):
    object.__setattr__(world.services, "policy_signer", SIGNER)
    clock, client = Skewed(world.clock), httpx.Client(transport=world.wire)
    name = Terminal(terminal_id_of(world.key.public_key().public_bytes_raw()), world.key)
    server = KioskServer(client, "https://reset.example", name, clock)
    identity = server.enrol(issue_code(world.services.ports, PLACE, by="2001"), build_id())
    world.kiosk.controller._bench.server._terminal = name
    disk, parts = Folder(world.directory / "state"), {"reader": Part.PRESENT}

    def stopwatch():
        return (world.clock.now() - NOW).total_seconds()

    folder, journal = world.journal_folder, world.kiosk.journal
    selftest = SelfTest(
        build_id(), folder, (disk, Folder(folder)), journal, lambda: parts["reader"], more.pop("printer", NoPrinter())
    )
    keeper = PolicyKeeper(identity.policy_key, disk, stopwatch)
    hours = more.pop("hours", Hours.parse("00:00-24:00"))
    beating = Heartbeat(
        server, selftest, keeper, world.kiosk.inbox, clock, identity, hours, stopwatch=stopwatch, **more
    )
    beating.begin()
    world.kiosk.wait()
    return Duty(world, beating, parts)


@pytest.fixture
def duty(world):
    return on_duty(world)


@pytest.fixture
def serving(duty):
    duty.attend()
    assert (duty.reason, duty.world.kiosk.state) == (None, S.IDLE)
    return duty


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


@pytest.mark.parametrize("text", ["store:S-0107", "place:store", "cohort:pilot", f"build:{build_id()}"])
@pytest.mark.parametrize("after_s", [0, 7, 19])
def test_a_suspended_cohort_closes_in_under_a_minute(serving, text, after_s):
    serving.pass_(timedelta(seconds=after_s))
    serving.stop(text)
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.SUSPENDED, "PR-7103")


@pytest.mark.parametrize(
    "text", ["store:S-0108", "cohort:general", "build:0.0.1", "card_generation:signature-1", "matcher:x"]
)
def test_others_go_on(serving, text):
    serving.stop(text)
    serving.pass_(3 * HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.state) == (None, S.IDLE)


@pytest.mark.parametrize("cut_s", [0, 9, 19])
def test_a_terminal_that_cannot_hear_the_policy_closes_in_under_a_minute(serving, cut_s):
    serving.pass_(timedelta(seconds=cut_s))
    serving.world.wire.cut()
    serving.pass_(timedelta(seconds=59))
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.SERVER, "PR-7108")
    serving.world.wire.mend()
    serving.pass_(HEARTBEAT)
    assert serving.reason is None


def test_a_heartbeat_without_an_answer_in_sight_does_not_keep_the_terminal_open(serving):
    asked, over = threading.Event(), threading.Event()

    def wait(_):
        asked.set()
        over.wait(30)
        return "request"

    serving.world.wire.lose = wait
    serving.world.clock.advance(HEARTBEAT)
    asking = threading.Thread(target=serving.heartbeat.attend)
    asking.start()
    assert asked.wait(30)
    serving.world.clock.advance(timedelta(seconds=25))
    serving.heartbeat.decide()
    over.set()
    asking.join()
    assert serving.reason is ClosedReason.SERVER


def test_a_suspension_reaches_a_terminal_with_the_slowest_answers_within_the_minute():
    assert timedelta(seconds=HEARTBEAT_WHOLE_S) + POLICY_LIFE + LOOK < timedelta(minutes=1)


def test_a_lifted_suspension_opens_again(serving):
    serving.stop("store:S-0107")
    serving.pass_(HEARTBEAT)
    with serving.world.services.ports.ledger.begin() as unit:
        name = unit.suspensions()[0].id
    lift(serving.world.services.ports, name, by="2001", why=WHY)
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.state) == (None, S.IDLE)


def test_who_stands_there_is_not_thrown_out(serving):
    world = serving.world
    world.reserve()
    world.to_new_password()
    serving.parts["reader"] = Part.ABSENT
    serving.pass_(HEARTBEAT + SECOND)
    assert (serving.reason, world.kiosk.state) == (ClosedReason.READER, S.NEW_PASSWORD)
    assert world.set_password() == S.DONE
    world.clock.advance(timedelta(seconds=3))
    world.take()
    assert world.kiosk.touch(E.FINISH) == S.CLOSED


def test_a_session_that_is_not_authorised_yet_is_refused_with_its_code(serving):
    world = serving.world
    world.reserve()
    world.to_new_password()
    serving.stop("store:S-0107")
    assert world.set_password() == S.FAILED
    assert (world.kiosk.code, world.card_has("KITTE77")) == ("PR-3411", False)


def test_an_older_policy_is_refused_after_a_restart_too(serving):
    serving.stop("store:S-1")
    serving.pass_(HEARTBEAT)
    keeper = PolicyKeeper(SIGNER.public_key, Folder(serving.world.directory / "state"))
    assert keeper.serial == serving.heartbeat.keeper.serial > 0
    old = TerminalPolicy(keeper.serial - 1, NOW, POLICY_LIFE, "n").octets
    with pytest.raises(ValueError, match="older"):
        keeper.accept(old, SIGNER.sign(old), "n")
    assert not keeper.fresh


@pytest.mark.parametrize("answers", ["", "other"])
def test_an_answer_to_another_heartbeat_is_refused(serving, answers):
    octets = TerminalPolicy(2**40, NOW, POLICY_LIFE, answers).octets
    with pytest.raises(ValueError, match="another heartbeat"):
        serving.heartbeat.keeper.accept(octets, SIGNER.sign(octets), "mine")


def test_a_policy_of_somebody_elses_key_is_no_answer(serving):
    object.__setattr__(serving.world.services, "policy_signer", PolicySigner(b"q" * 32))
    serving.pass_(timedelta(seconds=59))
    assert serving.reason is ClosedReason.SERVER


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
