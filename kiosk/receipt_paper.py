"""The receipt on paper, in ESC/POS.

Text goes in the printer's own Japanese character set, Shift JIS after FS & and FS C 1 (Epson's ESC/POS reference, Japanese models):
sharp, quick, and without fonts on the terminal. It has no Burmese and no Thai: paper speaks Japanese and English, the phone every
language.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from unicodedata import east_asian_width

from escpos.printer import Dummy

from services.domain import receipt_words
from services.domain.receipt import Receipt
from services.domain.reservation import printed
from services.languages import words

COLUMNS: Final = 32  # of 12 dots: what paper of 58 mm has; a full-width character takes two
QR_DOTS: Final = 5  # of a module: 57 modules are 285 of the paper's 384 dots
_INITIAL: Final = b"\x1b@"  # ESC @
_KANJI: Final = b"\x1cC\x01\x1c&"  # FS C 1: Shift JIS; FS &: two octets are one character
_CENTRE: Final = b"\x1ba\x01"  # ESC a 1
_LEFT: Final = b"\x1ba\x00"
_LARGE: Final = b"\x1d!\x11\x1cW\x01"  # GS ! for half-width, FS W for full-width characters
_PLAIN: Final = b"\x1d!\x00\x1cW\x00"
_PIECE: Final = re.compile(r"[!-~]+ *|.", re.DOTALL)  # a word with its spaces, or one full-width character


def printed_receipt(receipt: Receipt) -> bytes:
    """The whole job: title, fields, the receipt itself as a QR code, notes, cut."""
    title, *more = _in_both(receipt_words.TITLE)
    head = [_INITIAL, _KANJI, _CENTRE, _LARGE, _encoded([title]), _PLAIN, _encoded(more), _LEFT]
    fields = [part for lines in _fields(receipt) for part in (b"\n", _encoded(lines))]
    notes = [*_in_both(receipt_words.NOBODY), *_in_both(receipt_words.CHECKED)]
    return b"".join([*head, *fields, b"\n", _CENTRE, _code(receipt), _LEFT, b"\n", _encoded(notes), _cut()])


def wrapped(text: str, columns: int = COLUMNS) -> Iterator[str]:
    """The text in lines of at most so many columns; words stay whole where they fit a line."""
    line = ""
    for piece in _pieces(text, columns):
        if _width(line + piece.rstrip()) > columns:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def _fields(receipt: Receipt) -> Iterator[list[str]]:
    what = [_reset_of(language, receipt) for language in ("ja", "en")]
    yield [*_in_both(receipt_words.WHAT), *dict.fromkeys(what)]
    yield [*_in_both(receipt_words.WHEN), f"{printed(receipt.at)} (JST)"]
    yield [*_in_both(receipt_words.WHERE), *_in_both(receipt_words.PLACES[receipt.place])]
    yield [*_in_both(receipt_words.INDEX), str(receipt.index)]
    yield [*_in_both(receipt_words.ENTRY), str(receipt.fields["entry"])]


def _in_both(text: str) -> list[str]:
    # Without a translation the catalogue answers in Japanese, which is not said twice.
    return list(dict.fromkeys([text, words("en").gettext(text)]))


def _reset_of(language: str, receipt: Receipt) -> str:
    told = words(language)
    return told.gettext(receipt_words.RESET_OF) % {"label": told.gettext(receipt.kind.label)}


def _encoded(lines: Iterable[str]) -> bytes:
    return b"".join(line.encode("cp932", "replace") + b"\n" for text in lines for line in wrapped(text))


def _code(receipt: Receipt) -> bytes:
    page = Dummy()
    page.qr(receipt.octets.decode("ascii"), native=True, size=QR_DOTS)
    return bytes(page.output)


def _cut() -> bytes:
    page = Dummy()
    page.cut()
    return bytes(page.output)


def _pieces(text: str, columns: int) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        yield from (piece[start : start + columns] for start in range(0, len(piece), columns))


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "FWA" else 1 for character in text)
