"""Fetches revocation information over HTTP, within limits of size and time."""

import time
from typing import Final

import httpx

from services.pki.ocsp import Fault, RevocationFault

TIMEOUT_S: Final = 3.0


class Fetcher:
    """An HTTP client that follows nobody: no redirects, no proxy from the environment, no cookies kept."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        # Connections are not kept: the web processes are forked, and a kept one would be shared by several of them.
        self._client = httpx.Client(
            timeout=timeout_s,
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
        """The response's body.

        Raises:
            RevocationFault: no answer in time, another status than 200, or more octets than the limit.
        """
        return self._send("POST", url, {"Content-Type": content_type}, body, limit)

    def get(self, url: str, *, limit: int) -> bytes:
        """The response's body.

        Raises:
            RevocationFault: as for `post`.
        """
        return self._send("GET", url, {}, None, limit)

    def _send(self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int) -> bytes:
        # Compressed answers are not wanted: a small one could unfold to a large one.
        headers = {**headers, "Accept-Encoding": "identity"}
        try:
            with self._client.stream(method, url, headers=headers, content=body) as response:
                return self._read(response, limit)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise RevocationFault(Fault.UNREACHABLE) from None

    def _read(self, response: httpx.Response, limit: int) -> bytes:
        """The client's time-out is for each read; a server that drips would keep us for hours, so the whole has one too."""
        if response.status_code != httpx.codes.OK:
            raise RevocationFault(Fault.UNREACHABLE)
        ends, body = time.monotonic() + self._timeout_s, bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > limit:
                raise RevocationFault(Fault.TOO_LARGE)
            if time.monotonic() > ends:
                raise RevocationFault(Fault.UNREACHABLE)
        return bytes(body)
