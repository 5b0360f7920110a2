"""Claims as a shop makes them: signed requests over HTTP to gunicorn, with a card's proof, certificates asked about by OCSP.

Each thread is a kiosk with a card of its own whose reservation it claims again and again: a fresh card signature supersedes the
claim before it (ADR 0002), so every round is a whole claim. The clients share the machine's cores with the server.
"""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents
from services.card.virtual.reader import VirtualReader
from services.clock import SystemClock
from services.domain.base64url import base64url, octets_of
from services.domain.password import Password, PasswordKind
from services.domain.statements import claim_body
from services.pki.issuer import VirtualIssuer
from services.pki.statement import statement_digest
from services.pki.terminal_signature import HTTPRequest, sign
from services.ports import Purpose, Statement
from services.rehearsal.booking import Book
from services.rehearsal.cards import CardWish, issue_card
from services.rehearsal.person import imagine
from services.rehearsal.stage import Stage

KIOSKS: Final = 8
SECONDS: Final = 6.0
PIN: Final = "1230"


@dataclass
class Kiosk:
    """One terminal's part of a claim: the card on its reader, and signed requests."""

    server: str
    contents: CardContents
    terminal_id: str
    key: Ed25519PrivateKey
    client: httpx.Client

    def __post_init__(self) -> None:
        reader = VirtualReader()
        reader.insert(VirtualCard(self.contents))
        self._card = MyNumberCard(reader.connect())
        self._card.verify(Password.parse(PasswordKind.USER_AUTHENTICATION, PIN))
        self._identity = self.contents.jpki.user_authentication
        assert self._identity is not None

    def claim(self) -> None:
        """Asks for a nonce, has the card sign it, claims.

        Raises:
            httpx.HTTPStatusError: the server did not grant it.
        """
        assert self._identity is not None
        given = self._post("challenges", {})
        claim_id, identity = str(uuid.uuid4()), self._identity.certificate
        body = claim_body(claim_id, PasswordKind.SIGNATURE, identity)
        statement = Statement(Purpose.CLAIM, given["origin"], octets_of(given["nonce"]), body)
        signature = self._card.sign(PasswordKind.USER_AUTHENTICATION, statement_digest(statement))
        proof = {
            "certificate": base64url(identity),
            "identity_certificate": base64url(identity),
            "signature": base64url(signature),
        }
        asked = {"claim_id": claim_id, "kind": "signature", "nonce": given["nonce"], "proof": proof}
        self._post("claims", asked)

    def _post(self, call: str, body: dict[str, Any]) -> dict[str, Any]:
        url, octets = f"{self.server}/kiosk-api/v1/{call}", json.dumps(body).encode()
        headers = sign(HTTPRequest("POST", url, octets), self.key, keyid=self.terminal_id, now=SystemClock().now())
        answer = self.client.post(url, content=octets, headers={**headers, "Content-Type": "application/json"})
        answer.raise_for_status()
        given: dict[str, Any] = answer.json()
        return given


def report() -> Iterator[str]:
    """Measures on SQLite, with the server's default of one process and eight threads."""
    with TemporaryDirectory(prefix="pinreset-bench-") as folder:
        stage = Stage.build(Path(folder) / "stage", pcsc=False)
        try:
            issuer = stage.set_scenery()
            stage.start_issuer()
            stage.start_server({"PINRESET_VISION_WORKERS": "0"})
            taken = _measure(stage, _cards(stage, issuer))
        finally:
            stage.close()
    ordered = sorted(taken)
    yield (
        f"SQLite over HTTP, {KIOSKS} kiosks: {len(taken) / SECONDS:,.0f} claims/s ({2 * len(taken) / SECONDS:,.0f} requests/s); "
        f"p50 {1000 * ordered[len(ordered) // 2]:.0f} ms, p99 {1000 * ordered[len(ordered) * 99 // 100]:.0f} ms"
    )


def _cards(stage: Stage, issuer: VirtualIssuer) -> list[CardContents]:
    """A card with a reservation for each kiosk."""
    now = SystemClock().now()
    user = Password.parse(PasswordKind.USER_AUTHENTICATION, PIN)
    signature = Password.parse(PasswordKind.SIGNATURE, "BENCH123")
    cards = [
        issue_card(issuer, CardWish(imagine(seed, today=now.date()), bytes(4000), user, signature), now=now)
        for seed in range(KIOSKS)
    ]
    with closing(Book(stage)) as book:
        for card in cards:
            book.reserve(card, PasswordKind.SIGNATURE)
    return cards


def _measure(stage: Stage, cards: list[CardContents]) -> list[float]:
    """Seconds of every claim that was granted; a refused one ends the measurement."""
    ends = time.monotonic() + SECONDS

    def kiosk(contents: CardContents) -> list[float]:
        taken = []
        with httpx.Client(timeout=20.0) as client:
            mine = Kiosk(stage.addresses.server, contents, stage.terminal_id, stage.terminal_key, client)
            while time.monotonic() < ends:
                begun = time.monotonic()
                mine.claim()
                taken.append(time.monotonic() - begun)
        return taken

    with ThreadPoolExecutor(len(cards)) as pool:
        return [seconds for taken in pool.map(kiosk, cards) for seconds in taken]
