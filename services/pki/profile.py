"""The profile of the two user certificates: names, policies, key usage, and the holder's attributes.

As the JPKI's certificates have it (spec/card.md 1.6), with three differences that keep ours apart: the organisation is JPKI-SIM,
the policies are those of the *test* hierarchy, and every address in a certificate ends in `.invalid` (RFC 6761).

All generations of a CA share one name, as the JPKI's do: only the signature tells which generation issued a certificate.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from services.domain.card import Era
from services.domain.password import PasswordKind

ORGANISATION: Final = "JPKI-SIM"
PRACTICE_STATEMENT: Final = "http://jpki-sim.invalid/cps.html"
VALID_FOR_BIRTHDAYS: Final = 5
_JAPAN: Final = timezone(timedelta(hours=9))
_ATTRIBUTES: Final = "1.2.392.200149.8.5.5"
_UNIT: Final = {
    PasswordKind.SIGNATURE: "JPKI-SIM for digital signature",
    PasswordKind.USER_AUTHENTICATION: "JPKI-SIM for user authentication",
}

POLICY: Final = {
    PasswordKind.SIGNATURE: "1.2.392.200149.8.5.1.0.20",
    # A guess: production has …1.3.30 here and …1.1.20 / …1.0.20 (production / test) for signatures.
    PasswordKind.USER_AUTHENTICATION: "1.2.392.200149.8.5.1.2.30",
}

_ERA_DIGIT: Final = {Era.MEIJI: "1", Era.TAISHO: "2", Era.SHOWA: "3", Era.HEISEI: "4", Era.REIWA: "5"}
_ERA_UNKNOWN: Final = "0"


def key_usage(kind: PasswordKind) -> x509.KeyUsage:
    """Signing for both; non-repudiation (`content_commitment`) for the signature certificate only."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=kind is PasswordKind.SIGNATURE,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(frozen=True)
class Holder:
    """Whose certificates are issued: 基本4情報 and the municipality. All of it is personal data, so it is never printed.

    A substitute flag is `0` or `1` for each character of the text: 1 where another character stands for one that
    the character set lacks.
    """

    name: str
    birth: date
    sex: str  # '1' male, '2' female, '3' other
    address: str
    municipality: str  # 全国地方公共団体コード without its check digit, 5 digits
    locality: str  # the municipality in romaji, for the subject of the signature certificate
    western_birth_year: bool = False

    def __repr__(self) -> str:
        return "<Holder>"


def authority_name(kind: PasswordKind) -> x509.Name:
    """The CA's name, the same for every generation."""
    return _name(
        (NameOID.COUNTRY_NAME, "JP"),
        (NameOID.ORGANIZATION_NAME, ORGANISATION),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _UNIT[kind]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "Rehearsal only, not a government CA"),
    )


def alternative_authority_name() -> x509.IssuerAlternativeName:
    """The issuer in Japanese, as the JPKI's certificates carry it."""
    name = _name((NameOID.COUNTRY_NAME, "JP"), (NameOID.ORGANIZATION_NAME, "公的個人認証サービス模擬(練習用)"))
    return x509.IssuerAlternativeName([x509.DirectoryName(name)])


def subject_name(kind: PasswordKind, holder: Holder, code: str) -> x509.Name:
    """C, (L for signatures), CN: 14 characters of `code`, the municipality, and four that tell the kind.

    `997794E9AGCIEG13221003A` was seen on a user-authentication certificate; the ending of the other kind is a guess.
    """
    ending = "003A" if kind is PasswordKind.USER_AUTHENTICATION else "003S"
    common = (NameOID.COMMON_NAME, f"{code}{holder.municipality}{ending}")
    country = (NameOID.COUNTRY_NAME, "JP")
    if kind is PasswordKind.USER_AUTHENTICATION:
        return _name(country, common)
    return _name(country, (NameOID.LOCALITY_NAME, holder.locality), common)


def holder_attributes(holder: Holder) -> x509.SubjectAlternativeName:
    """基本4情報 as otherName, UTF8String, in the card's order 1, 4, 3, 5, 2, 6 (flags 2 and 6 say: no substitutes)."""
    era = _ERA_UNKNOWN if holder.western_birth_year else _ERA_DIGIT[Era.of(holder.birth)]
    values = (
        (1, holder.name),
        (4, f"{era}{holder.birth:%Y%m%d}"),
        (3, holder.sex),
        (5, holder.address),
        (2, "0" * len(holder.name)),
        (6, "0" * len(holder.address)),
    )
    return x509.SubjectAlternativeName(
        [x509.OtherName(x509.ObjectIdentifier(f"{_ATTRIBUTES}.{n}"), _utf8_string(text)) for n, text in values]
    )


def policies(kind: PasswordKind) -> x509.CertificatePolicies:
    """The one policy of the kind, test hierarchy."""
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(POLICY[kind]), [PRACTICE_STATEMENT])])


def last_second(issued: datetime, birth: date, card_expiry: date) -> datetime:
    """The end of the fifth birthday after the day of issue, or of the card's own last day if that is earlier, Japan time.

    28 February stands for 29 February, as on the card's front.
    """
    today = issued.astimezone(_JAPAN).date()
    month, day = (2, 28) if (birth.month, birth.day) == (2, 29) else (birth.month, birth.day)
    first = today.year if date(today.year, month, day) > today else today.year + 1
    last_day = min(date(first + VALID_FOR_BIRTHDAYS - 1, month, day), card_expiry)
    return datetime.combine(last_day, time(23, 59, 59), _JAPAN).astimezone(UTC)


def _name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _utf8_string(text: str) -> bytes:
    """DER UTF8String (X.690, 8.1.3: long lengths are prefixed by how many octets they have)."""
    octets = text.encode()
    if len(octets) < 0x80:
        return b"\x0c" + bytes([len(octets)]) + octets
    length = len(octets).to_bytes((len(octets).bit_length() + 7) // 8, "big")
    return b"\x0c" + bytes([0x80 | len(length)]) + length + octets
