"""The issuer's registry: which certificates are on which card, and whether they are good, held or revoked.

One SQLite file in the issuer's directory, so that the responder's process sees at once what another process revoked, and a power
cut leaves either the old state or the new one. It holds serial numbers and hashes, no holder's data.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from services.domain.errors import NotFound, StepNotAllowed, StorageUnavailable
from services.domain.machine import Machine
from services.domain.password import PasswordKind

BUSY_TIMEOUT_S: Final = 5.0


class Standing(StrEnum):
    """What the issuer says of a certificate."""

    GOOD = "good"
    HELD = "held"
    REVOKED = "revoked"


class Decision(StrEnum):
    """What the issuer can decide about a certificate."""

    HOLD = "hold"
    RELEASE = "release"
    REVOKE = "revoke"


STANDINGS: Final = Machine(
    "certificate",
    Standing.GOOD,
    {
        (Standing.GOOD, Decision.HOLD): Standing.HELD,
        (Standing.HELD, Decision.RELEASE): Standing.GOOD,
        (Standing.GOOD, Decision.REVOKE): Standing.REVOKED,
        (Standing.HELD, Decision.REVOKE): Standing.REVOKED,
    },
)


class Reason(StrEnum):
    """Why (RFC 5280, section 5.3.1): the ones the JPKI was seen to use, and a stolen key."""

    AFFILIATION_CHANGED = "affiliationChanged"
    CESSATION_OF_OPERATION = "cessationOfOperation"
    SUPERSEDED = "superseded"
    KEY_COMPROMISE = "keyCompromise"
    CERTIFICATE_HOLD = "certificateHold"


@dataclass(frozen=True)
class IssuedCertificate:
    """One certificate as the registry knows it. `sha256` is that of its DER; `authority` names the CA generation.

    `card_key` is the SHA-256 of the key that the card's own face record names: what ties photo and certificates to one card.
    """

    sha256: bytes
    card_serial: str
    kind: PasswordKind
    authority: str
    serial: int
    ends_at: datetime
    card_key: bytes
    standing: Standing = Standing.GOOD
    reason: Reason | None = None
    since: datetime | None = None


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS certificate (
    sha256 BLOB PRIMARY KEY,
    card_serial TEXT NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    serial INTEGER NOT NULL,
    ends_at TEXT NOT NULL,
    card_key BLOB NOT NULL,
    standing TEXT NOT NULL,
    reason TEXT,
    since TEXT,
    UNIQUE (authority, serial),
    UNIQUE (card_serial, kind)
) STRICT
"""
_COLUMNS: Final = "sha256, card_serial, kind, authority, serial, ends_at, card_key, standing, reason, since"


class Registry:
    """The registry in its file. Every call opens and closes it, so it may be used from any thread and process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self) -> None:
        """Makes the file and its table; nothing happens where they are."""
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)

    def add(self, *certificates: IssuedCertificate) -> None:
        """Enters a card's certificates, all or none.

        Raises:
            StepNotAllowed: the card or a serial number is there already.
        """
        rows = [_row(certificate) for certificate in certificates]
        with self._connection() as connection:
            try:
                connection.executemany(f"INSERT INTO certificate ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", rows)  # noqa: S608  # our own column names
            except sqlite3.IntegrityError:
                raise StepNotAllowed(machine=STANDINGS.name, event="issue") from None

    def by_digest(self, sha256: bytes) -> IssuedCertificate | None:
        """The certificate with this SHA-256 of its DER."""
        return next(iter(self._select("sha256 = ?", sha256)), None)

    def by_serial(self, authority: str, serial: int) -> IssuedCertificate | None:
        """The certificate that this CA generation issued under this number."""
        # SQLite's integers have 63 bits; a larger number was never issued and must not become an overflow error.
        if not 0 < serial < 1 << 63:
            return None
        return next(iter(self._select("authority = ? AND serial = ?", authority, serial)), None)

    def of_card(self, card_serial: str) -> Sequence[IssuedCertificate]:
        """The card's certificates; none for a card that was not issued."""
        return self._select("card_serial = ?", card_serial)

    def all(self) -> Sequence[IssuedCertificate]:
        """Everything that was issued, card by card."""
        return self._select("1 = 1")

    def withdrawn(self, authority: str) -> Sequence[IssuedCertificate]:
        """What belongs on this CA generation's CRL."""
        return self._select("authority = ? AND standing <> ?", authority, Standing.GOOD.value)

    def decide(  # the registry's one verb; all of it is one decision
        self,
        decision: Decision,
        card_serial: str,
        kind: PasswordKind | None,
        *,
        at: datetime,
        reason: Reason | None = None,
    ) -> None:
        """Moves the card's certificate of this kind, or both where `kind` is `None`, all or none.

        Raises:
            NotFound: no such card, or it has no such certificate.
            StepNotAllowed: a certificate's standing has no such move; revoked is final.
        """
        found = [item for item in self.of_card(card_serial) if kind in (None, item.kind)]
        if not found:
            raise NotFound
        with self._connection() as connection:
            for item in found:
                target = STANDINGS.next(item.standing, decision)
                changed = connection.execute(
                    "UPDATE certificate SET standing = ?, reason = ?, since = ? WHERE sha256 = ? AND standing = ?",
                    (target.value, reason.value if reason else None, at.isoformat(), item.sha256, item.standing.value),
                )
                if changed.rowcount != 1:
                    raise StepNotAllowed(machine=STANDINGS.name, event=decision.value)

    def _select(self, condition: str, *values: object) -> list[IssuedCertificate]:
        query = f"SELECT {_COLUMNS} FROM certificate WHERE {condition} ORDER BY card_serial, kind"  # noqa: S608  # conditions are literals of this class
        with self._connection() as connection:
            return [_certificate(row) for row in connection.execute(query, values)]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed unless it raises."""
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S)) as connection, connection:
                # FULL: a revocation that was reported as done survives a power cut.
                connection.execute("PRAGMA synchronous=FULL")
                yield connection
        except sqlite3.Error as exc:
            raise StorageUnavailable from exc


def _row(item: IssuedCertificate) -> tuple[object, ...]:
    return (
        item.sha256,
        item.card_serial,
        item.kind.value,
        item.authority,
        item.serial,
        item.ends_at.isoformat(),
        item.card_key,
        item.standing.value,
        item.reason.value if item.reason else None,
        item.since.isoformat() if item.since else None,
    )


def _certificate(row: tuple[bytes, str, str, str, int, str, bytes, str, str | None, str | None]) -> IssuedCertificate:
    sha256, card, kind, authority, serial, ends_at, card_key, standing, reason, since = row
    return IssuedCertificate(
        sha256=sha256,
        card_serial=card,
        kind=PasswordKind(kind),
        authority=authority,
        serial=serial,
        ends_at=datetime.fromisoformat(ends_at),
        card_key=card_key,
        standing=Standing(standing),
        reason=Reason(reason) if reason else None,
        since=datetime.fromisoformat(since) if since else None,
    )
