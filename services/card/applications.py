"""Where things are on the card: application names and elementary files (spec/card.md 1.1 and 1.2, all sources agree)."""

from enum import Enum, IntEnum
from typing import Final

from services.domain.password import PasswordKind


class Application(Enum):
    """The card's applications by DF name."""

    JPKI = bytes.fromhex("D392F000260100000001")  # 公的個人認証AP
    VISUAL = bytes.fromhex("D3921000310001010402")  # 券面事項確認AP
    TEXT = bytes.fromhex("D3921000310001010408")  # 券面事項入力補助AP
    RESIDENT = bytes.fromhex("D3921000310001010401")  # 住基AP
    COMMON = bytes.fromhex("D3921000310001010100")  # 共通カードAP


class JPKIFile(IntEnum):
    """公的個人認証AP."""

    SIGNATURE_CERTIFICATE = 0x0001
    SIGNATURE_CA = 0x0002
    TOKEN = 0x0006
    PRESENCE = 0x0008
    PROTECTED = 0x0009
    USER_AUTHENTICATION_CERTIFICATE = 0x000A
    USER_AUTHENTICATION_CA = 0x000B
    TERMINAL_CA_KEY = 0x0016
    USER_AUTHENTICATION_KEY = 0x0017
    USER_AUTHENTICATION_PIN = 0x0018
    SIGNATURE_KEY = 0x001A
    SIGNATURE_PIN = 0x001B


class VisualFile(IntEnum):
    """券面事項確認AP."""

    AGE = 0x0001
    FACE = 0x0002
    BASIC_INFORMATION = 0x0003
    CV_CERTIFICATE = 0x0004
    NUMBER_IMAGE = 0x0005
    UNKNOWN = 0x0006
    BIRTH_PIN = 0x0011
    NUMBER_B = 0x0012
    NUMBER_A = 0x0013
    CARD_KEY = 0x001A


class TextFile(IntEnum):
    """券面事項入力補助AP."""

    MY_NUMBER = 0x0001
    ATTRIBUTES = 0x0002
    HASHES = 0x0003
    CV_CERTIFICATE = 0x0004
    BASIC_INFORMATION = 0x0005
    PIN = 0x0011
    BLOCKED_KEY = 0x0012
    CARD_KEY = 0x0013
    NUMBER_A = 0x0014
    NUMBER_B = 0x0015


class CommonFile(IntEnum):
    """共通カードAP and 住基AP."""

    RECORD = 0x0001
    PIN = 0x001C


# The first 32 bytes of the token information name the token. JPKIAPICCTOKEN without 2 is the old 住基カード, JPKIAPGPSETOKEN and
# JPKIAPIOSTOKEN are phones.
TOKEN_LABEL: Final = b"JPKIAPICCTOKEN2".ljust(32)

PIN_FILES: Final = {
    PasswordKind.USER_AUTHENTICATION: JPKIFile.USER_AUTHENTICATION_PIN,
    PasswordKind.SIGNATURE: JPKIFile.SIGNATURE_PIN,
}
KEY_FILES: Final = {
    PasswordKind.USER_AUTHENTICATION: JPKIFile.USER_AUTHENTICATION_KEY,
    PasswordKind.SIGNATURE: JPKIFile.SIGNATURE_KEY,
}
CERTIFICATE_FILES: Final = {
    PasswordKind.USER_AUTHENTICATION: JPKIFile.USER_AUTHENTICATION_CERTIFICATE,
    PasswordKind.SIGNATURE: JPKIFile.SIGNATURE_CERTIFICATE,
}
