"""The line between the shop and the server, which a rehearsal can cut.

    terminal ── loopback port of the server's address ── Relay ══ veth, may be taken down ══ server, issuer

Where the machine permits it (root, `ip`), server and issuer live in a network namespace of their own and the only way to them is a
veth pair, so that a cut line is a link that is down and nothing else is simulated. Elsewhere the relay stops passing octets.
The relay reads which call of the kiosk API passes, so that a misfortune can strike at a named call.
"""

import socket
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final, Literal, Protocol

from services.rehearsal.network import FAR_ADDRESS, Network

Moment = Literal["request", "answer"]

_CHUNK: Final = 65_536
_CONNECT_TIME_S: Final = 3.0
_MARK: Final = b"POST /kiosk-api/v1/"


class FarEnd(Protocol):
    """Where server and issuer run."""

    def bind(self, listen: str) -> str:
        """Where the program that is known under this host:port really listens."""

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command, so that it runs there."""


class Here:
    """On this machine, as everything else."""

    def bind(self, listen: str) -> str:
        return listen

    def inside(self, command: Sequence[str]) -> list[str]:
        return list(command)


@dataclass
class Trap:
    """Strikes once: before the request of this call goes on, or before its answer does."""

    call: str
    moment: Moment
    strike: Callable[[], None]
    sprung: Event = field(default_factory=Event)


class Relay:
    """Passes octets between a loopback port and another address."""

    def __init__(self, near: str, far: str, *, holds_requests: bool = True) -> None:
        """A link that is down holds the requests by itself."""
        self.trap: Trap | None = None
        self._far = _pair(far)
        self._holds_requests = holds_requests
        self._passing = Event()
        self._passing.set()
        self._refusing = False
        self._listener = socket.create_server(_pair(near))
        Thread(target=self._serve, name="relay", daemon=True).start()

    def hold(self) -> None:
        """Nothing goes on until `go_on`."""
        self._passing.clear()

    def refuse(self) -> None:
        """Who comes is sent away at once, as by a port where nobody listens."""
        self._refusing = True

    def go_on(self) -> None:
        """Everything goes on, what was held first."""
        self._refusing = False
        self._passing.set()

    def close(self) -> None:
        """Takes nobody in any more."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                guest, _ = self._listener.accept()
                Thread(target=self._receive, args=(guest,), daemon=True).start()

    def _receive(self, guest: socket.socket) -> None:
        with closing(guest), suppress(OSError):
            if self._refusing:
                return
            with socket.create_connection(self._far, _CONNECT_TIME_S) as host:
                host.settimeout(None)
                _Conversation(self, guest, host).last()

    def wait(self, moment: Moment) -> None:
        """Returns when the line is there."""
        if moment == "answer" or self._holds_requests:
            self._passing.wait()

    def spring(self, call: str, moment: Moment) -> None:
        """Lets the trap strike that waits for this."""
        trap = self.trap
        if trap is not None and (trap.call, trap.moment) == (call, moment) and not trap.sprung.is_set():
            trap.sprung.set()
            trap.strike()


@dataclass
class _Conversation:
    """One connection from the shop."""

    relay: Relay
    guest: socket.socket
    host: socket.socket
    call: str = ""

    def last(self) -> None:
        """Until either end hangs up."""
        back = Thread(target=self._pass, args=(self.host, self.guest, "answer"), daemon=True)
        back.start()
        self._pass(self.guest, self.host, "request")
        back.join()

    def _pass(self, source: socket.socket, sink: socket.socket, moment: Moment) -> None:
        with suppress(OSError):
            while octets := source.recv(_CHUNK):
                if moment == "request":
                    self.call = _call_in(octets) or self.call
                self.relay.spring(self.call, moment)
                self.relay.wait(moment)
                sink.sendall(octets)
        for end in (self.guest, self.host):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Line:
    """`FarEnd` behind relays, and the scissors."""

    def __init__(self, server: str, issuer: str, network: Network | None, spare_port: int) -> None:
        """`server` and `issuer` as host:port; where there is no network, the server listens at the spare port."""
        self._network = network
        self._spare = f"127.0.0.1:{spare_port}"
        self._near_server = server
        far = self._spare if network is None else f"{FAR_ADDRESS}:{_pair(server)[1]}"
        self.relay = Relay(server, far, holds_requests=network is None)
        self._relays = [self.relay]
        if network is not None:
            self._relays.append(Relay(issuer, f"{FAR_ADDRESS}:{_pair(issuer)[1]}"))

    @property
    def means(self) -> str:
        """How it is cut, in words."""
        return "relay stops passing octets" if self._network is None else "veth link of a network namespace down"

    def bind(self, listen: str) -> str:
        if self._network is not None:
            return f"0.0.0.0:{_pair(listen)[1]}"  # within the namespace, where nobody else is
        return self._spare if listen == self._near_server else listen

    def inside(self, command: Sequence[str]) -> list[str]:
        return list(command) if self._network is None else self._network.inside(command)

    def cut(self) -> None:
        """From now on nothing passes, and nobody is told."""
        self.relay.hold()
        if self._network is not None:
            self._network.down()

    def mend(self) -> None:
        """The line is there again; what TCP has kept arrives."""
        if self._network is not None:
            self._network.up()
        self.relay.go_on()

    def close(self) -> None:
        """Removes everything."""
        for relay in self._relays:
            relay.close()
        if self._network is not None:
            self._network.remove()


def _call_in(octets: bytes) -> str | None:
    """The kiosk API's call that begins here: the last segment of its path."""
    if not octets.startswith(_MARK):
        return None
    return octets.split(b" ", 2)[1].rpartition(b"/")[2].decode("ascii", "replace")


def _pair(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
