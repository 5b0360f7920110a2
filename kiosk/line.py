"""The line to the server: an answer is whole within a time, however slowly its octets come.

httpx counts each read for itself: a server that sends an octet now and then would keep a terminal for days, headers included. Here
every wait on the network gets no more than what is left of the question's own time. Only looking up the server's name is outside
of it: the system's resolver cannot be interrupted, and answers or gives up by itself.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import httpcore
import httpx

WHOLE: Final = "whole_s"  # the request extension with the question's time, in seconds


class Line(httpx.HTTPTransport):
    """HTTP straight to the server, without a proxy of the environment. Any thread may ask, one question at a time each.

    Raises httpx.TimeoutException when the time given in the extension `WHOLE` is over before the last octet has been read.
    """

    def __init__(
        self, stopwatch: Callable[[], float] = time.monotonic, network: httpcore.NetworkBackend | None = None
    ) -> None:
        trusted = httpx.create_ssl_context()
        super().__init__(verify=trusted)
        self._time = _Time(stopwatch)
        # httpx hands no network to its pool; this is the attribute that it asks.
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted, network_backend=_TimedNetwork(network or httpcore.SyncBackend(), self._time)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Asks; the body is read by the same thread."""
        self._time.begin(request.extensions[WHOLE])
        return super().handle_request(request)


class _Time(threading.local):
    """What is left for this thread's question."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._ends_s = 0.0

    def begin(self, whole_s: float) -> None:
        self._ends_s = self._stopwatch() + whole_s

    def at_most(self, timeout_s: float | None) -> float:
        """This time-out, or what is left."""
        left_s = self._ends_s - self._stopwatch()
        if left_s <= 0:
            raise httpcore.TimeoutException("the answer took too long")
        return left_s if timeout_s is None else min(timeout_s, left_s)


class _TimedNetwork(httpcore.NetworkBackend):
    def __init__(self, network: httpcore.NetworkBackend, left: _Time) -> None:
        self._network = network
        self._left = left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left_s = self._left.at_most(timeout)
        stream = self._network.connect_tcp(host, port, left_s, local_address, socket_options)
        return _TimedStream(stream, self._left)


class _TimedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, left: _Time) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left.at_most(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._left.at_most(timeout)
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left_s), self._left)

    def get_extra_info(self, info: str) -> Any:  # as the library has it
        return self._stream.get_extra_info(info)
