"""A server that sends an octet now and then: the question ends in its own time, and nobody waits for the last octet."""

import gzip
import json
import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpcore
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kiosk_backend import ORIGIN
from kiosk_world import NOW, S

from kiosk.line import WHOLE, Line
from kiosk.server import HEARTBEAT_WHOLE_S, WHOLE_S, KioskServer, Terminal
from services.clock import ManualClock
from services.domain.errors import AnswerUntrusted, ServerUnreachable
from services.domain.terminal import Part, Report

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n"
REPORT = Report("b", 0, None, Part.PRESENT, Part.OFF, True, 100, 0, 0, 0)  # a report that is well


class Drip(httpcore.NetworkStream):
    """Sends these octets one by one, each just before the time-out of its read; then an `x` each time."""

    def __init__(self, stopwatch, octets):
        self._stopwatch, self._octets = stopwatch, iter(octets)

    def read(self, max_bytes, timeout=None):
        self._stopwatch.now_s += timeout * 0.95
        return bytes([next(self._octets, ord("x"))])

    def write(self, buffer, timeout=None):
        pass

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        return self

    def close(self):
        pass


class Network(httpcore.NetworkBackend):
    def __init__(self, octets=b""):
        self.now_s, self._octets = 0.0, octets

    def __call__(self):
        return self.now_s

    def connect_tcp(self, *_, **__):
        return Drip(self, self._octets)


def asking(network, origin="https://reset.example"):
    client = httpx.Client(transport=Line(network, network))
    return KioskServer(client, origin, Terminal("t-1", Ed25519PrivateKey.generate()), ManualClock(NOW))


@pytest.mark.parametrize("sent", [b"", HEAD, b"HTTP/1.1 100 Continue\r\n\r\n" * 9], ids=["head", "body", "interim"])
@pytest.mark.parametrize(
    ("ask", "whole_s"),
    [(KioskServer.challenge, WHOLE_S), (lambda server: server.heartbeat(b"n" * 16, REPORT), HEARTBEAT_WHOLE_S)],
    ids=["question", "heartbeat"],
)
def test_no_part_of_an_answer_is_waited_for_longer_than_its_time(sent, ask, whole_s):
    network = Network(sent)
    with pytest.raises(ServerUnreachable):
        ask(asking(network))
    assert network.now_s <= whole_s


@contextmanager
def dripping():
    """A real server on loopback, which never finishes; its origin."""
    ended = threading.Event()

    def drip():
        with listener.accept()[0] as line, suppress(OSError):
            line.sendall(HEAD)
            for _ in range(500):
                line.sendall(b"x")
                if ended.wait(0.01):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


@pytest.mark.enable_socket
def test_a_real_line_that_drips_is_let_go_of_in_time():
    with dripping() as origin, httpx.Client(transport=Line()) as client:
        begun_s = time.monotonic()
        with (
            pytest.raises(httpx.TimeoutException),
            client.stream("GET", origin, timeout=20, extensions={WHOLE: 0.2}) as answer,
        ):
            answer.read()
        assert time.monotonic() - begun_s < 2


@pytest.mark.parametrize(("coding", "code"), [("gzip", gzip.compress), ("identity", bytes), ("x-own", bytes)])
def test_an_answer_that_is_coded_is_no_answer(world, coding, code):
    challenge = code(json.dumps({"nonce": "A" * 43, "origin": ORIGIN}).encode())
    world.wire.forge = lambda _: httpx.Response(200, headers={"Content-Encoding": coding}, content=challenge)
    with pytest.raises(AnswerUntrusted):
        world.kiosk.controller._bench.server.challenge()


def test_nothing_coded_is_asked_for(world):
    asked = []
    handle = world.wire.handle_request
    world.wire.handle_request = lambda request: asked.append(request.headers["Accept-Encoding"]) or handle(request)
    world.reserve()
    assert world.visit() == S.DONE
    assert {"identity"} == set(asked)
