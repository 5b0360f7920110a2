"""Key, settings, reader thread, loop: the parts that a terminal is put together from."""

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from kiosk_world import NEW, OLD, E, S
from pydantic import ValidationError

from kiosk.crash import KILLED, CrashPoint, power_cut_at
from kiosk.inbox import Happening
from kiosk.loop import Loop
from kiosk.patience import Patience
from kiosk.reader import ReaderOwner, ReaderThread
from kiosk.server import TIMEOUTS
from kiosk.settings import KioskSettings
from kiosk.terminal_key import KeyUnusable, load, make
from services.card.readers import PlacedReader, open_reader
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.clock import ManualClock
from services.domain.errors import CardMissing, ReaderMissing, ServerUnreachable
from services.domain.kiosk_session import KioskEvent
from services.pki.fetch import TIMEOUT_S as REVOCATION_TIMEOUT_S


def test_a_key_is_made_once_and_only_the_terminal_reads_it(tmp_path):
    path = tmp_path / "new" / "terminal.key"
    made = make(path).private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    assert make(path).private_bytes_raw() == load(path).private_bytes_raw() == made


@pytest.mark.parametrize(("octets", "mode"), [(b"short", 0o600), (b"k" * 33, 0o600), (b"k" * 32, 0o644)])
def test_a_key_file_that_is_damaged_or_open_to_others_is_refused(tmp_path, octets, mode):
    path = tmp_path / "key"
    path.write_bytes(octets)
    path.chmod(mode)
    with pytest.raises(KeyUnusable):
        make(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "http://shop.example"},
        {"server": "https://shop.example/"},
        {"server": "ftp://127.0.0.1"},
        {"listen": "0.0.0.0:8090"},
        {"listen": "127.0.0.1"},
        {"hours": "6-23"},
        {"hours": "23:00-06:30"},
        {"hours": "06:30-25:00"},
        {"maintenance": "02:00"},
        {"health_key": "short"},
        {"reader": "usb"},
        {"reader": "socket:/tmp/x"},
        {"crash_at": "claim_signed"},
    ],
)
def test_settings_that_are_unsafe_are_refused(wrong):
    with pytest.raises(ValidationError):
        KioskSettings(**wrong)


def test_a_rehearsal_may_use_a_virtual_reader_and_a_crash_point():
    found = KioskSettings(rehearsal=True, reader="socket:/tmp/x", crash_at="claim_signed")
    assert found.crash_at is CrashPoint.CLAIM_SIGNED
    assert open_reader(found.reader, ManualClock, rehearsal=True).is_virtual


def test_a_crash_point_ends_the_process_as_a_kill_would():
    program = (
        "from kiosk.crash import CrashPoint, power_cut_at; cut = power_cut_at(CrashPoint.CARD_WRITTEN);"
        "cut(CrashPoint.CLAIM_SIGNED); cut(CrashPoint.CARD_WRITTEN)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == KILLED
    power_cut_at(CrashPoint.CARD_WRITTEN)(CrashPoint.CLAIM_SIGNED)


def test_readers_are_searched_for_now_and_then_only(world):
    asked = []
    reader = PlacedReader("acr", world.clock, rehearsal=False, names=lambda: asked.append(1) or ["Other 00"])
    for _ in range(10):
        with pytest.raises(ReaderMissing):
            reader.card_present()
    assert len(asked) == 1
    world.clock.advance(timedelta(seconds=5))
    with pytest.raises(ReaderMissing):
        reader.card_present()
    assert len(asked) == 2


class Unplugged:
    name = "unplugged"
    is_virtual = True

    def __init__(self) -> None:
        self.gone = False

    def card_present(self) -> bool:
        if self.gone:
            raise ReaderMissing
        return False

    def connect(self):
        raise ReaderMissing


def test_a_lost_reader_is_told_once_until_it_is_back():
    told, reader = [], Unplugged()
    owner = ReaderOwner(reader, told.append)
    for gone in (True, True, True, False, True):
        reader.gone = gone
        owner.look()
    assert told == [KioskEvent.READER_LOST, KioskEvent.READER_LOST]


def test_a_reader_lost_while_a_card_is_asked_for_is_a_failure_that_says_so(world):
    world.to_card()
    world.kiosk.inbox.post_from_reader(E.READER_LOST)
    assert world.kiosk.wait() == S.FAILED
    assert world.kiosk.code == "PR-6001"


def test_without_an_open_connection_there_is_no_card_to_work_with():
    with pytest.raises(CardMissing):
        ReaderOwner(VirtualReader(), lambda _: None).run(lambda card: card.identify())


def test_the_reader_thread_tells_of_cards_and_works_in_its_own_thread(issuance):
    placed, told = threading.Event(), []

    def post(event):
        told.append((event, threading.current_thread().name))
        placed.set()

    slot = VirtualReader()
    slot.insert(VirtualCard(issuance.first))
    thread = ReaderThread(ReaderOwner(slot, post))
    thread.start()
    assert placed.wait(5)
    thread.open()
    where = thread.run(lambda card: (card.identify(), threading.current_thread().name)[1])
    with pytest.raises(ZeroDivisionError):
        thread.run(lambda _: 1 // 0)
    thread.stop()
    assert where == "card-reader"
    assert told == [(KioskEvent.CARD_PLACED, "card-reader")]


def test_the_loop_answers_a_touch_with_the_next_screen(world):
    loop = Loop(world.kiosk.controller, world.kiosk.inbox)
    loop.start()
    loop.tell(Happening(E.TOUCH, step=loop.screen.step))
    assert loop.screen.state == S.SERVICES
    loop.stop()


def test_patience_asks_less_and_less_often_and_then_gives_up():
    pauses, asked = [], []

    def call():
        asked.append(sum(pauses, timedelta(0)).total_seconds())
        raise ServerUnreachable

    with pytest.raises(ServerUnreachable):
        Patience(pauses.append, lambda: 0.0).ask(call)
    assert asked == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 23.5, 31.5, 39.5, 47.5, 55.5, 60]


def test_patience_hears_a_server_that_is_back_in_the_last_second():
    pauses = []

    def call():
        if sum(pauses, timedelta(0)) < timedelta(seconds=60):
            raise ServerUnreachable
        return "heard"

    assert "heard" == Patience(pauses.append, lambda: 0.0).ask(call)


def test_patience_counts_how_long_the_server_kept_it_waiting():
    pauses, seconds = [], [0.0]

    def call():
        seconds[0] += 20
        raise ServerUnreachable

    with pytest.raises(ServerUnreachable):
        Patience(pauses.append, lambda: seconds[0]).ask(call)
    assert seconds == [60]


def test_a_slow_honest_answer_is_waited_for_and_a_dead_line_is_not():
    assert TIMEOUTS.read > 2 * 2 * REVOCATION_TIMEOUT_S  # two certificates, and two places to ask about each
    assert TIMEOUTS.connect <= REVOCATION_TIMEOUT_S


# ── Time-outs and second taps ───────────────────────────────────────────────────────────────────────────────────────


def test_whoever_walks_away_leaves_the_first_screen_behind(world):
    world.to_card()
    world.clock.advance(timedelta(seconds=60))
    assert world.kiosk.wait() == S.IDLE


def test_whoever_walks_away_from_a_card_is_reminded_until_it_is_taken(world):
    reservation = world.reserve()
    world.to_new_password()
    world.clock.advance(timedelta(seconds=60))
    assert world.kiosk.wait() == S.REMOVE_CARD
    world.clock.advance(timedelta(hours=1))
    assert world.kiosk.wait() == S.REMOVE_CARD
    assert world.take() == S.THANKS
    world.kiosk.outbox.send()
    assert world.state_of(reservation).value == "reserved"


def test_whoever_needs_longer_may_say_so(world):
    world.to_card()
    for _ in range(20):
        world.clock.advance(timedelta(seconds=50))
        assert world.kiosk.touch(None) == S.PLACE_CARD


def test_a_second_tap_does_not_reach_the_next_screen(world):
    """Otherwise the other password, sent twice, would be taken for the new one."""
    world.reserve()
    world.to_card()
    world.put()
    twice = [Happening(E.ENTERED, step=world.kiosk.screen.step, entry=OLD[world.kind.other]) for _ in range(2)]
    for happening in twice:
        world.kiosk.inbox.post(happening)
    assert world.kiosk.wait() == S.FOUND
    assert world.kiosk.controller._attendant.session.new is None


def test_passwords_are_overwritten_at_the_end(either):
    either.reserve()
    either.to_new_password()
    either.kiosk.type(NEW[either.kind])
    session = either.kiosk.controller._attendant.session
    kept = [session.other, session.new]
    assert all(password.octets for password in kept)
    either.kiosk.touch(E.CANCEL)
    assert [password.octets for password in kept] == [b"", b""]


def test_a_card_pulled_just_before_the_result_does_not_take_the_result_away(world):
    world.reserve()
    world.to_new_password()
    world.set_password()
    assert world.take() == S.DONE
    world.clock.advance(timedelta(seconds=8))
    assert world.kiosk.wait() == S.THANKS


def test_a_card_taken_from_the_result_ends_the_session(world):
    world.reserve()
    world.visit()
    world.clock.advance(timedelta(seconds=3))
    assert world.take() == S.THANKS
