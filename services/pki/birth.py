"""The holder's birth date in a signature certificate: read, compared, forgotten."""

from datetime import date
from typing import Final

from cryptography import x509

from services.domain.card import Era

# otherName 1.2.392.200149.8.5.5.4: an era's digit and YYYYMMDD, as a DER UTF8String (spec/card.md 1.6).
_BIRTH: Final = x509.ObjectIdentifier("1.2.392.200149.8.5.5.4")
_HEAD: Final = b"\x0c\x09"  # tag and length of a UTF8String of nine
_EARLIEST: Final = min(era.first_day for era in Era)


def birth_in(certificate: bytes) -> date | None:
    """The birth date, or `None` where the certificate has none that can be read: nobody is refused for that."""
    try:
        names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        values = [name.value for name in names.value.get_values_for_type(x509.OtherName) if name.type_id == _BIRTH]
        text = values[0].removeprefix(_HEAD).decode("ascii")
        found = date(int(text[1:5]), int(text[5:7]), int(text[7:]))
    except (ValueError, IndexError, x509.ExtensionNotFound):
        return None
    return found if found >= _EARLIEST else None
