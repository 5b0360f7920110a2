"""The virtual card's applications and elementary files, laid out as on the real card (spec/card.md 1.2).

Left out: EF 0006 and 0007 of 券面事項入力補助AP, which serve SET SESSION KEY only, and files that are known by number alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from services.card.applications import TOKEN_LABEL, Application, CommonFile, JPKIFile, TextFile, VisualFile
from services.card.virtual.contents import CardContents, Credential, Pin
from services.card.virtual.profile import NO_MY_NUMBER, common_record

FREE: Final[frozenset[Pin]] = frozenset()


@dataclass(frozen=True)
class DataFile:
    """A transparent EF. Any one of `opened_by` opens it; `FREE` needs none; `sealed` opens for nobody."""

    content: bytes
    opened_by: frozenset[Pin] = FREE
    sealed: bool = False

    def __repr__(self) -> str:
        return f"<DataFile, {len(self.content)} bytes>"


@dataclass(frozen=True)
class RecordFile:
    """An EF of records, read by number from 1."""

    records: tuple[bytes, ...]


@dataclass(frozen=True)
class PinFile:
    """A key EF that is compared. `pin=None` is one that was never set and stays blocked."""

    pin: Pin | None


@dataclass(frozen=True)
class KeyFile:
    """An RSA private key; `None` stands for a key that is there and serves no command of ours."""

    key: RSAPrivateKey | None
    opened_by: frozenset[Pin] = FREE


File: TypeAlias = DataFile | RecordFile | PinFile | KeyFile


@dataclass(frozen=True)
class Folder:
    """One application: its EFs, and the key that SIGN with P2=00 means."""

    name: bytes
    files: Mapping[int, File] = field(default_factory=dict)
    default_key: int | None = None

    def by_short_id(self, short_id: int) -> int | None:
        """The EF whose number's last five bits are the short id."""
        return next((number for number in self.files if number & 0x1F == short_id), None)


ISSUER_DOMAIN: Final = Folder(
    bytes.fromhex("A0000001510000")
)  # GlobalPlatform ISD, current after power-on (one source)


def folders(contents: CardContents) -> tuple[Folder, ...]:
    """The card's applications; the first is current after power-on."""
    return (ISSUER_DOMAIN, _jpki(contents), _visual(contents), _text(contents), _resident(), _common(contents))


def token_information() -> bytes:
    """EF 0006: a PKCS#11 CK_TOKEN_INFO of 160 bytes (one source). Maker and model are our own words."""
    texts = TOKEN_LABEL + b"VIRTUAL CARD".ljust(32) + b"PRACTICE ONLY".ljust(16) + b" " * 16
    unavailable = (0xFFFFFFFF).to_bytes(4, "big")
    counts = b"".join(number.to_bytes(4, "big") for number in (0, 0, 0, 0, 0, 16, 4)) + 4 * unavailable
    return texts + counts + b"\x00\x03" + b"\x00\x01" + b" " * 16


def _jpki(contents: CardContents) -> Folder:
    jpki = contents.jpki
    files: dict[int, File] = {
        JPKIFile.SIGNATURE_CA: DataFile(jpki.signature_ca),
        JPKIFile.TOKEN: DataFile(token_information()),
        # 8F says that the certificate is there; that 00 says it is not is a guess.
        JPKIFile.PRESENCE: DataFile(bytes([_flag(jpki.signature), _flag(jpki.user_authentication), 0x00])),
        JPKIFile.PROTECTED: DataFile(b"", sealed=True),
        JPKIFile.USER_AUTHENTICATION_CA: DataFile(jpki.user_authentication_ca),
        JPKIFile.TERMINAL_CA_KEY: KeyFile(None),
    }
    if jpki.user_authentication:
        opened_by = frozenset({Pin.USER_AUTHENTICATION})
        files[JPKIFile.USER_AUTHENTICATION_CERTIFICATE] = DataFile(jpki.user_authentication.certificate)
        files[JPKIFile.USER_AUTHENTICATION_KEY] = KeyFile(_key(jpki.user_authentication.private_key), opened_by)
        files[JPKIFile.USER_AUTHENTICATION_PIN] = PinFile(Pin.USER_AUTHENTICATION)
    if jpki.signature:
        opened_by = frozenset({Pin.SIGNATURE})
        files[JPKIFile.SIGNATURE_CERTIFICATE] = DataFile(jpki.signature.certificate, opened_by)
        files[JPKIFile.SIGNATURE_KEY] = KeyFile(_key(jpki.signature.private_key), opened_by)
        files[JPKIFile.SIGNATURE_PIN] = PinFile(Pin.SIGNATURE)
    return Folder(Application.JPKI.value, files)


def _visual(contents: CardContents) -> Folder:
    visual = contents.visual
    files: dict[int, File] = {
        VisualFile.AGE: DataFile(visual.age_record, frozenset({Pin.VISUAL_BIRTH})),
        VisualFile.FACE: DataFile(visual.face_record, frozenset({Pin.VISUAL_NUMBER_B})),
        VisualFile.BASIC_INFORMATION: DataFile(visual.basic_information),
        VisualFile.CV_CERTIFICATE: DataFile(visual.cv_certificate),
        VisualFile.NUMBER_IMAGE: DataFile(b"", sealed=True),
        VisualFile.UNKNOWN: DataFile(b"\xff" * 16),
        VisualFile.BIRTH_PIN: PinFile(Pin.VISUAL_BIRTH),
        VisualFile.NUMBER_B: PinFile(Pin.VISUAL_NUMBER_B),
        VisualFile.NUMBER_A: PinFile(None),
        VisualFile.CARD_KEY: KeyFile(_key(visual.private_key)),
    }
    return Folder(Application.VISUAL.value, files, default_key=VisualFile.CARD_KEY)


def _text(contents: CardContents) -> Folder:
    text = contents.text
    pin, number_b = Pin.TEXT, Pin.TEXT_NUMBER_B
    files: dict[int, File] = {
        TextFile.MY_NUMBER: DataFile(NO_MY_NUMBER, frozenset({pin})),
        TextFile.ATTRIBUTES: DataFile(text.attributes, frozenset({pin, number_b})),
        TextFile.HASHES: DataFile(text.hashes, frozenset({pin, number_b})),
        TextFile.CV_CERTIFICATE: DataFile(text.cv_certificate),
        TextFile.BASIC_INFORMATION: DataFile(text.basic_information),
        TextFile.PIN: PinFile(pin),
        TextFile.BLOCKED_KEY: PinFile(None),
        TextFile.CARD_KEY: KeyFile(_key(text.private_key)),
        TextFile.NUMBER_A: PinFile(None),
        TextFile.NUMBER_B: PinFile(number_b),
    }
    return Folder(Application.TEXT.value, files, default_key=TextFile.CARD_KEY)


def _common(contents: CardContents) -> Folder:
    record = common_record(contents.serial, contents.municipality, contents.expiry)
    files: dict[int, File] = {CommonFile.RECORD: RecordFile((record,)), CommonFile.PIN: PinFile(Pin.COMMON)}
    return Folder(Application.COMMON.value, files)


def _resident() -> Folder:
    return Folder(Application.RESIDENT.value, {CommonFile.PIN: PinFile(Pin.RESIDENT)})


def _flag(credential: Credential | None) -> int:
    return 0x8F if credential else 0x00


def _key(octets: bytes) -> RSAPrivateKey:
    # Validation proves the primes anew, a tenth of a second a key; the issuer did it when the card was made.
    key = load_der_private_key(octets, None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("a card's keys are RSA")
    return key
