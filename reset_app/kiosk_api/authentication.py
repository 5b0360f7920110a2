"""Who signs a kiosk's request: checked on the raw bytes, before anything in them is parsed."""

from collections.abc import Iterator, Mapping
from typing import Final

import structlog
from flask import g, request

from reset_app import services
from services.domain.errors import TerminalRefused, TerminalUnknown
from services.pki.terminal_signature import HTTPRequest, VerifiedTerminal, verify
from services.storage.terminals import Terminals

SIGNED_HEADERS: Final = ("Content-Digest", "Signature-Input", "Signature")


class EnrolledKeys(Mapping[str, bytes]):
    """The keys of the enrolled terminals, looked up one by one. A revoked one has its key here, too: it is told so."""

    def __init__(self, terminals: Terminals) -> None:
        self._terminals = terminals

    def __getitem__(self, keyid: str) -> bytes:
        try:
            return self._terminals.known(keyid).public_key
        except TerminalUnknown as exc:
            raise KeyError(keyid) from exc

    def __iter__(self) -> Iterator[str]:
        return iter([terminal.id for terminal in self._terminals.everyone()])

    def __len__(self) -> int:
        return len(self._terminals.everyone())


def authenticate() -> None:
    """Lets a request pass that an enrolled terminal signed less than a minute ago and has not sent before.

    Raises:
        TerminalUnknown: nobody is enrolled under this key id.
        TerminalRefused: signature or digest.
        RequestReplayed: too old, ahead of time (`age_s` says how much), or seen before.
        TerminalRevoked: the signature holds, and staff have taken the key back.
    """
    found = services()
    signed = verified(EnrolledKeys(found.terminals))
    found.terminals.remember(signed.keyid, signed.nonce.encode("ascii"))
    found.terminals.active(signed.keyid)
    g.terminal_id = signed.keyid
    structlog.contextvars.bind_contextvars(terminal=signed.keyid)


def verified(keys: Mapping[str, bytes]) -> VerifiedTerminal:
    """Who of the holders of these keys signed this request.

    Raises:
        TerminalUnknown, TerminalRefused, RequestReplayed: as `authenticate`.
    """
    found = services()
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    signed = HTTPRequest(request.method, found.settings.origin + request.path + query, request.get_data(cache=True))
    # A header that is there twice is refused: whoever stands between could otherwise choose which one is read.
    headers = {name: ",".join(request.headers.getlist(name)) for name in SIGNED_HEADERS}
    try:
        return verify(signed, headers, keys=keys, now=found.ports.clock.now())
    except TerminalRefused as refused:
        if refused.detail.get("where") == "keyid":
            raise TerminalUnknown from refused
        raise


def forget() -> None:
    """Lets go of the terminal's name, which the log would otherwise print for this thread's next request."""
    structlog.contextvars.unbind_contextvars("terminal")
