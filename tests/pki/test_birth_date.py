"""The birth date in a signature certificate."""

from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.pki.birth import birth_in

OID = "1.2.392.200149.8.5.5.4"
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(value: bytes | None, oid: str = OID) -> bytes:
    name = x509.Name([])
    builder = (
        x509.CertificateBuilder(name, name, KEY.public_key(), 1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    )
    if value is not None:
        other = x509.OtherName(x509.ObjectIdentifier(oid), value)
        builder = builder.add_extension(x509.SubjectAlternativeName([other]), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def test_the_birth_date_is_read():
    assert date(1980, 2, 17) == birth_in(certificate(b"\x0c\x09319800217"))


@pytest.mark.parametrize(
    "value", [b"\x0c\x09319801317", b"\x0c\x09317000101", b"\x0c\x01x", b"\x0c\x00", b"\x0c\x09" + b"\xff" * 9]
)
def test_a_strange_one_is_none(value):
    assert None is birth_in(certificate(value))


@pytest.mark.parametrize(
    "octets", [b"", b"no certificate", certificate(None), certificate(b"\x0c\x09319800217", "1.2.3")]
)
def test_a_certificate_without_one_has_none(octets):
    assert None is birth_in(octets)
