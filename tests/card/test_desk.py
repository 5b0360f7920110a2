"""Cards on readers without PC/SC: the desk, its sockets, and the reader over a socket."""

import shutil
import socket
import tempfile
from pathlib import Path
from threading import Event, Thread

import pytest
from sample_card import USER_PIN

from services.card.session import MyNumberCard
from services.card.socket_reader import SocketReader
from services.card.virtual.desk import CONTROL, Desk, DeskClient, serve_desk, socket_slots
from services.card.virtual.store import load
from services.card.virtual.vpcd import framed
from services.domain.errors import (
    CardConnectionLost,
    CardMissing,
    NotMyNumberCard,
    PasswordRejected,
    ReaderMissing,
    RequestMalformed,
)
from services.domain.password import Password, PasswordKind

USER = PasswordKind.USER_AUTHENTICATION


@pytest.fixture
def folder():
    # A socket's path has at most 107 bytes; pytest's own folders may lie deeper.
    path = Path(tempfile.mkdtemp(prefix="desk"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def desk(folder):
    stop = Event()
    thread = Thread(target=serve_desk, args=(Desk(socket_slots(folder)), folder / CONTROL, stop))
    thread.start()
    client = DeskClient(folder)
    while not answers(client):
        pass
    yield client
    stop.set()
    thread.join()


def answers(client):
    try:
        client.status()
    except ReaderMissing:
        return False
    return True


@pytest.fixture
def readers(folder, desk):
    return [SocketReader(Path(slot["reader"]), longest_silence_s=5.0) for slot in desk.status()]


@pytest.fixture
def connect():
    """Connects, and closes what is left open at the end."""
    channels = []

    def connected(reader):
        for _ in range(1000):  # the guest before may still be on its way out
            try:
                channels.append(reader.connect())
            except CardConnectionLost:
                continue
            return channels[-1]
        raise AssertionError("the reader stays taken")

    yield connected
    for channel in channels:
        channel.close()


def test_a_card_is_on_the_reader_it_was_put_on(desk, readers, card_file):
    assert [reader.card_present() for reader in readers] == [False, False]
    desk.insert(1, card_file)
    assert [reader.card_present() for reader in readers] == [False, True]
    assert [slot["card"] for slot in desk.status()] == [None, str(card_file)]
    desk.remove(1)
    assert [reader.card_present() for reader in readers] == [False, False]


def test_a_card_is_in_one_place_at_a_time(desk, readers, card_file):
    desk.insert(0, card_file)
    desk.insert(1, card_file)
    assert [reader.card_present() for reader in readers] == [False, True]


def test_the_desk_tells_which_instructions_a_card_has_met(desk, readers, card_file, connect):
    desk.insert(0, card_file)
    MyNumberCard(connect(readers[0])).identify()
    assert ["a4a4b0", ""] == [slot["instructions"] for slot in desk.status()]


def test_the_session_is_the_same_over_a_socket(desk, readers, card_file, contents, connect):
    desk.insert(0, card_file)
    card = MyNumberCard(connect(readers[0]))
    card.identify()
    assert card.identity_certificate() == contents.jpki.user_authentication.certificate
    with pytest.raises(PasswordRejected):
        card.verify(Password.parse(USER, "0000"))
    card.verify(Password.parse(USER, USER_PIN))
    assert len(card.sign(USER, bytes(32))) == 256
    assert load(card_file) == contents


def test_an_empty_reader_has_no_card(readers):
    with pytest.raises(CardMissing):
        readers[0].connect()


def test_a_connection_is_exclusive_and_looking_is_not(desk, readers, card_file, connect):
    desk.insert(0, card_file)
    channel = connect(readers[0])
    MyNumberCard(channel).identify()
    assert all(readers[0].card_present() for _ in range(40))
    with pytest.raises(CardConnectionLost):
        readers[0].connect()
    MyNumberCard(channel).identify()
    channel.close()


def test_closing_powers_the_card_down(desk, readers, card_file, connect):
    desk.insert(0, card_file)
    channel = connect(readers[0])
    MyNumberCard(channel).verify(Password.parse(USER, USER_PIN))
    channel.close()
    channel.close()
    with pytest.raises(Exception, match="6982"):
        MyNumberCard(connect(readers[0])).sign(USER, bytes(32))


def test_a_card_taken_off_is_lost_to_its_session(desk, readers, card_file, connect):
    desk.insert(0, card_file)
    card = MyNumberCard(connect(readers[0]))
    desk.remove(0)
    for _ in range(2):
        with pytest.raises(CardConnectionLost):
            card.identify()


def test_a_silent_card_is_given_up(desk, folder, card_file, connect):
    reader = SocketReader(folder / "slot0.sock", longest_silence_s=0.3)
    desk.insert(0, card_file, faults=[{"mute": 60, "instruction": 0x20}])
    card = MyNumberCard(connect(reader))
    with pytest.raises(CardConnectionLost):
        card.verify(Password.parse(USER, "0000"))
    desk.remove(0)
    assert load(card_file).pins["user_authentication"].tries_left == 2


def test_a_card_torn_out_by_its_script_is_off_the_reader(desk, readers, card_file, connect):
    desk.insert(0, card_file, faults=[{"torn": "after", "nth": 2}])
    with pytest.raises(CardConnectionLost):
        MyNumberCard(connect(readers[0])).identify()
    desk.insert(0, card_file)
    MyNumberCard(connect(readers[0])).identify()


def test_the_desk_refuses_what_it_cannot_do(desk, tmp_path, card_file):
    with pytest.raises(NotMyNumberCard):
        desk.insert(0, tmp_path / "nothing.json")
    with pytest.raises(ReaderMissing):
        desk.insert(7, card_file)
    with pytest.raises(RequestMalformed):
        desk.insert(0, card_file, faults=[{"torn": "sometimes"}])
    assert [slot["card"] for slot in desk.status()] == [None, None]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"do": "dance"}', b'{"do": "insert"}', b"\xff\xfe\n"])
def test_the_desk_outlives_garbage(desk, folder, line):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / CONTROL))
        connection.sendall(line + b"\n")
        assert b"error" in connection.recv(4096)
    assert len(desk.status()) == 2


def test_nobody_at_the_desk_is_a_missing_reader(tmp_path):
    with pytest.raises(ReaderMissing):
        DeskClient(tmp_path).status()


@pytest.mark.parametrize(
    "noise", [b"", b"\x00", b"\xff\xff", framed(b"\x77"), framed(b""), framed(b"\x01") + b"\x00\x09x"]
)
def test_a_slot_outlives_garbage(desk, readers, folder, card_file, noise, connect):
    desk.insert(0, card_file)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(folder / "slot0.sock"))
        connection.sendall(noise)
    MyNumberCard(connect(readers[0])).identify()
