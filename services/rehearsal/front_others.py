"""Pictures of what is no front of this card: its back, other cards with dates of their own, paper, an empty table. Seeded.

All are drawn here after what such documents say and roughly where; no original's artwork is copied, each says 見本 or 練習.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from services.domain.card import Era
from services.rehearsal.front_blank import HELD_OUT_ART, SCALE
from services.rehearsal.front_capture import photograph, photograph_table
from services.rehearsal.front_drawing import HEIGHT_MM, INK, WIDTH_MM, Box, Canvas, Colour, Pixels
from services.rehearsal.front_guilloche import LEAF, ROSE, STEEL, rosettes, stars, waves, word_rows
from services.rehearsal.front_hand import NATURAL, SKINS

MARK_INK: Final[Colour] = (216, 92, 80)
_TODAY: Final = date(2026, 6, 1)
_PHOTO_RIGHT: Final[Box] = (60.0, 14.0, 82.0, 42.0)


class Other(StrEnum):
    """What is shown instead of the front."""

    BACK = "back"
    COVERED_BACK = "back, code covered"
    LICENCE = "driving licence"
    RESIDENCE = "residence card"
    SPECIAL_RESIDENCE = "special residence card"
    INSURANCE = "insurance confirmation"
    NEXT_CARD = "next My Number card"
    STUDENT = "student card"
    RESIDENT_CARD = "former resident card"
    PAPER = "paper with dates"
    TABLE = "empty table"


@dataclass(frozen=True)
class _Words:
    """What a document of somebody says, with dates that a front could carry too."""

    born: str  # 昭和60年 1月 2日
    born_western: str
    ends: str  # 2031年 1月 2日
    number: str  # four digits
    long_number: str


def document_at(seed: int, *, held_out: bool = False) -> tuple[Other, bytes]:
    """One wrong document and its photograph; kinds and natural tiers take turns. The report's artwork is `held_out`."""
    kind = tuple(Other)[seed % len(Other)]
    tier = NATURAL[seed // len(Other) % len(NATURAL)]
    if kind in {Other.PAPER, Other.TABLE}:
        return kind, photograph_table(seed=seed, tier=tier, printed=kind is Other.PAPER)
    return kind, photograph(document(kind, seed, held_out=held_out), seed=seed, tier=tier)


def document(kind: Other, seed: int, *, held_out: bool = False) -> Pixels:
    """The document alone, as large as a card: RGB. Paper and table are no cards and have no such picture."""
    rng = np.random.default_rng((seed, 9))
    canvas = Canvas(SCALE, paper=(246, 246, 250))
    art = (HELD_OUT_ART if held_out else 0) + seed % 5
    _DRAWN[kind](canvas, _words(rng), art, rng)
    return canvas.pixels


def _words(rng: np.random.Generator) -> _Words:
    born = date(1935, 1, 1) + timedelta(days=int(rng.integers(27_000)))
    ends = born.replace(year=_TODAY.year + int(rng.integers(1, 10)), day=min(born.day, 28))
    era = Era.of(born)
    year = era.year(born)
    return _Words(
        born=f"{era.kanji}{'元' if year == 1 else f'{year:2d}'}年{born.month:2d}月{born.day:2d}日",
        born_western=f"{born.year}年{born.month:2d}月{born.day:2d}日",
        ends=f"{ends.year}年 {ends.month:2d}月{ends.day:2d}日",
        number=f"{rng.integers(10_000):04d}",
        long_number=f"0000 0000 {rng.integers(10_000):04d}",  # no number of a person begins so
    )


def _background(canvas: Canvas, art: int, colour: Colour, line: Colour) -> None:
    canvas.tint((0, 0, WIDTH_MM, HEIGHT_MM), colour)
    guilloche = waves if art < HELD_OUT_ART else rosettes
    guilloche(canvas, np.random.default_rng(art + 50), [line, (255, 255, 255)])


def _mark(canvas: Canvas, x: float, y: float) -> None:
    canvas.text((x, y), "練習用 見本", "sans-bold", 3.6, MARK_INK)


def _photo(canvas: Canvas, box: Box) -> None:
    left, top, right, bottom = box
    canvas.tint(box, (176, 200, 226))
    canvas.rounded((left + 6, top + 5, right - 6, top + 16), 5, (150, 150, 156))
    canvas.rounded((left + 2, top + 18, right - 2, bottom), 4, (120, 130, 146))


def _back(canvas: Canvas, words: _Words, art: int, rng: np.random.Generator) -> None:
    """The back of this card: My Number, its QR code, the contacts, a birth date."""
    _background(canvas, art, (246, 232, 236), (238, 206, 214))
    word_rows(canvas, rng, "JAPAN", (40, 30, 84, 50))
    canvas.tint((0, 4, WIDTH_MM, 11), (50, 46, 50))
    canvas.text((4, 16), "個人番号", "sans-bold", 2.4)
    canvas.grid_text((16, 16), words.long_number, "mono-bold", 4.4, INK)
    canvas.text((4, 22), "氏名 練習 花子", "mincho", 2.8)
    canvas.grid_text((4, 26.5), f"{words.born}生", "mincho", 2.4)
    _code(canvas, (62, 14, 82, 34), words.long_number)
    canvas.rounded((9, 31, 22, 42), 1.6, (206, 180, 110))
    canvas.frame((12, 31, 19, 42), (150, 130, 80), 0.15)
    canvas.text((30, 46), "この面を他人に見せたりコピーしないでください", "sans", 1.9)
    _mark(canvas, 28, 38)


def _covered_back(canvas: Canvas, words: _Words, art: int, rng: np.random.Generator) -> None:
    """The same with a thumb on the QR code."""
    _back(canvas, words, art, rng)
    x, y = rng.uniform((66, 18), (78, 30))
    canvas.rounded((x - 8, y - 8, x + 8, HEIGHT_MM + 20), 8, SKINS[rng.integers(len(SKINS))])


def _code(canvas: Canvas, box: Box, text: str) -> None:
    code = np.asarray(cv2.QRCodeEncoder.create().encode(f"RENSHU {text}"), np.uint8)
    left, top, right, bottom = box
    canvas.tint((left - 1, top - 1, right + 1, bottom + 1), (255, 255, 255))
    large = cv2.resize(code, (canvas.px(right - left),) * 2, interpolation=cv2.INTER_NEAREST)
    canvas.paste(np.repeat(large[..., None], 3, axis=2), box)


def _licence(canvas: Canvas, words: _Words, art: int, _rng: np.random.Generator) -> None:
    _background(canvas, art, (238, 240, 250), (214, 220, 240))
    canvas.text((2, 4.5), "氏名 練習 花子", "mincho", 3.0)
    canvas.grid_text((52, 4.5), f"{words.born}生", "mincho", 2.4)
    canvas.text((2, 9.5), "住所", "sans", 2.0)
    canvas.text((9, 9.5), "東京都練習区見本町1-2-3", "mincho", 2.8)
    canvas.text((2, 13.5), f"交付 令和 5年 8月 9日 {words.number}", "mincho", 2.4)
    canvas.tint((2, 15.6, 57, 19.8), (90, 130, 210))
    canvas.grid_text((4, 17.7), f"{words.ends}まで有効", "gothic", 2.8, (255, 255, 255))
    canvas.text((2, 24), "免許の条件等 眼鏡等", "sans", 2.2)
    canvas.text((2, 44), f"第 {words.long_number} 号", "mono-bold", 3.0)
    canvas.text((2, 50), "運転免許証", "sans-bold", 3.4)
    _photo(canvas, _PHOTO_RIGHT)
    _mark(canvas, 20, 33)


def _residence(canvas: Canvas, words: _Words, art: int, _rng: np.random.Generator) -> None:
    _background(canvas, art, (226, 240, 232), (196, 222, 210))
    canvas.text((2, 3.5), "日本国政府 在留カード RESIDENCE CARD", "sans-bold", 2.2)
    canvas.text((60, 7.5), f"AB{words.number}{words.number}CD", "mono-bold", 2.2)
    canvas.text((2, 8), "氏名 RENSHU TARO ALEXANDER", "gothic", 2.6)
    canvas.text((2, 13), f"生年月日 {words.born_western}  性別 男 国籍・地域 練習国", "gothic", 2.3)
    canvas.text((2, 18), "住居地 東京都練習区見本町1-2-3", "gothic", 2.3)
    canvas.text((2, 24), f"在留期間(満了日) 3年({words.ends})", "gothic", 2.4)
    canvas.text((2, 48), f"このカードは {words.ends}まで有効 です。", "gothic", 2.4)
    _photo(canvas, _PHOTO_RIGHT)
    _mark(canvas, 10, 34)


def _special_residence(canvas: Canvas, words: _Words, art: int, rng: np.random.Generator) -> None:
    """A residence card that is a My Number card too: this card's words in the other card's layout."""
    _residence(canvas, words, art, rng)
    canvas.rounded((73.6, 1.2, 83.4, 11.2), 1.4, (255, 255, 255))
    canvas.fitted_text((74.7, 5.4), "個人番号", "sans-bold", 1.95, 7.9)
    canvas.fitted_text((75.8, 8.0), "カード", "sans-bold", 1.95, 5.65)
    canvas.grid_text((20.5, 51.1), words.number, "sans-bold", 2.45)
    canvas.text((2.9, 51.1), "5BJHVRNM2KP9XBMX", "gothic", 1.85)


def _insurance(canvas: Canvas, words: _Words, _art: int, _rng: np.random.Generator) -> None:
    canvas.tint((0, 0, WIDTH_MM, HEIGHT_MM), (244, 248, 236))
    canvas.frame((1.5, 1.5, 84, 52.4), STEEL, 0.3)
    canvas.text((4, 5), "練習区国民健康保険 資格確認書", "sans-bold", 2.9)
    canvas.text((52, 10), f"有効期限 {words.ends}", "mincho", 2.4)
    rows = (
        f"記号 練習 番号 {words.number} (枝番) 01",
        "氏名 練習 花子  性別 女",
        f"生年月日 {words.born}",
        "適用開始年月日 令和 6年12月 2日",
        "世帯主氏名 練習 太郎",
        "保険者番号 000000 交付者名 練習区",
    )
    for row, text in enumerate(rows):
        canvas.text((4, 15 + 5.6 * row), text, "mincho", 2.6)
    _mark(canvas, 44, 47)


def _next_card(canvas: Canvas, words: _Words, art: int, rng: np.random.Generator) -> None:
    """What proposals say of the next card: western years, no sex, no organ panel, another layout over much the same art."""
    guilloche = waves if art < HELD_OUT_ART else rosettes
    canvas.tint((0, 0, 52, HEIGHT_MM), (250, 226, 224), 0.7)
    canvas.tint((52, 0, WIDTH_MM, HEIGHT_MM), (244, 244, 216), 0.7)
    guilloche(canvas, np.random.default_rng(art), [(255, 255, 255), ROSE, LEAF])
    stars(canvas, rng, (54, 1, 85, 53), 20)
    canvas.text((28, 5), "マイナンバーカード MY NUMBER CARD", "sans-bold", 2.4)
    canvas.text((28, 12), "氏名 練習 花子", "mincho", 3.2)
    canvas.text((28, 17), "RENSHU HANAKO", "gothic", 2.6)
    canvas.text((28, 24), "住所 東京都練習区見本町1-2-3", "mincho", 2.8)
    canvas.grid_text((28, 31), f"{words.born_western}生", "mincho", 2.4)
    canvas.grid_text((28, 36), f"{words.ends}まで有効", "mincho", 2.4)
    canvas.text((28, 51), f"{words.number}  5BJHVRNM2KP9XBMX", "sans-bold", 2.3)
    _photo(canvas, (3.5, 10, 24, 38))
    _mark(canvas, 52, 44)


def _student(canvas: Canvas, words: _Words, art: int, _rng: np.random.Generator) -> None:
    _background(canvas, art, (248, 244, 228), (236, 226, 190))
    canvas.tint((0, 0, WIDTH_MM, 9), (40, 70, 130))
    canvas.text((4, 4.7), "練習大学 学生証", "sans-bold", 3.8, (255, 255, 255))
    _photo(canvas, (4, 13, 26, 42))
    for row, text in enumerate((
        f"学籍番号 26A{words.number}",
        "氏名 練習 花子",
        f"生年月日 {words.born}生",
        "入学 2024年 4月 1日",
        f"{words.ends}まで有効",
    )):  # fmt: skip
        canvas.text((30, 15 + 6 * row), text, "gothic", 2.7)
    _mark(canvas, 32, 48)


def _resident_card(canvas: Canvas, words: _Words, art: int, _rng: np.random.Generator) -> None:
    """The card before this one: much the same fields in other places."""
    _background(canvas, art, (230, 244, 246), (190, 222, 230))
    canvas.text((2, 4), "住民基本台帳カード", "sans-bold", 3.0)
    canvas.text((2, 10), "氏名 練習 花子", "mincho", 3.2)
    canvas.text((2, 15), "住所 東京都練習区見本町1-2-3", "mincho", 2.7)
    canvas.grid_text((2, 20.5), f"{words.born}生", "mincho", 2.4)
    canvas.text((32, 20.5), "性別 女", "mincho", 2.4)
    canvas.grid_text((2, 26), f"{words.ends}まで有効", "mincho", 2.4)
    canvas.text((2, 48), f"練習市長  {words.number}", "mincho", 2.6)
    _photo(canvas, _PHOTO_RIGHT)
    _mark(canvas, 14, 37)


_DRAWN: Final[dict[Other, Callable[[Canvas, _Words, int, np.random.Generator], None]]] = {
    Other.BACK: _back,
    Other.COVERED_BACK: _covered_back,
    Other.LICENCE: _licence,
    Other.RESIDENCE: _residence,
    Other.SPECIAL_RESIDENCE: _special_residence,
    Other.INSURANCE: _insurance,
    Other.NEXT_CARD: _next_card,
    Other.STUDENT: _student,
    Other.RESIDENT_CARD: _resident_card,
}
