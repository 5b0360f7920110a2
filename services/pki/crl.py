"""Judges a CRL and keeps the newest good one of each CA generation on disk (RFC 5280, section 5).

On disk, because the process that fetches them (a job) is not the one that needs them; and verified at every use, because a file
is trusted no more than the network. No network here.
"""

from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.chain import UNREADABLE
from services.pki.ocsp import CLOCK_SLACK, Fault, RevocationFault
from services.pki.trust import Generation

LARGEST_CRL: Final = 64_000_000  # a CA with a million withdrawn certificates: about 40 bytes each


class CRLShelf:
    """The CRLs in a directory, one file a generation."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def look_up(self, certificate: x509.Certificate, generation: Generation, at: datetime) -> RevocationVerdict | None:
        """What the kept CRL says; `None` where none is kept that can be believed now."""
        try:
            crl = accepted(self._path(generation).read_bytes(), generation, at)
        except (OSError, RevocationFault):
            return None
        return verdict(certificate, crl)

    def keep(self, octets: bytes, generation: Generation, at: datetime) -> None:
        """Puts a CRL on the shelf, at once and whole, unless a newer one stands there.

        Raises:
            RevocationFault: it cannot be believed.
            OSError: the directory cannot be written.
        """
        crl = accepted(octets, generation, at)
        if self._number(generation) > _number(crl):
            raise RevocationFault(Fault.STALE)
        self._directory.mkdir(parents=True, exist_ok=True)
        # Two processes may refresh at once: each writes its own draft, and the last rename wins.
        with NamedTemporaryFile(dir=self._directory, suffix=".new", delete=False) as draft:
            draft.write(octets)
        Path(draft.name).replace(self._path(generation))

    def _number(self, generation: Generation) -> int:
        """The kept CRL's number, past its time or not; -1 for none."""
        try:
            return _number(_signed(self._path(generation).read_bytes(), generation))
        except (OSError, RevocationFault):
            return -1

    def _path(self, generation: Generation) -> Path:
        return self._directory / f"{generation.label}.crl"


def accepted(octets: bytes, generation: Generation, at: datetime) -> x509.CertificateRevocationList:
    """The CRL, when it is this generation's, whole and current.

    Raises:
        RevocationFault: it is not; in the order of the checks.
    """
    crl = _signed(octets, generation)
    if crl.last_update_utc > at + CLOCK_SLACK:
        raise RevocationFault(Fault.NOT_YET_VALID)
    if crl.next_update_utc is None or crl.next_update_utc < at:
        raise RevocationFault(Fault.STALE)
    return crl


def verdict(certificate: x509.Certificate, crl: x509.CertificateRevocationList) -> RevocationVerdict:
    """What the CRL says of the certificate. A CRL cannot say `unknown`: what is not on it is good."""
    status = RevocationStatus.GOOD
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is not None:
        status = RevocationStatus.HELD if _is_hold(entry) else RevocationStatus.REVOKED
    return RevocationVerdict(status, "crl", crl.last_update_utc)


def _signed(octets: bytes, generation: Generation) -> x509.CertificateRevocationList:
    if len(octets) > LARGEST_CRL:
        raise RevocationFault(Fault.TOO_LARGE)
    try:
        crl = x509.load_der_x509_crl(octets)
        extensions, algorithm, issuer = crl.extensions, crl.signature_hash_algorithm, crl.issuer
    except UNREADABLE:
        raise RevocationFault(Fault.MALFORMED) from None
    if issuer != generation.certificate.subject:
        raise RevocationFault(Fault.OTHER_ISSUER)
    # Delta, indirect and partitioned CRLs say so in a critical extension; none of them is the whole truth.
    if any(item.critical for item in extensions):
        raise RevocationFault(Fault.PARTIAL)
    key = generation.certificate.public_key()
    strong = isinstance(algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512)
    if not isinstance(key, RSAPublicKey) or not strong or not crl.is_signature_valid(key):
        raise RevocationFault(Fault.SIGNATURE)
    return crl


def _number(crl: x509.CertificateRevocationList) -> int:
    try:
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except x509.ExtensionNotFound:
        return 0


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (*UNREADABLE, x509.ExtensionNotFound):
        return False
    return reason is x509.ReasonFlags.certificate_hold
