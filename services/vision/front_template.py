"""Card layouts as data: a blank picture to tell each by, and for the front that is read places in millimetres and expiry rule.

Layouts that are known and not read are data too: a card is refused because it is seen to be one of them, not by a guess.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.domain.verdicts import FrontFault
from services.vision.image import Pixels

DIRECTORY: Final = Path(__file__).with_name("templates")
CURRENT: Final = "front-2016"
REFUSED: Final = ("back-2016", "residence-2012", "front-next")


@dataclass(frozen=True)
class Area:
    """Where something is printed, in millimetres; `slack` is how far the printer or the locator may be off."""

    left: float
    right: float
    top: float
    bottom: float
    slack: float = 0.0


@dataclass(frozen=True)
class Print:
    """How a field is set: where its first letter begins, the size of a kanji, and how many empty cells follow the year."""

    start_mm: float
    em_mm: float
    gap: int = 0


@dataclass(frozen=True)
class ExpiryRule:
    """What a card's dates may be. A card ends on a birthday of its holder (命令 26, 27); shares are prior probabilities."""

    earliest_expiry_year: int  # the first cards of this kind ended then
    longest_validity_years: int
    oldest_holder_years: int
    months_past_birthday: int
    era_births_follow_it: float
    western_births_follow_it: float


@dataclass(frozen=True)
class Layout:
    """What one kind of card always shows. `refused`: why cards of this kind are not read, `None` for the one that is."""

    version: str
    refused: FrontFault | None
    blank: Pixels
    unprinted: Pixels  # 255 where the blank shows what every card shows, 0 where a person's data is printed
    scale: float  # px/mm of the two
    width_mm: float
    height_mm: float

    @property
    def corners(self) -> NDArray[np.float32]:
        """The card's corners in millimetres, clockwise from the top left, shape (4, 2)."""
        width, height = self.width_mm, self.height_mm
        return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


@dataclass(frozen=True)
class Template:
    """The front that is read: its layout, where its fields are, and the rule its dates follow."""

    layout: Layout
    date_line: Area
    birth: Area
    expiry: Area
    code: Area
    birth_print: Print
    expiry_print: Print
    code_print: Print
    rule: ExpiryRule


def load_template(name: str = CURRENT) -> Template:
    """Reads a front that ships beside this module."""
    data = _data(name)
    line = Area(**data["date_line_mm"])
    (birth_left, birth_right), (expiry_left, expiry_right) = data["birth_mm"], data["expiry_mm"]
    return Template(
        layout=_layout(data),
        date_line=line,
        birth=Area(birth_left, birth_right, line.top, line.bottom),
        expiry=Area(expiry_left, expiry_right, line.top, line.bottom),
        code=Area(**data["code_mm"]),
        birth_print=Print(**data["birth_print"]),
        expiry_print=Print(**data["expiry_print"]),
        code_print=Print(**data["code_print"]),
        rule=ExpiryRule(**data["rule"]),
    )


def refused_layouts() -> tuple[Layout, ...]:
    """Reads the layouts that are known and not read."""
    return tuple(_layout(_data(name)) for name in REFUSED)


def _data(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return data


def _layout(data: dict[str, Any]) -> Layout:
    encoded = np.frombuffer((DIRECTORY / data["picture"]).read_bytes(), np.uint8)
    blank = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    scale = blank.shape[1] / data["width_mm"]
    return Layout(
        version=data["version"],
        refused=FrontFault(data["refused"]) if "refused" in data else None,
        blank=blank,
        unprinted=_unprinted(blank, data["personal_mm"], scale),
        scale=scale,
        width_mm=data["width_mm"],
        height_mm=data["height_mm"],
    )


def _unprinted(blank: Pixels, personal: list[list[float]], scale: float) -> Pixels:
    mask: Pixels = np.full(blank.shape, 255, np.uint8)
    for left, top, right, bottom in (np.array(box) * scale for box in personal):
        mask[int(top) : int(bottom), int(left) : int(right)] = 0
    return mask
