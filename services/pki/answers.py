"""What the virtual issuer says about its certificates: signed OCSP responses and CRLs, from the registry alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from services.pki.certificates import CertificateAuthority, delegation
from services.pki.chain import UNREADABLE
from services.pki.issuer import VirtualIssuer
from services.pki.keys import MakeKey, new_key
from services.pki.registry import IssuedCertificate, Reason, Standing

OCSP_VALIDITY: Final = timedelta(minutes=15)  # the JPKI's OCSP data are renewed every 15 minutes
CRL_VALIDITY: Final = timedelta(days=1)  # and its CRLs every day (spec/domain-facts.md 2.4)
RENEW_BEFORE: Final = timedelta(days=1)
LARGEST_NONCE: Final = 128  # RFC 9654, section 2.1

_HASHES: Final = (hashes.SHA1(), hashes.SHA256())  # noqa: S303  # RFC 5019 clients name the CA by SHA-1; it signs nothing


@dataclass(frozen=True)
class _Voice:
    """A CA generation and whom it lets speak for it."""

    authority: CertificateAuthority
    delegate: x509.Certificate


class Answers:
    """Answers for all CA generations of one issuer. The responder's key lives as long as the process."""

    def __init__(self, issuer: VirtualIssuer, *, make_key: MakeKey = new_key) -> None:
        self._registry = issuer.registry
        self._authorities = {authority.name: authority for authority in issuer.authorities()}
        self._key = make_key()
        self._voices: dict[str, _Voice] = {}

    def respond(self, request: bytes, now: datetime) -> bytes:
        """The response to one DER request, DER. Whatever is wrong with the request is said in a response too."""
        try:
            question = ocsp.load_der_ocsp_request(request)
            voice, nonce = self._voice_of(question, now), _nonce(question)
            if question.serial_number <= 0:
                return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        except (*UNREADABLE, NotImplementedError):
            return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        if voice is None:
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        found = self._registry.by_serial(voice.authority.name, question.serial_number)
        return self._signed(question, voice, found, nonce, now)

    def crl(self, authority_name: str, now: datetime) -> bytes | None:
        """This generation's CRL, DER; `None` where there is no such generation."""
        authority = self._authorities.get(authority_name)
        if authority is None:
            return None
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(now)
            .next_update(now + CRL_VALIDITY)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        for item in self._registry.withdrawn(authority_name):
            builder = builder.add_revoked_certificate(_crl_entry(item, now))
        return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _voice_of(self, question: ocsp.OCSPRequest, now: datetime) -> _Voice | None:
        """The generation that the CertID names; only the key hash tells the generations apart."""
        for name, authority in self._authorities.items():
            if any(_names(question, authority.certificate, algorithm) for algorithm in _HASHES):
                return self._voice(name, authority, now)
        return None

    def _voice(self, name: str, authority: CertificateAuthority, now: datetime) -> _Voice:
        """A delegation that is still good for a while; threads may make one twice, and either is right."""
        voice = self._voices.get(name)
        if voice is None or not _lasts(voice.delegate, now):
            voice = self._voices[name] = _Voice(authority, delegation(authority, self._key.public_key(), now=now))
        return voice

    def _signed(  # the five things a response is made of
        self,
        question: ocsp.OCSPRequest,
        voice: _Voice,
        found: IssuedCertificate | None,
        nonce: x509.OCSPNonce | None,
        now: datetime,
    ) -> bytes:
        revoked = found is not None and found.standing is not Standing.GOOD
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=question.issuer_name_hash,
                issuer_key_hash=question.issuer_key_hash,
                serial_number=question.serial_number,
                algorithm=question.hash_algorithm,
                cert_status=_status(found),
                this_update=now,
                next_update=now + OCSP_VALIDITY,
                revocation_time=(found.since or now) if found and revoked else None,
                revocation_reason=_reason(found.reason) if found and revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, voice.delegate)
            .certificates([voice.delegate])
        )
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.DER)


def _names(question: ocsp.OCSPRequest, authority: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bool:
    if question.hash_algorithm.name != algorithm.name:
        return False
    own = ocsp.OCSPRequestBuilder().add_certificate(authority, authority, algorithm).build()
    return (own.issuer_name_hash, own.issuer_key_hash) == (question.issuer_name_hash, question.issuer_key_hash)


def _nonce(question: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        nonce = question.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None
    if not 1 <= len(nonce.nonce) <= LARGEST_NONCE:
        raise ValueError("RFC 9654 allows nonces of 1 to 128 octets")
    return nonce


def _lasts(delegate: x509.Certificate, now: datetime) -> bool:
    return delegate.not_valid_before_utc <= now <= delegate.not_valid_after_utc - RENEW_BEFORE


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


def _status(found: IssuedCertificate | None) -> ocsp.OCSPCertStatus:
    if found is None:
        return ocsp.OCSPCertStatus.UNKNOWN
    return ocsp.OCSPCertStatus.GOOD if found.standing is Standing.GOOD else ocsp.OCSPCertStatus.REVOKED


def _reason(reason: Reason | None) -> x509.ReasonFlags | None:
    return x509.ReasonFlags(reason.value) if reason else None


def _crl_entry(item: IssuedCertificate, now: datetime) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(item.serial).revocation_date(item.since or now)
    reason = _reason(item.reason)
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()
