"""Rehearsal cards on a machine without Debian's font packages."""

from datetime import date
from pathlib import Path
from typing import get_args

import cv2
import pytest

from services.clock import ManualClock
from services.domain.card import CardFront
from services.domain.errors import ModelMissing
from services.rehearsal.front_bench import TODAY
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_drawing import FontMissing, FontName, font
from services.rehearsal.front_lettering import FACES, kin
from services.rehearsal.front_picture import FrontFields, render_front
from services.vision.front import CardFrontByTemplate

FRONT = CardFront(date(1985, 1, 2), date(2031, 1, 2), "4821")
FIELDS = FrontFields(FRONT, "練習 花子", "東京都練習区見本町1-2-3", certificate_expiry=date(2029, 8, 7))


@pytest.fixture(scope="module")
def reader() -> CardFrontByTemplate:
    cv2.setNumThreads(1)
    try:
        return CardFrontByTemplate(ManualClock(TODAY))
    except ModelMissing as missing:
        pytest.skip(f"{missing}: run `make setup`")


@pytest.mark.models
@pytest.mark.parametrize("name", get_args(FontName))
def test_every_face_has_a_stand_in_that_knows_japanese(tmp_path: Path, name: FontName) -> None:
    face = font(name, 40, tmp_path)
    assert face.getname()[0] in {"Noto Sans JP", "Noto Serif JP", "Zen Old Mincho", "Zen Kaku Gothic New"}
    # A font draws every letter that it does not know as one and the same box.
    unknown, known = (bytes(face.getmask(letter)) for letter in ("\U0010fffd", "練"))
    assert unknown != known


@pytest.mark.models
@pytest.mark.parametrize("seed", range(6))  # the seed picks each of the card's letterings
@pytest.mark.parametrize("tier", [Tier.EASY, Tier.NORMAL])
def test_a_card_in_stand_in_lettering_is_read(
    tmp_path: Path, reader: CardFrontByTemplate, seed: int, tier: Tier
) -> None:
    reading = reader.read(photograph(render_front(FIELDS, seed=seed, fonts=tmp_path), seed=seed + 8, tier=tier))
    assert reading.accepted
    found = [field.value for field in (reading.birth, reading.expiry, reading.security_code)]
    assert ["1985-01-02", "2031-01-02", "4821"] == found


@pytest.mark.models
def test_held_out_lettering_is_no_lettering_of_the_dev_cards() -> None:
    held_out = {name for name in get_args(FontName) if name.startswith("held-out")}
    families = {name: font(name, 40).getname()[0] for name in get_args(FontName)}
    assert {"Zen Old Mincho", "Zen Kaku Gothic New"} == {families[name] for name in held_out}
    assert not {families[name] for name in held_out} & {families[name] for name in set(families) - held_out}


@pytest.mark.models
def test_an_unknown_lettering_goes_with_its_whole_family() -> None:
    known = {row: font(name, 40).getname()[0] for row, name in enumerate(FACES)}
    for name in get_args(FontName):
        family = font(name, 40).getname()[0]
        assert not {known[row] for row in set(known) - kin(name)} & {family}, name


@pytest.mark.models
def test_debian_fonts_come_first_where_they_are() -> None:
    try:
        name = font("sans", 40).getname()[0]
    except FontMissing as missing:
        pytest.skip(str(missing))
    if name == "Noto Sans JP":
        pytest.skip("fonts-noto-cjk is not installed")
    assert "Noto Sans CJK JP" == name


@pytest.mark.models
def test_the_stand_ins_are_fonts_of_their_own(tmp_path: Path) -> None:
    serif, sans = (bytes(font(name, 40, tmp_path).getmask("練習")) for name in ("mincho", "gothic"))
    assert serif != sans


def test_without_either_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINRESET_MODELS", str(tmp_path / "no models"))
    with pytest.raises(FontMissing, match="apt-get install fonts-ipafont"):
        font("mincho", 41, tmp_path)
