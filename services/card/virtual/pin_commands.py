"""VERIFY and CHANGE of the virtual card: the counters.

The try is counted durably *before* the comparison and given back after it, so that a card torn out at any instant has never
granted a free guess.
"""

from hmac import compare_digest
from typing import Final

from services.card.apdu import Command, StatusWord
from services.card.virtual.contents import TRIES, Pin, PinState
from services.card.virtual.filesystem import ISSUER_DOMAIN
from services.card.virtual.memory import CURRENT_FILE, CardMemory, CardRefusal

NEW_REFERENCE_DATA: Final = 0x01  # P1 of CHANGE: the old one was verified before in this session (jpki/myna)
COMMON_PINS: Final = frozenset({Pin.COMMON, Pin.RESIDENT})
NUMBER_KEYS: Final = frozenset({Pin.VISUAL_BIRTH, Pin.VISUAL_NUMBER_B, Pin.TEXT_NUMBER_B})
SIGNATURE_LENGTHS: Final = range(6, 17)
SIGNATURE_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def verify(memory: CardMemory, command: Command) -> bytes:
    """VERIFY; without data, how many tries are left (63Cx, which OpenSC wants even after a right entry and when blocked)."""
    if command.p1 != 0x00:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    if memory.session.folder is ISSUER_DOMAIN:
        raise CardRefusal(StatusWord.NO_CURRENT_FILE)
    _, pin = memory.pin_file(command.p2)
    if command.answer is not None:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    if not command.data:
        raise CardRefusal(StatusWord.TRIES_LEFT | (memory.contents.pins[pin].tries_left if pin else 0))
    if pin is None:
        raise CardRefusal(StatusWord.KEY_BLOCKED)
    _compare(memory, pin, command.data)
    return b""


def _compare(memory: CardMemory, pin: Pin, presented: bytes) -> None:
    state = memory.contents.pins[pin]
    if state.tries_left == 0:
        raise CardRefusal(StatusWord.KEY_BLOCKED)
    memory.session.verified.discard(pin)
    counted = PinState(state.value, state.tries_left - 1)
    memory.commit(pin, counted)
    if not compare_digest(presented, state.value):
        raise CardRefusal(StatusWord.TRIES_LEFT | counted.tries_left)
    memory.commit(pin, PinState(state.value, TRIES[pin]))
    memory.session.verified.add(pin)


def change_pin(memory: CardMemory, command: Command) -> bytes:
    """CHANGE REFERENCE DATA 00 24 01: of 公的個人認証AP and 券面事項入力補助AP."""
    if command.p1 != NEW_REFERENCE_DATA:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    return _change(memory, command, frozenset({Pin.USER_AUTHENTICATION, Pin.SIGNATURE, Pin.TEXT}))


def change_key(memory: CardMemory, command: Command) -> bytes:
    """CHANGE KEY 80 32: of 共通カードAP and 住基AP."""
    if command.p1 != 0x00:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    return _change(memory, command, COMMON_PINS)


def _change(memory: CardMemory, command: Command, changeable: frozenset[Pin]) -> bytes:
    if command.p2 != CURRENT_FILE:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    _, pin = memory.pin_file(command.p2)
    if pin not in changeable:
        raise CardRefusal(StatusWord.CONDITIONS_NOT_SATISFIED)
    if memory.contents.pins[pin].tries_left == 0:
        raise CardRefusal(StatusWord.KEY_BLOCKED)
    if pin not in memory.session.verified:
        raise CardRefusal(StatusWord.SECURITY_NOT_SATISFIED)
    replace_value(memory, pin, command.data)
    return b""


def replace_value(memory: CardMemory, pin: Pin, value: bytes) -> None:
    """Value and full counter in one commit, where the value is in the pin's form (which forms a real card checks is a guess)."""
    if not is_in_form(pin, value):
        raise CardRefusal(StatusWord.WRONG_DATA)
    memory.commit(pin, PinState(value, TRIES[pin]))


def is_in_form(pin: Pin, value: bytes) -> bool:
    """Whether the value can be a password of this kind."""
    if pin is Pin.SIGNATURE:
        return len(value) in SIGNATURE_LENGTHS and SIGNATURE_LETTERS.issuperset(value)
    return pin not in NUMBER_KEYS and len(value) == 4 and value.isdigit()
