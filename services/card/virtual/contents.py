"""Everything that is personalised on one virtual card, as the rehearsal's issuing makes it and the card's file keeps it.

No virtual card has a My Number: where the real card keeps it, twelve zeros stand, and 照合番号A opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final


class Pin(StrEnum):
    """A secret that the card compares, each with its own counter."""

    USER_AUTHENTICATION = "user_authentication"  # 公的個人認証AP EF 0018
    SIGNATURE = "signature"  # 公的個人認証AP EF 001B
    TEXT = "text"  # 券面事項入力補助AP EF 0011
    COMMON = "common"  # 共通カードAP EF 001C
    RESIDENT = "resident"  # 住基AP EF 001C
    VISUAL_BIRTH = "visual_birth"  # 券面事項確認AP EF 0011, the birth date YYMMDD
    VISUAL_NUMBER_B = "visual_number_b"  # 券面事項確認AP EF 0012, 照合番号B
    TEXT_NUMBER_B = "text_number_b"  # 券面事項入力補助AP EF 0015, 照合番号B


# Spec/card.md 1.4: municipalities' pages for the four passwords, one vendor's paper for 照合番号B; the birth key's ten is a guess.
TRIES: Final[Mapping[Pin, int]] = {
    Pin.USER_AUTHENTICATION: 3,
    Pin.SIGNATURE: 5,
    Pin.TEXT: 3,
    Pin.COMMON: 3,
    Pin.RESIDENT: 3,
    Pin.VISUAL_BIRTH: 10,
    Pin.VISUAL_NUMBER_B: 10,
    Pin.TEXT_NUMBER_B: 10,
}


@dataclass(frozen=True)
class PinState:
    """The value and what is left of the counter: the card's non-volatile state."""

    value: bytes
    tries_left: int

    def __repr__(self) -> str:
        return f"<PinState {self.tries_left} left>"


@dataclass(frozen=True)
class Credential:
    """A certificate (DER) and its private key (PKCS#8 DER, RSA-2048)."""

    certificate: bytes
    private_key: bytes

    def __repr__(self) -> str:
        return "<Credential>"


@dataclass(frozen=True)
class JPKIFiles:
    """公的個人認証AP. A card without a signature certificate has `signature=None`: absent is not locked."""

    user_authentication: Credential | None
    signature: Credential | None
    user_authentication_ca: bytes
    signature_ca: bytes


@dataclass(frozen=True)
class VisualFiles:
    """券面事項確認AP, each file's content as it is read; `private_key` is the card's own, PKCS#8 DER."""

    age_record: bytes  # EF 0001, FF10
    face_record: bytes  # EF 0002, FF20
    basic_information: bytes  # EF 0003, FF30
    cv_certificate: bytes  # EF 0004, 7F21
    private_key: bytes

    def __repr__(self) -> str:
        return "<VisualFiles>"


@dataclass(frozen=True)
class TextFiles:
    """券面事項入力補助AP; `private_key` is the card's own, PKCS#8 DER."""

    attributes: bytes  # EF 0002, FF20
    hashes: bytes  # EF 0003, FF30
    cv_certificate: bytes  # EF 0004, 7F21
    basic_information: bytes  # EF 0005, FF40
    private_key: bytes

    def __repr__(self) -> str:
        return "<TextFiles>"


@dataclass(frozen=True)
class CardContents:
    """One card: what was personalised, and the passwords with their counters.

    `serial` has 15 digits, `municipality` 5; `unblock_key` is the issuer's, SubjectPublicKeyInfo DER.
    """

    serial: str
    municipality: str
    expiry: date
    jpki: JPKIFiles
    visual: VisualFiles
    text: TextFiles
    unblock_key: bytes
    pins: Mapping[Pin, PinState]

    def __post_init__(self) -> None:
        if not (len(self.serial) == 15 and len(self.municipality) == 5 and (self.serial + self.municipality).isdigit()):
            raise ValueError("a serial has 15 digits and a municipality 5")
        if self.pins.keys() != TRIES.keys():
            raise ValueError("a card has a state for every pin")

    def with_pin(self, pin: Pin, state: PinState) -> "CardContents":
        """The card after one commit of one pin."""
        return replace(self, pins={**self.pins, pin: state})

    def __repr__(self) -> str:
        return f"<CardContents of virtual card {self.serial}>"


def fresh_pins(  # one keyword for each secret of the card
    *, user_authentication: str, signature: str, number_b: bytes, text: str = "1234"
) -> dict[Pin, PinState]:
    """Full counters. `text` also serves 共通カードAP and 住基AP: the counter lets a holder choose one number for all."""
    values = {
        Pin.USER_AUTHENTICATION: user_authentication.encode("ascii"),
        Pin.SIGNATURE: signature.encode("ascii"),
        Pin.TEXT: text.encode("ascii"),
        Pin.COMMON: text.encode("ascii"),
        Pin.RESIDENT: text.encode("ascii"),
        # The key's six digits were only seen for Japanese holders; taken to be the first six of 照合番号B.
        Pin.VISUAL_BIRTH: number_b[:6],
        Pin.VISUAL_NUMBER_B: number_b,
        Pin.TEXT_NUMBER_B: number_b,
    }
    return {pin: PinState(value, TRIES[pin]) for pin, value in values.items()}
