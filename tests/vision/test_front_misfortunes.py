"""One test for each misfortune that a card front meets: what is damaged, half hidden, or another document altogether."""

from datetime import date
from typing import Final

import cv2
import numpy as np
import pytest

from services.clock import ManualClock
from services.domain.card import CardFront
from services.domain.errors import ModelMissing
from services.domain.verdicts import FrontFault, FrontReading
from services.rehearsal.front_bench import TODAY
from services.rehearsal.front_blank import SCALE
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_drawing import FontMissing, Pixels, font
from services.rehearsal.front_others import Other, document, document_at
from services.rehearsal.front_picture import FrontFields, blank_front, render_front
from services.vision.front import CardFrontByTemplate, Looked
from services.vision.front_accept import load_acceptance
from services.vision.front_faults import fault_without_card
from services.vision.front_locate import CardLocator
from services.vision.front_panel import Panel
from services.vision.front_template import load_template, refused_layouts
from services.vision.image import decode_picture

pytestmark = pytest.mark.models
FRONT: Final = CardFront(date(1985, 1, 2), date(2031, 1, 2), "4821")
SEED: Final = 3


@pytest.fixture(scope="module")
def reader() -> CardFrontByTemplate:
    try:
        font("mincho", 12)
        return CardFrontByTemplate(ManualClock(TODAY))
    except (FontMissing, ModelMissing) as missing:
        pytest.skip(f"{missing}: run `make setup`")


def card(front: CardFront = FRONT) -> Pixels:
    return render_front(FrontFields(front, "練習 花子", "東京都練習区見本町1-2-3"), seed=SEED)


def looked_at(reader: CardFrontByTemplate, front: Pixels, tier: Tier = Tier.EASY) -> Looked:
    looked = reader.look(decode_picture(photograph(front, seed=8, tier=tier)))
    assert isinstance(looked, Looked)
    return looked


def erased(front: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    """The card with the blank one's paper where the box (left, top, right, bottom) lies, in millimetres."""
    left, top, right, bottom = (round(side * SCALE) for side in box)
    worn = front.copy()
    worn[top:bottom, left:right] = blank_front()[top:bottom, left:right]
    return worn


@pytest.mark.parametrize("digit", range(4))
@pytest.mark.parametrize("half", ["left", "right", "upper", "lower"])
def test_half_a_digit_is_never_read_as_another(reader: CardFrontByTemplate, digit: int, half: str) -> None:
    """Every engine takes the right half of the 8 in 4821 for a 3."""
    left, middle = 20.5 + 1.225 * digit, 21.1 + 1.225 * digit
    boxes = {
        "left": (left, 49.5, middle, 52.7),
        "right": (middle, 49.5, left + 1.225, 52.7),
        "upper": (left, 49.5, left + 1.225, 51.1),
        "lower": (left, 51.1, left + 1.225, 52.7),
    }
    reading = reader.conclude(looked_at(reader, erased(card(), boxes[half])))
    assert reading.security_code is not None
    assert reading.security_code.value in {None, "4821"}


@pytest.mark.parametrize("kind", [Other.BACK, Other.COVERED_BACK])
@pytest.mark.parametrize("seed", [10001, 10003])
def test_a_back_is_refused_before_anything_on_it_is_recognised(
    reader: CardFrontByTemplate, kind: Other, seed: int
) -> None:
    """Its QR code may lie under a thumb; its number may not be read."""
    picture = photograph(document(kind, seed), seed=seed, tier=Tier.EASY)
    assert reader.look(decode_picture(picture)) == FrontReading(None, None, None, FrontFault.WRONG_SIDE)


def test_a_picture_that_trips_the_finder_of_qr_codes_shows_none() -> None:
    """OpenCV 5.0 asserts on this empty table's grain."""
    kind, jpeg = document_at(52194, held_out=True)
    assert kind is Other.TABLE
    assert fault_without_card(decode_picture(jpeg)) is not FrontFault.WRONG_SIDE


@pytest.mark.parametrize("kind", [Other.NEXT_CARD, Other.RESIDENCE, Other.SPECIAL_RESIDENCE])
def test_a_known_other_layout_is_refused_before_anything_on_it_is_recognised(
    reader: CardFrontByTemplate, kind: Other
) -> None:
    picture = photograph(document(kind, 10002), seed=10002, tier=Tier.EASY)
    assert reader.look(decode_picture(picture)) == FrontReading(None, None, None, FrontFault.NOT_THIS_CARD)


def test_every_layout_finds_itself_and_no_other() -> None:
    layouts = [load_template().layout, *refused_layouts()]
    locator = CardLocator(layouts[0], layouts[1:])
    found = [locator.locate(cv2.cvtColor(layout.blank, cv2.COLOR_GRAY2RGB)) for layout in layouts]
    assert [layout.version for layout in layouts] == [card.layout.version if card else None for card in found]


def test_a_field_beyond_the_pictures_edge_is_called_cut_off(reader: CardFrontByTemplate) -> None:
    """The picture ends after the expiry's year; the two other fields are whole."""
    pixels = np.ascontiguousarray(np.pad(card(), ((200, 200), (200, 0), (0, 0)))[:, : 200 + round(60 * SCALE)])
    reading = reader.read_pixels(pixels)
    fields = (reading.birth, reading.expiry, reading.security_code)
    assert [field.fault for field in fields if field] == [None, FrontFault.CUT_OFF, None]
    assert [field.value for field in fields if field] == ["1985-01-02", None, "4821"]


def test_a_card_in_its_sleeve_is_read_or_refused_but_never_misread(reader: CardFrontByTemplate) -> None:
    reading = reader.conclude(looked_at(reader, card(), Tier.SLEEVE))
    fields = (reading.birth, reading.expiry, reading.security_code)
    expected = ("1985-01-02", "2031-01-02", "4821")
    assert all(field is None or field.value in {None, value} for field, value in zip(fields, expected, strict=True))


def test_a_card_that_has_ended_is_read_as_what_it_is(reader: CardFrontByTemplate) -> None:
    ended = CardFront(date(2000, 8, 24), date(2021, 8, 24), "5345")
    reading = reader.conclude(looked_at(reader, card(ended)))
    assert reading.expiry is not None
    assert reading.expiry.value == "2021-08-24"


def test_readings_do_not_depend_on_the_number_of_threads(reader: CardFrontByTemplate) -> None:
    crops = looked_at(reader, card(), Tier.NORMAL).crops
    one, two = (Panel(load_acceptance().engines, threads).read(crops) for threads in (1, 2))
    assert all(np.array_equal(first, second) for first, second in zip(one, two, strict=True))


def test_a_field_without_a_value_says_why_and_shows_where(reader: CardFrontByTemplate) -> None:
    reading = reader.conclude(looked_at(reader, erased(card(), (20.0, 49.5, 25.6, 52.7))))
    code = reading.security_code
    assert code is not None
    assert (code.value, code.printed) == (None, None)
    assert code.fault is not None
    assert decode_picture(code.strip).shape[0] == 96
