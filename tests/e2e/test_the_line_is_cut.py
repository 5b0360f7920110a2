"""The rehearsal's line: what it does to octets when it is cut, and that its trap strikes once, at the named call."""

import socket
from contextlib import closing
from threading import Thread

import pytest

from services.rehearsal.line import Line, Relay, Trap
from services.rehearsal.processes import free_port

pytestmark = [pytest.mark.enable_socket]

SOON_S = 0.2
CLAIM = b"POST /kiosk-api/v1/claims HTTP/1.1\r\n\r\n"
COMPLETION = b"POST /kiosk-api/v1/claims/some-id/completion HTTP/1.1\r\n\r\n"


@pytest.fixture
def echo():
    """An address that says everything again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_echo_for_ever, args=(listener,), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def _echo_for_ever(listener):
    while True:
        try:
            guest, _ = listener.accept()
        except OSError:
            return
        Thread(target=_echo, args=(guest,), daemon=True).start()


def _echo(guest):
    with closing(guest):
        while octets := guest.recv(1000):
            guest.sendall(octets)


@pytest.fixture
def near():
    return f"127.0.0.1:{free_port(0)}"


@pytest.fixture
def relay(near, echo):
    with closing(Relay(near, echo)) as relay:
        yield relay


@pytest.fixture
def shop(near, relay):
    host, port = near.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        yield connection


def test_a_line_that_is_cut_keeps_silent_and_tells_everything_afterwards(relay, shop):
    relay.hold()
    shop.sendall(b"hello")
    shop.settimeout(SOON_S)
    with pytest.raises(TimeoutError):
        shop.recv(100)
    shop.settimeout(10)
    relay.go_on()
    assert b"hello" == shop.recv(100)


def test_a_trap_strikes_once_and_only_at_its_call(relay, shop):
    struck = []
    relay.trap = Trap("completion", "answer", lambda: struck.append("completion"))
    for request in (CLAIM, COMPLETION, COMPLETION):
        shop.sendall(request)
        assert request == shop.recv(1000)
    assert ["completion"] == struck


def test_a_strike_that_fails_takes_the_request_with_it(relay, shop):
    def strike():
        raise ConnectionAbortedError

    relay.trap = Trap("claims", "request", strike)
    shop.sendall(CLAIM)
    assert b"" == shop.recv(1000)


def test_who_comes_while_nobody_is_there_is_sent_away(near, relay):
    relay.refuse()
    host, port = near.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        assert b"" == connection.recv(100)


def test_without_a_network_of_its_own_the_server_listens_beside_the_relay(near):
    spare = free_port(0)
    with closing(Line(near, "127.0.0.1:1", None, spare)) as line:
        assert (f"127.0.0.1:{spare}", "127.0.0.1:1") == (line.bind(near), line.bind("127.0.0.1:1"))
        assert ["program"] == line.inside(["program"])
