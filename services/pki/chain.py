"""Is this certificate what it must be? One small validator a check, each with its own answer.

A JPKI chain has two links: a pinned root generation and the holder's certificate. There is no path to build, so none of the
machinery for it is here: the profile (spec/card.md 1.6) is checked literally, and what it does not foresee is refused.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID

from services.domain.errors import CertificateExpired, CertificateUntrusted, ProofMalformed
from services.domain.password import PasswordKind
from services.pki.profile import key_usage
from services.pki.trust import Generation, TrustStore

LARGEST_CERTIFICATE: Final = 8192  # bytes; real ones have 1.1 to 1.6 kB, and long addresses make them longer
KEY_BITS: Final = 2048
EXPONENT: Final = 65537

# AlgorithmIdentifier sha256WithRSAEncryption with NULL parameters (RFC 8017, appendix A.2.4), then BIT STRING, 2,048 whole bits.
_SIGNED_WITH: Final = bytes.fromhex("300d06092a864886f70d01010b0500") + bytes.fromhex("0382010100")
_SIGNATURE_BYTES: Final = 256
_KNOWN_CRITICAL: Final = {ExtensionOID.KEY_USAGE, ExtensionOID.CERTIFICATE_POLICIES, ExtensionOID.BASIC_CONSTRAINTS}

# What the library may raise while it reads octets, found by changing every octet of a certificate in every way. Of some faults it
# only warns: where warnings are errors, as in our tests, they are refused here, and otherwise by the signature.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    Warning,
)

Validator: TypeAlias = Callable[[x509.Certificate, Generation, datetime], None]


def validated(der: bytes, kind: PasswordKind, trust: TrustStore, at: datetime) -> x509.Certificate:
    """The certificate, when it may stand for this password at this time; revocation is another question.

    Raises:
        ProofMalformed, CertificateUntrusted, CertificateExpired: in the order of the checks.
    """
    certificate = parse(der)
    generation = issuing_generation(certificate, kind, trust)
    for validator in VALIDATORS:
        validator(certificate, generation, at)
    return certificate


def parse(der: bytes) -> x509.Certificate:
    """Reads exactly one DER certificate.

    Raises:
        ProofMalformed: too large, not DER, or a part of it cannot be read.
    """
    if len(der) > LARGEST_CERTIFICATE:
        raise ProofMalformed(where="certificate-size")
    try:
        certificate = x509.load_der_x509_certificate(der)
        _touch(certificate)
    except UNREADABLE:
        # The parser's own words may quote the certificate, which carries name and address: they stop here.
        raise ProofMalformed(where="certificate") from None
    _check_frame(der, certificate)
    return certificate


def issuing_generation(certificate: x509.Certificate, kind: PasswordKind, trust: TrustStore) -> Generation:
    """The pinned generation whose key signed the certificate. All generations share one name, so the signature decides.

    Raises:
        CertificateUntrusted: none did.
    """
    for generation in trust.of_kind(kind):
        if issued_by(certificate, generation.certificate):
            return generation
    raise CertificateUntrusted(reason="issuer")


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether this authority's key signed the certificate under its name."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def check_key(certificate: x509.Certificate, _: Generation, __: datetime) -> None:
    """RSA-2048 with exponent 65537, like every JPKI card.

    Raises:
        CertificateUntrusted: another key.
    """
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size != KEY_BITS or key.public_numbers().e != EXPONENT:
        raise CertificateUntrusted(reason="key")


def check_usage(certificate: x509.Certificate, generation: Generation, _: datetime) -> None:
    """Exactly the profile's key usage, critical: so also never certificate signing.

    Raises:
        CertificateUntrusted: another usage, or none said.
    """
    found = _extension(certificate, ExtensionOID.KEY_USAGE)
    if found is None or not found.critical or found.value != key_usage(generation.kind):
        raise CertificateUntrusted(reason="key-usage")


def check_not_authority(certificate: x509.Certificate, _: Generation, __: datetime) -> None:
    """A holder is no CA.

    Raises:
        CertificateUntrusted: basicConstraints says CA.
    """
    found = _extension(certificate, ExtensionOID.BASIC_CONSTRAINTS)
    if found is not None and isinstance(found.value, x509.BasicConstraints) and found.value.ca:
        raise CertificateUntrusted(reason="basic-constraints")


def check_policy(certificate: x509.Certificate, generation: Generation, _: datetime) -> None:
    """Exactly the generation's policy, critical.

    Raises:
        CertificateUntrusted: another policy, or none.
    """
    found = _extension(certificate, ExtensionOID.CERTIFICATE_POLICIES)
    if found is None or not found.critical or not isinstance(found.value, x509.CertificatePolicies):
        raise CertificateUntrusted(reason="policy")
    if [policy.policy_identifier for policy in found.value] != [generation.policy]:
        raise CertificateUntrusted(reason="policy")


def check_critical_extensions(certificate: x509.Certificate, _: Generation, __: datetime) -> None:
    """A critical extension that we do not check must not be passed over (RFC 5280, section 4.2).

    Raises:
        CertificateUntrusted: there is one.
    """
    if any(item.critical and item.oid not in _KNOWN_CRITICAL for item in certificate.extensions):
        raise CertificateUntrusted(reason="critical-extension")


def check_authority_validity(_: x509.Certificate, generation: Generation, at: datetime) -> None:
    """The generation itself is within its time.

    Raises:
        CertificateUntrusted: it is not.
    """
    if not generation.certificate.not_valid_before_utc <= at <= generation.certificate.not_valid_after_utc:
        raise CertificateUntrusted(reason="issuer-validity")


def check_validity(certificate: x509.Certificate, _: Generation, at: datetime) -> None:
    """The certificate is within its time.

    Raises:
        CertificateExpired: not yet, or not any more.
    """
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise CertificateExpired


VALIDATORS: Final[tuple[Validator, ...]] = (
    check_key,
    check_usage,
    check_not_authority,
    check_policy,
    check_critical_extensions,
    check_authority_validity,
    check_validity,
)


def _touch(certificate: x509.Certificate) -> None:
    """The library parses these on first use: here, so that nothing fails later."""
    _ = certificate.extensions, certificate.subject, certificate.issuer, certificate.signature_hash_algorithm
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc, certificate.serial_number
    certificate.public_key()


def _check_frame(der: bytes, certificate: x509.Certificate) -> None:
    """What stands around the signed part must have its one form too.

    A BIT STRING may say that its last bits are unused where they are zero, and the parser accepts that: half of all certificates
    would have a second form with the same valid signature. The card is named by a hash of these bytes, so a second form
    would be a second card, with its own tries and its own reservation.
    """
    rest = certificate.tbs_certificate_bytes + _SIGNED_WITH + certificate.signature
    expected = b"\x30\x82" + len(rest).to_bytes(2, "big") + rest
    if (
        len(certificate.signature) != _SIGNATURE_BYTES
        or der != expected
        or certificate.public_bytes(Encoding.DER) != der
    ):
        raise ProofMalformed(where="certificate-frame")


def _extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> x509.Extension[x509.ExtensionType] | None:
    try:
        return certificate.extensions.get_extension_for_oid(oid)
    except x509.ExtensionNotFound:
        return None
