"""Who signs a kiosk's request: checked on the raw bytes, before anything in them is parsed."""

from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from flask import g, request

from reset_app import services
from services.domain.errors import TerminalRefused
from services.pki.terminal_signature import HTTPRequest, verify
from services.storage.terminals import Terminals

SIGNED_HEADERS: Final = ("Content-Digest", "Signature-Input", "Signature")


class ActiveKeys(Mapping[str, bytes]):
    """The keys of the terminals that may send requests, looked up one by one: a suspended one has none."""

    def __init__(self, terminals: Terminals) -> None:
        self._terminals = terminals

    def __getitem__(self, keyid: str) -> bytes:
        try:
            return self._terminals.active(keyid).public_key
        except TerminalRefused as exc:
            raise KeyError(keyid) from exc

    def __iter__(self) -> Iterator[str]:
        return iter([terminal.id for terminal in self._terminals.everyone()])

    def __len__(self) -> int:
        return len(self._terminals.everyone())


def authenticate() -> None:
    """Lets a request pass that an active terminal signed less than a minute ago and has not sent before.

    Raises:
        TerminalRefused: signature, digest, key or terminal.
        RequestReplayed: too old, ahead of time, or seen before.
    """
    found = services()
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    signed = HTTPRequest(request.method, found.settings.origin + request.path + query, request.get_data(cache=True))
    # A header that is there twice is refused: whoever stands between could otherwise choose which one is read.
    headers = {name: ",".join(request.headers.getlist(name)) for name in SIGNED_HEADERS}
    terminal = verify(signed, headers, keys=ActiveKeys(found.terminals), now=found.ports.clock.now())
    found.terminals.remember(terminal.keyid, terminal.nonce.encode("ascii"))
    g.terminal_id = terminal.keyid
    structlog.contextvars.bind_contextvars(terminal=terminal.keyid)


def forget() -> None:
    """Lets go of the terminal's name, which the log would otherwise print for this thread's next request."""
    structlog.contextvars.unbind_contextvars("terminal")
