"""What a card brought, verified: implements `ports.CardProofs`.

    verify       signer's certificate → identity certificate → revocation of both → signature over the statement
    verify_face  CV certificate → issuer's signature over the record → the card's own signature over our challenge

Each step raises its own error, and a later one is not reached before the earlier has passed. The nonce was consumed before.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.card.cv_certificate import CVCertificate
from services.card.face_record import FaceRecord
from services.domain.errors import (
    CardCloned,
    CardFaceForged,
    CardSignatureInvalid,
    CertificateHeld,
    CertificateRevoked,
    CertificateUnknown,
    ProofMalformed,
    ResetError,
    RevocationUnavailable,
)
from services.domain.password import PasswordKind
from services.domain.policy import CHIP_PHOTO_BYTES
from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.chain import issuing_generation, parse, validated
from services.pki.statement import statement_digest
from services.pki.trust import TrustStore
from services.ports import CardFaceProof, CardProof, ProvenCard, ProvenFace, RevocationChecker, Statement

SIGNATURE_BYTES: Final = 256
SHORTEST_FINGERPRINT_KEY: Final = 32

# A card and a key are named under one secret; the labels keep the one's name from ever being the other's.
_CARD_LABEL: Final = b"mnc-card:1\x00"
_KEY_LABEL: Final = b"mnc-key:1\x00"

_REVOCATION_ERRORS: Final[dict[RevocationStatus, type[ResetError]]] = {
    RevocationStatus.REVOKED: CertificateRevoked,
    RevocationStatus.HELD: CertificateHeld,
    RevocationStatus.UNKNOWN: CertificateUnknown,
    RevocationStatus.UNAVAILABLE: RevocationUnavailable,
}


class CardProofVerifier:
    """Verifies against a trust store, asks a revocation checker, and names cards under a secret key."""

    def __init__(self, trust: TrustStore, revocation: RevocationChecker, fingerprint_key: bytes) -> None:
        if len(fingerprint_key) < SHORTEST_FINGERPRINT_KEY:
            raise ValueError("a fingerprint key has at least 32 bytes")
        self._trust = trust
        self._revocation = revocation
        self._fingerprint_key = fingerprint_key

    def verify(self, proof: CardProof, kind: PasswordKind, statement: Statement, at: datetime) -> ProvenCard:
        """See `ports.CardProofs`."""
        signer = validated(proof.certificate, kind, self._trust, at)
        self._check_identity(proof, kind, at)
        verdict = self._check_revocation(proof, at)
        _check_signature(signer, proof.signature, statement)
        return ProvenCard(
            fingerprint=self.fingerprint(proof.identity_certificate),
            key_fingerprint=self._key_fingerprint(signer),
            revocation=f"{verdict.source} {verdict.status.value}",
            generations=self._generations(signer, kind, proof),
        )

    def verify_face(self, face: CardFaceProof, statement: Statement) -> ProvenFace:
        """See `ports.CardProofs`."""
        certificate = CVCertificate.parse(face.cv_certificate)
        record = FaceRecord.parse(face.record)
        if len(record.face.photo_jp2) > CHIP_PHOTO_BYTES:
            raise ProofMalformed(where="photo-size")
        self._check_face_signer(certificate)
        _check_record(certificate, record)
        _check_own_key(record, face.challenge_signature, statement)
        return ProvenFace(record.face.photo_jp2, sha256(record.face.card_key.octets).digest())

    def fingerprint(self, identity_certificate: bytes) -> str:
        """See `ports.CardProofs`."""
        return self._keyed(_CARD_LABEL, identity_certificate)

    def key_fingerprint(self, certificate: bytes) -> str:
        """See `ports.CardProofs`."""
        return self._key_fingerprint(parse(certificate))

    def _key_fingerprint(self, certificate: x509.Certificate) -> str:
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self._keyed(_KEY_LABEL, key)

    def _generations(self, signer: x509.Certificate, kind: PasswordKind, proof: CardProof) -> tuple[str, ...]:
        labels = {issuing_generation(signer, kind, self._trust).label}
        if proof.identity_certificate != proof.certificate:
            identity = parse(proof.identity_certificate)
            labels.add(issuing_generation(identity, PasswordKind.USER_AUTHENTICATION, self._trust).label)
        return tuple(sorted(labels))

    def _check_identity(self, proof: CardProof, kind: PasswordKind, at: datetime) -> None:
        if kind is PasswordKind.USER_AUTHENTICATION:
            if proof.certificate != proof.identity_certificate:
                raise ProofMalformed(where="identity-certificate")
            return
        validated(proof.identity_certificate, PasswordKind.USER_AUTHENTICATION, self._trust, at)

    def _check_revocation(self, proof: CardProof, at: datetime) -> RevocationVerdict:
        """Both certificates must be good; the signer's verdict is the one for the audit."""
        verdict = self._checked(proof.certificate, at)
        if proof.identity_certificate != proof.certificate:
            self._checked(proof.identity_certificate, at)
        return verdict

    def _checked(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        verdict = self._revocation.check(certificate, at)
        if verdict.status is not RevocationStatus.GOOD:
            raise _REVOCATION_ERRORS[verdict.status]
        return verdict

    def _check_face_signer(self, certificate: CVCertificate) -> None:
        authority = self._trust.face_keys.get(certificate.issuer_key_id)
        if authority is None or not _holds(
            authority.public_key(), certificate.signature, certificate.signed_bytes, SHA256()
        ):
            raise CardFaceForged(reason="cv-certificate")

    def _keyed(self, label: bytes, octets: bytes) -> str:
        return hmac.digest(self._fingerprint_key, label + octets, "sha256").hex()


def _check_signature(signer: x509.Certificate, signature: bytes, statement: Statement) -> None:
    key = signer.public_key()
    if not isinstance(key, RSAPublicKey) or not _holds(
        key, signature, statement_digest(statement), Prehashed(SHA256())
    ):
        raise CardSignatureInvalid


def _check_record(certificate: CVCertificate, record: FaceRecord) -> None:
    """The issuer's signature over the three hashes, whose DigestInfo no library makes: recovered and compared whole."""
    try:
        signed = certificate.key.public_key().recover_data_from_signature(
            record.issuer_signature, padding.PKCS1v15(), None
        )
    except InvalidSignature:
        raise CardFaceForged(reason="record") from None
    if signed != record.face.signed_digest_info:
        raise CardFaceForged(reason="record")


def _check_own_key(record: FaceRecord, signature: bytes, statement: Statement) -> None:
    """A copied record names a key that only the genuine card has."""
    if not _holds(record.face.card_key.public_key(), signature, statement_digest(statement), Prehashed(SHA256())):
        raise CardCloned


def _holds(key: RSAPublicKey, signature: bytes, data: bytes, algorithm: HashAlgorithm | Prehashed) -> bool:
    """Whether the PKCS#1 v1.5 signature holds. Every caller raises its own error where it does not."""
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        key.verify(signature, data, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True
