"""Makes an OCSP request and judges the response (RFC 6960, nonce RFC 9654). No network here.

What is wrong with a response is a `Fault`; all of them mean the same to a resident ("could not be checked") and different things to
an operator, so each has its name in the log.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.chain import UNREADABLE, issued_by

NONCE_BYTES: Final = 32  # RFC 9654, section 2.1: at least 32 are recommended
LARGEST_RESPONSE: Final = 16_384
CLOCK_SLACK: Final = timedelta(seconds=60)
LONGEST_VALIDITY: Final = timedelta(
    days=1
)  # the JPKI refreshes every 15 minutes; an older answer is nobody's current word


class Fault(StrEnum):
    """Why revocation information was not accepted."""

    UNREACHABLE = "unreachable"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"
    NOT_SUCCESSFUL = "not-successful"
    OTHER_CERTIFICATE = "other-certificate"
    RESPONDER_UNTRUSTED = "responder-untrusted"
    SIGNATURE = "signature"
    NONCE = "nonce"
    NOT_YET_VALID = "not-yet-valid"
    STALE = "stale"
    OTHER_ISSUER = "other-issuer"
    PARTIAL = "partial"


class RevocationFault(Exception):
    """Revocation information that must not be believed. It does not leave `services.pki`: the port answers `unavailable`."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


class OCSPQuestion:
    """One question about one certificate, with a nonce that only its answer can carry."""

    def __init__(self, certificate: x509.Certificate, authority: x509.Certificate) -> None:
        self._authority = authority
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._request = (
            ocsp.OCSPRequestBuilder()
            .add_certificate(certificate, authority, hashes.SHA256())
            .add_extension(x509.OCSPNonce(self._nonce), critical=False)
            .build()
        )

    @property
    def octets(self) -> bytes:
        """The request, DER."""
        return self._request.public_bytes(Encoding.DER)

    def answer(self, octets: bytes, at: datetime) -> RevocationVerdict:
        """What the response says, when it can be believed.

        Raises:
            RevocationFault: it cannot; in the order of the checks.
        """
        response = _parse(octets)
        single = self._single(response)
        _check_signature(response, _signer(response, self._authority, at))
        self._check_nonce(response)
        _check_time(single.this_update_utc, single.next_update_utc, at)
        return RevocationVerdict(_status(single), "ocsp", response.produced_at_utc)

    def _single(self, response: ocsp.OCSPResponse) -> ocsp.OCSPSingleResponse:
        """The one answer, which must be about the certificate that was asked for (the whole CertID)."""
        singles = list(response.responses)
        if len(singles) != 1:
            raise RevocationFault(Fault.OTHER_CERTIFICATE)
        asked, single = self._request, singles[0]
        same = (
            isinstance(single.hash_algorithm, type(asked.hash_algorithm))
            and single.issuer_name_hash == asked.issuer_name_hash
            and single.issuer_key_hash == asked.issuer_key_hash
            and single.serial_number == asked.serial_number
        )
        if not same:
            raise RevocationFault(Fault.OTHER_CERTIFICATE)
        return single

    def _check_nonce(self, response: ocsp.OCSPResponse) -> None:
        try:
            found = response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        except x509.ExtensionNotFound:
            raise RevocationFault(Fault.NONCE) from None
        if found != self._nonce:
            raise RevocationFault(Fault.NONCE)


def _parse(octets: bytes) -> ocsp.OCSPResponse:
    if len(octets) > LARGEST_RESPONSE:
        raise RevocationFault(Fault.TOO_LARGE)
    try:
        response = ocsp.load_der_ocsp_response(octets)
        successful = response.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        if successful:
            # The library parses these on first use: here, so that nothing fails later.
            _ = response.extensions, response.certificates, response.signature_hash_algorithm
            _ = response.responder_name, response.responder_key_hash
            for single in response.responses:
                _ = single.hash_algorithm, single.certificate_status, single.revocation_reason
    except UNREADABLE:
        raise RevocationFault(Fault.MALFORMED) from None
    if not successful:
        raise RevocationFault(Fault.NOT_SUCCESSFUL)
    return response


def _signer(response: ocsp.OCSPResponse, authority: x509.Certificate, at: datetime) -> x509.Certificate:
    """The CA itself, or whom it named (RFC 6960, section 4.2.2.2)."""
    candidates = [authority, *(item for item in response.certificates if _delegated(item, authority, at))]
    for candidate in candidates:
        if _is_responder(response, candidate):
            return candidate
    raise RevocationFault(Fault.RESPONDER_UNTRUSTED)


def _delegated(certificate: x509.Certificate, authority: x509.Certificate, at: datetime) -> bool:
    """Issued by the same CA generation for OCSP signing, in its time, and not itself in need of a revocation check."""
    if not issued_by(certificate, authority):
        return False
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    try:
        extensions = certificate.extensions
        extensions.get_extension_for_class(x509.OCSPNoCheck)
        usage = list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except (*UNREADABLE, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _is_responder(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    return response.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest


def _check_signature(response: ocsp.OCSPResponse, signer: x509.Certificate) -> None:
    key, algorithm = signer.public_key(), response.signature_hash_algorithm
    if not isinstance(key, RSAPublicKey) or not isinstance(algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
        raise RevocationFault(Fault.SIGNATURE)
    try:
        key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        raise RevocationFault(Fault.SIGNATURE) from None


def _check_time(this_update: datetime, next_update: datetime | None, at: datetime) -> None:
    if this_update > at + CLOCK_SLACK:
        raise RevocationFault(Fault.NOT_YET_VALID)
    if next_update is None or next_update < at or at - this_update > LONGEST_VALIDITY:
        raise RevocationFault(Fault.STALE)


def _status(single: ocsp.OCSPSingleResponse) -> RevocationStatus:
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return RevocationStatus.GOOD
    if single.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        return RevocationStatus.UNKNOWN
    if single.revocation_reason is x509.ReasonFlags.certificate_hold:
        return RevocationStatus.HELD
    return RevocationStatus.REVOKED
