"""Asks whether a certificate is revoked: implements `ports.RevocationChecker`.

    OCSP, believed ──── yes ─▶ good │ revoked │ held │ unknown
          │ no
    kept CRL, believed ─ yes ─▶ good │ revoked │ held
          │ no
    CRL fetched now ─── yes ─▶ good │ revoked │ held
          │ no
    unavailable

`unavailable` is an answer of its own and never passes. A responder that says "unknown" is believed, not asked around.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from services.domain.errors import CertificateUntrusted, ProofMalformed
from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki import crl, ocsp
from services.pki.chain import issuing_generation, parse
from services.pki.crl import CRLShelf
from services.pki.fetch import TIMEOUT_S, Fetcher
from services.pki.ocsp import Fault, OCSPQuestion, RevocationFault
from services.pki.trust import Generation, TrustStore
from services.ports import Clock

SILENCE: Final = timedelta(seconds=30)
NOT_BELIEVED: Final = "revocation.not_believed"
NOT_KEPT: Final = "revocation.crl_not_kept"
CRL_REFRESHED: Final = "revocation.crl_refreshed"

_log = structlog.get_logger(__name__)


class HTTPRevocationChecker:
    """OCSP and CRLs from the addresses in the trust store; CRLs are kept in `crl_directory` for all processes."""

    def __init__(self, trust: TrustStore, clock: Clock, crl_directory: Path, *, timeout_s: float = TIMEOUT_S) -> None:
        self._trust = trust
        self._clock = clock
        self._shelf = CRLShelf(crl_directory)
        self._fetcher = Fetcher(timeout_s)
        self._silent_until: dict[str, datetime] = {}

    def check(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        """See `ports.RevocationChecker`. A certificate that no pinned generation issued is `unknown`: there is nobody to ask."""
        found = self._issued_by(certificate)
        if found is None:
            return RevocationVerdict(RevocationStatus.UNKNOWN, "none", None)
        parsed, generation = found
        return (
            self._ask(parsed, generation, at)
            or self._shelf.look_up(parsed, generation, at)
            or self._refreshed(parsed, generation, at)
            or RevocationVerdict(RevocationStatus.UNAVAILABLE, "none", None)
        )

    def refresh_crls(self) -> None:
        """Fetches every generation's CRL; a job calls this. What was wrong with one is logged, and the kept one stays."""
        now = self._clock.now()
        for generation in self._trust.generations:
            self._refresh(generation, now)

    def _issued_by(self, certificate: bytes) -> tuple[x509.Certificate, Generation] | None:
        try:
            parsed = parse(certificate)
        except ProofMalformed:
            return None
        for kind in PasswordKind:
            try:
                return parsed, issuing_generation(parsed, kind, self._trust)
            except CertificateUntrusted:
                continue
        return None

    def _ask(self, certificate: x509.Certificate, generation: Generation, at: datetime) -> RevocationVerdict | None:
        # A responder that hangs costs its time-out once, not once a certificate: meanwhile a fresh CRL answers.
        if self._silent_until.get(generation.ocsp_url, at) > at:
            return None
        question = OCSPQuestion(certificate, generation.certificate)
        try:
            response = self._fetcher.post(
                generation.ocsp_url, question.octets, "application/ocsp-request", limit=ocsp.LARGEST_RESPONSE
            )
            return question.answer(response, at)
        except RevocationFault as exc:
            _log.warning(NOT_BELIEVED, source="ocsp", authority=generation.label, fault=exc.fault.value)
            if exc.fault is Fault.UNREACHABLE:
                self._silent_until[generation.ocsp_url] = at + SILENCE
            return None

    def _refreshed(
        self, certificate: x509.Certificate, generation: Generation, at: datetime
    ) -> RevocationVerdict | None:
        self._refresh(generation, at)
        return self._shelf.look_up(certificate, generation, at)

    def _refresh(self, generation: Generation, at: datetime) -> None:
        try:
            self._shelf.keep(self._fetcher.get(generation.crl_url, limit=crl.LARGEST_CRL), generation, at)
        except RevocationFault as exc:
            _log.warning(NOT_BELIEVED, source="crl", authority=generation.label, fault=exc.fault.value)
        except OSError as exc:
            _log.error(
                NOT_KEPT, authority=generation.label, error=type(exc).__name__
            )  # a path in a traceback is nobody's business
        else:
            _log.info(CRL_REFRESHED, authority=generation.label)
