"""The card-front reader on whole pictures: what it reads, and that it says why where it does not."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from services.clock import ManualClock
from services.domain.card import CardFront
from services.domain.errors import ImageUnreadable, ModelMissing
from services.domain.verdicts import FrontFault, FrontReading
from services.rehearsal.front_bench import TODAY, outcome, shots
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_picture import SCALE, FrontFields, render_front
from services.vision.front import CardFrontByTemplate, Looked
from services.vision.front_faults import visible_fault
from services.vision.image import decode_picture

pytestmark = pytest.mark.models
SPECIMEN = Path(__file__).parents[2] / ".." / "shared/data/card_front/specimen.png"
FRONT = CardFront(date(1985, 1, 2), date(2031, 1, 2), "4821")
BIRTH_MM, EXPIRY_MM, CODE_MM = (29.5, 17.8, 52.5, 20.9), (54.8, 17.8, 83.0, 20.9), (20.0, 49.6, 25.9, 52.6)


@pytest.fixture(scope="module")
def reader() -> CardFrontByTemplate:
    try:
        font("mincho", 12)
        cv2.setNumThreads(1)
        return CardFrontByTemplate(ManualClock(TODAY))
    except (FontMissing, ModelMissing) as missing:
        pytest.skip(f"{missing}: run `make setup`")


def card(front: CardFront = FRONT, seed: int = 3) -> np.ndarray:
    return render_front(
        FrontFields(front, "練習 花子", "東京都練習区見本町1-2-3", certificate_expiry=date(2029, 8, 7)), seed=seed
    )


def seen(front: np.ndarray, seed: int = 8, tier: Tier = Tier.EASY) -> bytes:
    return photograph(front, seed=seed, tier=tier)


def values(reading: FrontReading) -> list[str | None]:
    return [field.value if field else None for field in (reading.birth, reading.expiry, reading.security_code)]


def faults(reading: FrontReading) -> list[FrontFault | None]:
    return [field.fault if field else None for field in (reading.birth, reading.expiry, reading.security_code)]


def test_nine_of_ten_legible_pictures_are_read_and_none_is_wrong(reader: CardFrontByTemplate) -> None:
    taken = list(shots(reader, cards=4, first_seed=500))
    assert [shot for shot in taken if shot.outcome == "wrong"] == []
    outcomes = [shot.outcome for shot in taken if shot.legible]
    assert outcomes.count("right") >= 0.9 * len(outcomes)


def test_a_reading_carries_value_print_margin_and_strip(reader: CardFrontByTemplate) -> None:
    reading = reader.read(seen(card()))
    assert reading.accepted
    assert values(reading) == ["1985-01-02", "2031-01-02", "4821"]
    assert (reading.birth.printed, reading.expiry.printed) == ("昭和60年1月2日", "2031年1月2日")
    assert min(reading.birth.margin, reading.security_code.margin) >= 5
    assert decode_picture(reading.birth.strip).shape[0] == 96


def test_a_western_birth_year_is_read_as_printed(reader: CardFrontByTemplate) -> None:
    front = CardFront(date(1985, 11, 22), date(2031, 11, 22), "0009", western_birth_year=True)
    reading = reader.read(seen(card(front)))
    assert reading.accepted
    assert reading.birth.printed == "1985年11月22日"


@pytest.mark.parametrize(
    ("box", "place"), [(BIRTH_MM, 0), (EXPIRY_MM, 1), (CODE_MM, 2)], ids=["birth", "expiry", "code"]
)
def test_a_finger_on_a_field_leaves_it_without_a_value(
    reader: CardFrontByTemplate, box: tuple[float, ...], place: int
) -> None:
    """The finger lies on the second half of the field."""
    front = card()
    left, top, right, bottom = (round(side * SCALE) for side in box)
    cv2.ellipse(
        front, ((left * 2 + right * 3) // 5 + 60, (top + bottom) // 2), (110, 60), 0, 0, 360, (196, 140, 120), -1
    )
    reading = reader.read(seen(front))
    assert values(reading)[place] is None
    assert faults(reading)[place] in {FrontFault.COVERED, FrontFault.UNCERTAIN}
    assert not reading.accepted


def test_glare_on_a_field_is_named(reader: CardFrontByTemplate) -> None:
    looked = reader.look(decode_picture(seen(card())))
    assert isinstance(looked, Looked)
    line = looked.crops.birth.line.copy()
    assert visible_fault(line) is None
    line[:, 90:170] = line.max()
    assert visible_fault(line) is FrontFault.GLARE


def test_a_blurred_picture_is_called_blurred(reader: CardFrontByTemplate) -> None:
    sharp = decode_picture(seen(card()))
    for sigma in (7.0, 30.0):
        buffer = BytesIO()
        Image.fromarray(cv2.GaussianBlur(sharp, (0, 0), sigma)).save(buffer, "JPEG")
        reading = reader.read(buffer.getvalue())
        assert not reading.accepted
        assert FrontFault.BLURRED in {reading.fault, *faults(reading)}


def test_dates_that_contradict_each_other_are_inconsistent(reader: CardFrontByTemplate) -> None:
    reading = reader.read(seen(card(CardFront(date(1985, 1, 2), date(2031, 6, 7), "4821"))))
    assert faults(reading) == [FrontFault.INCONSISTENT, FrontFault.INCONSISTENT, None]


def back() -> np.ndarray:
    """A back: a QR code on plain paper; no number is needed to know the side."""
    sheet = np.full((864, 1370, 3), (244, 236, 232), np.uint8)
    code = cv2.QRCodeEncoder.create().encode("RENSHU 000000000000 MIHON")
    sheet[80:400, 960:1280] = cv2.resize(code, (320, 320), interpolation=cv2.INTER_NEAREST)[..., None]
    return sheet


def other_document() -> np.ndarray:
    """Another card of the same size with a birth date, an expiry and a number of its own."""
    image = Image.new("RGB", (1370, 864), (222, 232, 244))
    draw = ImageDraw.Draw(image)
    for y, text in enumerate(("氏名 練習 花子", "昭和60年 1月 2日生", "2031年 1月 2日まで有効", "番号 4821")):
        draw.text((60, 90 + 170 * y), text, fill=(30, 30, 36), font=font("sans", 64))
    return np.array(image)


def test_the_back_is_told_from_the_front_and_gives_nothing_away(reader: CardFrontByTemplate) -> None:
    assert reader.read(seen(back())) == FrontReading(None, None, None, FrontFault.WRONG_SIDE)


@pytest.mark.parametrize("seed", [11, 13, 14])
def test_another_document_is_not_this_card(reader: CardFrontByTemplate, seed: int) -> None:
    picture = seen(other_document(), seed=seed)
    assert reader.read(picture) == FrontReading(None, None, None, FrontFault.NOT_THIS_CARD)


def test_an_empty_table_holds_no_card(reader: CardFrontByTemplate) -> None:
    table = np.random.default_rng(1).normal(120, 4, (1440, 1920, 3)).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(table).save(buffer, "JPEG")
    assert reader.read(buffer.getvalue()).fault is FrontFault.NOT_FOUND


def test_what_is_no_picture_is_refused(reader: CardFrontByTemplate) -> None:
    with pytest.raises(ImageUnreadable):
        reader.read(b"%PDF-1.7")


def test_a_picture_taken_upside_down_is_read(reader: CardFrontByTemplate) -> None:
    turned = np.ascontiguousarray(np.rot90(decode_picture(seen(card())), 2))
    assert values(reader.read_pixels(turned)) == ["1985-01-02", "2031-01-02", "4821"]


def test_no_wrong_value_comes_from_a_blotted_code(reader: CardFrontByTemplate) -> None:
    """A blot lies on one digit: the code is right or refused, never another."""
    for digit in range(4):
        front = card()
        cv2.circle(
            front, (round((21.1 + 1.225 * digit) * SCALE), round(51.1 * SCALE)), 9, (60, 52, 50), -1, cv2.LINE_AA
        )
        assert values(reader.read(seen(front)))[2] in {None, "4821"}


def test_the_government_specimen_is_read(reader: CardFrontByTemplate) -> None:
    """Real layout, real artwork, other fonts: nothing of it went into the template."""
    if not SPECIMEN.is_file():
        pytest.skip("the specimen is not part of the repository")
    then = CardFrontByTemplate(ManualClock(datetime(2024, 6, 1, tzinfo=UTC)))
    reading = then.read(SPECIMEN.read_bytes())
    assert values(reading) == ["1989-03-31", "2025-03-31", "1234"]
    assert outcome(reading, CardFront(date(1989, 3, 31), date(2025, 3, 31), "1234")) == "right"
