"""The stage's database, opened beside its programs: makes a reservation without a phone, and reads what became of it."""

import secrets
from dataclasses import dataclass

from services.card.virtual.contents import CardContents
from services.clock import SystemClock
from services.domain.audit import AuditEntry
from services.domain.password import PasswordKind
from services.domain.reservation import RESERVATION, Reservation, deadline
from services.pki.card_proof import CardProofVerifier
from services.pki.revocation import HTTPRevocationChecker
from services.pki.trust import TrustStore
from services.rehearsal.stage import Stage
from services.storage.database import Database, open_database
from services.storage.ledger import SQLLedger


@dataclass(frozen=True)
class Story:
    """All that the server knows of one reservation, at one moment."""

    reservation: Reservation
    entries: tuple[AuditEntry, ...]
    links: tuple[tuple[bytes, bytes], ...]  # of the whole log


class Book:
    """Open until `close`."""

    def __init__(self, stage: Stage) -> None:
        clock, trust = SystemClock(), TrustStore.load(stage.issuer_directory / "trust")
        revocation = HTTPRevocationChecker(trust, clock, stage.directory / "crl")
        self._clock = clock
        self._proofs = CardProofVerifier(
            trust, revocation, bytes.fromhex(stage.environment["PINRESET_FINGERPRINT_KEY"])
        )
        self._database: Database = open_database(stage.database_url)
        self._ledger = SQLLedger(self._database)

    def reserve(self, card: CardContents, kind: PasswordKind) -> Reservation:
        """Makes a reservation for the card, as the phone's half would have."""
        identity, signature = card.jpki.user_authentication, card.jpki.signature
        assert identity is not None
        assert signature is not None
        other = identity if kind is PasswordKind.SIGNATURE else signature
        now = self._clock.now()
        made = Reservation(
            id=secrets.token_hex(16),
            kind=kind,
            card_fingerprint=self._proofs.fingerprint(identity.certificate),
            other_key_fingerprint=self._proofs.key_fingerprint(other.certificate),
            state=RESERVATION.initial,
            reserved_at=now,
            expires_at=deadline(now),
            rehearsal=True,
        )
        with self._ledger.begin() as unit:
            unit.add_reservation(made, actor="rehearsal")
        return made

    def story(self, reservation: Reservation) -> Story:
        """What became of it."""
        with self._ledger.begin() as unit:
            return Story(
                unit.reservation(reservation.id), tuple(unit.audit_of(reservation.id)), tuple(unit.audit_links())
            )

    def close(self) -> None:
        """Closes the connections."""
        self._database.close()
