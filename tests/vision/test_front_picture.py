"""Rehearsal cards: the same for the same arguments, plainly marked, with every form of a date."""

from datetime import date

import cv2
import numpy as np
import pytest

from services.domain.card import CardFront
from services.rehearsal.front_blank import PANEL_BOX, SCALE, blank_front
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_picture import (
    PHOTO_BOX,
    FrontFields,
    printed_birth,
    printed_expiry,
    render_front,
)
from services.vision.front_template import load_template
from services.vision.image import decode_picture


@pytest.fixture(autouse=True)
def _fonts() -> None:
    try:
        for name in ("mincho", "sans"):
            font(name, 12)
    except FontMissing as missing:
        pytest.skip(str(missing))


def fields(birth: date = date(1989, 3, 31), *, western: bool = False) -> FrontFields:
    front = CardFront(birth, date(2031, 3, 31), "0123", western_birth_year=western)
    return FrontFields(front, "練習 花子", "東京都練習区見本町1-2-3")


@pytest.mark.parametrize(
    ("birth", "western", "expected"),
    [
        (date(2019, 5, 1), False, "令和元年 5月 1日生"),
        (date(1989, 1, 7), False, "昭和64年 1月 7日生"),
        (date(1926, 12, 25), False, "昭和元年12月25日生"),
        (date(1912, 7, 29), False, "明治45年 7月29日生"),
        (date(1995, 11, 9), False, "平成 7年11月 9日生"),
        (date(1995, 11, 9), True, "1995年11月 9日生"),
    ],
)
def test_a_birth_date_is_printed_as_on_a_card(birth: date, *, western: bool, expected: str) -> None:
    assert printed_birth(fields(birth, western=western).front) == expected


def test_an_expiry_is_always_western() -> None:
    assert printed_expiry(fields().front) == "2031年  3月31日まで有効"


def test_a_card_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (render_front(fields(), seed=seed) for seed in (4, 4, 5))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def part(card: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = (round(side * SCALE) for side in box)
    return card[top:bottom, left:right]


def test_a_card_carries_its_mark_in_the_panel_and_no_blank_does() -> None:
    """The mark is the only red print, and it covers a good part of the signature panel."""

    def red(card: np.ndarray) -> float:
        panel = part(card, PANEL_BOX).astype(int)
        return float((panel[..., 0] - panel[..., 1] > 90).mean())

    assert red(render_front(fields(), seed=1)) > 0.08
    assert red(blank_front()) == 0.0


def test_the_portrait_stands_in_its_place() -> None:
    portrait = np.full((200, 160, 3), (10, 200, 30), np.uint8)
    assert part(render_front(fields(), portrait, seed=1), PHOTO_BOX)[20:-20, 20:-20].mean(axis=(0, 1)) == pytest.approx(
        [10, 200, 30], abs=1
    )


@pytest.mark.parametrize("tier", list(Tier))
def test_a_photograph_is_a_jpeg_within_the_limits_and_the_same_again(tier: Tier) -> None:
    card = render_front(fields(), seed=2)
    shot = photograph(card, seed=7, tier=tier)
    assert sorted(decode_picture(shot).shape) == [3, 1440, 1920]
    assert len(shot) < 2_000_000
    assert photograph(card, seed=7, tier=tier) == shot


def test_the_shipped_template_is_what_the_code_draws() -> None:
    """Fonts may differ a little between Debian releases; the places may not."""
    template = load_template()
    drawn = cv2.cvtColor(blank_front(), cv2.COLOR_RGB2GRAY)
    drawn = cv2.resize(drawn, template.layout.blank.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(drawn.ravel(), template.layout.blank.ravel())[0, 1] > 0.97


def test_nothing_of_a_person_is_in_a_repr() -> None:
    assert repr(fields()) == "<FrontFields>"
