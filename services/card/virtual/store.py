"""The virtual card's file: its non-volatile memory, and the only place where its secrets stand.

JSON, mode 0600, marked as a practice card so that nobody takes it for more. Every save replaces the whole file in one step that
survives a power cut: written beside, fsynced, renamed, and the folder fsynced, so that a commit either happened or did not.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from services.card.virtual.contents import (
    CardContents,
    Credential,
    JPKIFiles,
    Pin,
    PinState,
    TextFiles,
    VisualFiles,
)
from services.domain.errors import NotMyNumberCard

FORMAT = "virtual-my-number-card:1"
MARK = "練習用の仮想カードです。本物のマイナンバーカードではありません。VIRTUAL CARD, PRACTICE ONLY."
LARGEST_FILE = 1_000_000


def save(contents: CardContents, path: Path) -> None:
    """Replaces the card's file durably."""
    text = json.dumps(_encode(contents), ensure_ascii=False, indent=1)
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def load(path: Path) -> CardContents:
    """Reads a card's file.

    Raises:
        NotMyNumberCard: no such file, or not a virtual card's.
    """
    try:
        with path.open("rb") as file:
            return _decode(json.loads(file.read(LARGEST_FILE + 1)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise NotMyNumberCard(file=path.name) from problem


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _text(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def _octets(text: str) -> bytes:
    return b64decode(text, validate=True)


def _encode(contents: CardContents) -> dict[str, Any]:
    jpki, visual, text = contents.jpki, contents.visual, contents.text
    return {
        "format": FORMAT,
        "mark": MARK,
        "serial": contents.serial,
        "municipality": contents.municipality,
        "expiry": contents.expiry.isoformat(),
        "jpki": {
            "user_authentication": _encode_credential(jpki.user_authentication),
            "signature": _encode_credential(jpki.signature),
            "user_authentication_ca": _text(jpki.user_authentication_ca),
            "signature_ca": _text(jpki.signature_ca),
        },
        "visual": {name: _text(octets) for name, octets in vars(visual).items()},
        "text": {name: _text(octets) for name, octets in vars(text).items()},
        "unblock_key": _text(contents.unblock_key),
        "pins": {
            pin.value: {"value": _text(state.value), "tries_left": state.tries_left}
            for pin, state in contents.pins.items()
        },
    }


def _encode_credential(credential: Credential | None) -> dict[str, str] | None:
    if credential is None:
        return None
    return {"certificate": _text(credential.certificate), "private_key": _text(credential.private_key)}


def _decode(record: Mapping[str, Any]) -> CardContents:
    if record["format"] != FORMAT:
        raise ValueError("another format")
    jpki = record["jpki"]
    return CardContents(
        serial=record["serial"],
        municipality=record["municipality"],
        expiry=date.fromisoformat(record["expiry"]),
        jpki=JPKIFiles(
            user_authentication=_decode_credential(jpki["user_authentication"]),
            signature=_decode_credential(jpki["signature"]),
            user_authentication_ca=_octets(jpki["user_authentication_ca"]),
            signature_ca=_octets(jpki["signature_ca"]),
        ),
        visual=VisualFiles(**{name: _octets(text) for name, text in record["visual"].items()}),
        text=TextFiles(**{name: _octets(text) for name, text in record["text"].items()}),
        unblock_key=_octets(record["unblock_key"]),
        pins={Pin(name): _decode_pin(state) for name, state in record["pins"].items()},
    )


def _decode_credential(record: Mapping[str, str] | None) -> Credential | None:
    if record is None:
        return None
    return Credential(_octets(record["certificate"]), _octets(record["private_key"]))


def _decode_pin(record: Mapping[str, Any]) -> PinState:
    return PinState(_octets(record["value"]), int(record["tries_left"]))
