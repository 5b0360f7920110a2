"""Makes X.509 certificates: CA generations, the holder's two, and the OCSP responder's delegation."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.domain.password import PasswordKind
from services.pki import profile

DELEGATION_LIFE = timedelta(days=7)  # short, because id-pkix-ocsp-nocheck says that nobody asks whether it is revoked
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class CertificateAuthority:
    """One generation of one of the two CAs."""

    kind: PasswordKind
    generation: int
    certificate: x509.Certificate
    key: RSAPrivateKey

    @property
    def name(self) -> str:
        """`signature-2`: the name of its files and in the registry."""
        return authority_label(self.kind, self.generation)

    def __repr__(self) -> str:
        return f"<CertificateAuthority {self.name}>"


def authority_label(kind: PasswordKind, generation: int) -> str:
    """`signature-2`."""
    return f"{kind.value}-{generation}"


def root_certificate(
    kind: PasswordKind, key: RSAPrivateKey, *, serial: int, begins: datetime, ends: datetime
) -> x509.Certificate:
    """A self-signed CA certificate: no intermediate stands between it and a holder's."""
    name = profile.authority_name(kind)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .public_key(key.public_key())
        .add_extension(_authority_usage(), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(profile.alternative_authority_name(), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def holder_certificate(
    authority: CertificateAuthority, holder: profile.Holder, key: RSAPublicKey, *, begins: datetime, ends: datetime
) -> x509.Certificate:
    """One of the holder's two certificates, as the authority's kind says."""
    kind = authority.kind
    builder = (
        x509.CertificateBuilder()
        .subject_name(profile.subject_name(kind, holder, secrets.token_hex(7).upper()))
        .issuer_name(authority.certificate.subject)
        .serial_number(new_serial())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .public_key(key)
        .add_extension(profile.key_usage(kind), critical=True)
        .add_extension(profile.policies(kind), critical=True)
        .add_extension(profile.alternative_authority_name(), critical=False)
        .add_extension(_authority_key_identifier(authority), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    if kind is PasswordKind.SIGNATURE:
        builder = builder.add_extension(profile.holder_attributes(holder), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def delegation(authority: CertificateAuthority, key: RSAPublicKey, *, now: datetime) -> x509.Certificate:
    """The certificate by which the authority lets `key` sign OCSP responses (RFC 6960, section 4.2.2.2)."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, profile.ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, f"OCSP responder {authority.name}"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.certificate.subject)
        .serial_number(new_serial())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + DELEGATION_LIFE)
        .public_key(key)
        .add_extension(profile.key_usage(PasswordKind.USER_AUTHENTICATION), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(_authority_key_identifier(authority), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def new_serial() -> int:
    """63 random bits: CA/Browser Forum rules ask for 64, the registry's integers have 63."""
    return secrets.randbits(63) | 1


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_identifier(authority: CertificateAuthority) -> x509.AuthorityKeyIdentifier:
    own = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)
