"""The reader does what no reader should: the terminal goes on, and nobody waits for ever."""

import threading
from datetime import timedelta

import pytest

from kiosk.reader import ReaderOwner, ReaderThread
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.domain.errors import CardConnectionLost
from services.domain.kiosk_session import KioskEvent

SHORT = timedelta(seconds=0.05)
E = KioskEvent


class Odd(VirtualReader):
    """A reader whose looks fail as long as `fault` is set."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__()
        self.fault = fault

    def card_present(self) -> bool:
        if self.fault is not None:
            raise self.fault
        return super().card_present()


class Told:
    """What the thread posts, and whether an event has come."""

    def __init__(self) -> None:
        self.events: list[KioskEvent] = []
        self._came = {event: threading.Event() for event in KioskEvent}

    def post(self, event: KioskEvent) -> None:
        self.events.append(event)
        self._came[event].set()

    def wait_for(self, event: KioskEvent) -> bool:
        return self._came[event].wait(5)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def begin():
    """Starts threads that end with the test."""
    begun = []

    def one(owner: ReaderOwner, **more) -> ReaderThread:
        begun.append(ReaderThread(owner, **more))
        begun[-1].start()
        return begun[-1]

    yield one
    for thread in begun:
        thread.stop()


@pytest.mark.parametrize("fault", [OSError("pipe"), EOFError(), ValueError("garbage")])
def test_a_look_that_fails_is_a_lost_reader_and_the_thread_goes_on(fault, told, begin, issuance):
    reader = Odd(fault)
    reader.insert(VirtualCard(issuance.first))
    thread = begin(ReaderOwner(reader, told.post))
    assert told.wait_for(E.READER_LOST)
    assert not thread.look()
    reader.fault = None
    assert told.wait_for(E.CARD_PLACED)
    thread.open()
    thread.run(lambda card: card.identify())
    assert told.events == [E.READER_LOST, E.CARD_PLACED]


def test_a_connection_that_cannot_be_ended_is_gone(told, issuance, monkeypatch):
    reader = VirtualReader()
    reader.insert(VirtualCard(issuance.first))
    owner = ReaderOwner(reader, told.post)
    owner.open()

    def broken() -> None:
        raise BrokenPipeError

    monkeypatch.setattr(owner._channel, "close", broken)
    owner.lose()
    assert told.events == [E.READER_LOST]
    assert owner._channel is None


@pytest.fixture
def stuck(told, begin):
    """A thread that hangs in a work of somebody who has gone, and what lets it go on."""
    owner = ReaderOwner(VirtualReader(), told.post)
    thread, hangs, goes_on = begin(owner, longest_work=SHORT), threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        goes_on.wait(5)

    thread._queued(hang)
    assert hangs.wait(5)
    yield thread, goes_on
    goes_on.set()


def test_nobody_waits_for_a_reader_that_hangs(stuck):
    thread, _ = stuck
    with pytest.raises(CardConnectionLost):
        thread.open()
    with pytest.raises(CardConnectionLost):
        thread.run(lambda card: card.identify())
    assert not thread.look()
    thread.close()


def test_a_work_that_nobody_waits_for_any_more_is_never_begun(stuck):
    thread, goes_on = stuck
    done = []
    with pytest.raises(CardConnectionLost):
        thread._in_thread(lambda: done.append("late"))
    goes_on.set()
    thread._longest_work_s = 5
    thread._in_thread(lambda: done.append("now"))
    assert done == ["now"]


def test_the_card_is_powered_down_as_soon_as_the_reader_is_back(stuck):
    thread, goes_on = stuck
    closed = []
    thread._owner.close = lambda: closed.append(1)
    thread.close()
    assert closed == []
    goes_on.set()
    thread._longest_work_s = 5
    thread._in_thread(lambda: None)
    assert closed == [1]
