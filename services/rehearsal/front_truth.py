"""What a photograph of a card front truly shows of each field, and the published rule of which fields are legible.

The rule is decided from what the simulator did to the picture, never from what a reader made of it.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Box

Homography = NDArray[np.float64]
Plane = NDArray[np.float32]

PLANE_PX_PER_MM: Final = 4.0  # what lies on the card is kept at this scale
BIRTH_BOX: Final[Box] = (30.2, 18.1, 51.9, 20.6)
EXPIRY_BOX: Final[Box] = (55.3, 18.1, 82.3, 20.6)
CODE_BOX: Final[Box] = (20.5, 50.0, 25.4, 52.2)

MOST_COVERED: Final = 0.05  # of the field's box
MOST_GLARED: Final = 0.10
# A tenth of a date's box is a whole letter, and who cannot see a letter cannot read the date: so much of any stretch as wide as a
# digit may be burnt out or lie under something.
MOST_OF_A_DIGIT: Final = 0.5
DIGIT_MM: Final = 1.2
# Standard deviation of the blur on the card. A date's letters are 2.4 mm high: above 0.14 mm (em / 17) the strokes of 昭 and 8 run
# into one another on a screen that shows the field a hand wide. Chosen by eye on development pictures, before any was read.
MOST_BLUR_MM: Final = 0.14
LEAST_PX_PER_MM: Final = 7.8
BURNING: Final = 0.5  # of full reflection: paper is burnt out, and ink keeps less than half of its contrast


@dataclass(frozen=True)
class FieldTruth:
    """How one field lies in the picture: shares of its box, blur on the card, and the coarser of its two resolutions.

    `hidden` is the share of the worst stretch as wide as a digit that is glared or covered.
    """

    covered: float
    glared: float
    hidden: float
    blur_mm: float
    px_per_mm: float

    @property
    def legible(self) -> bool:
        """Whether a careful person could be asked to read it."""
        return (
            self.covered <= MOST_COVERED
            and self.glared <= MOST_GLARED
            and self.hidden <= MOST_OF_A_DIGIT
            and self.blur_mm <= MOST_BLUR_MM
            and self.px_per_mm >= LEAST_PX_PER_MM
        )


class FieldTruths(NamedTuple):
    """The three fields."""

    birth: FieldTruth
    expiry: FieldTruth
    code: FieldTruth


@dataclass(frozen=True)
class Photograph:
    """A JPEG and the truth about it. `to_picture` takes millimetres on the flat card to pixels."""

    jpeg: bytes
    to_picture: Homography
    fields: FieldTruths

    @property
    def legible(self) -> bool:
        """Whether all three fields are."""
        return all(field.legible for field in self.fields)


def plane() -> Plane:
    """An empty card-sized sheet at `PLANE_PX_PER_MM`."""
    return np.zeros((round(HEIGHT_MM * PLANE_PX_PER_MM), round(WIDTH_MM * PLANE_PX_PER_MM)), np.float32)


def truths(to_picture: Homography, cover: Plane, glare: Plane, blur_mm: float) -> FieldTruths:
    """The truth about each field: `cover` and `glare` are sheets from `plane`, 0 to 1."""
    return FieldTruths(
        *(
            FieldTruth(
                covered=float((_part(cover, box) > 0.5).mean()),
                glared=float((_part(glare, box) > BURNING).mean()),
                hidden=_worst_stretch((_part(cover, box) > 0.5) | (_part(glare, box) > BURNING)),
                blur_mm=blur_mm,
                px_per_mm=_resolution(to_picture, box),
            )
            for box in (BIRTH_BOX, EXPIRY_BOX, CODE_BOX)
        )
    )


def _worst_stretch(lost: NDArray[np.bool_]) -> float:
    wide = round(DIGIT_MM * PLANE_PX_PER_MM)
    return float(np.convolve(lost.mean(axis=0), np.full(wide, 1 / wide), "valid").max())


def _part(sheet: Plane, box: Box) -> Plane:
    left, top, right, bottom = (round(side * PLANE_PX_PER_MM) for side in box)
    return sheet[top:bottom, left:right]


def _resolution(to_picture: Homography, box: Box) -> float:
    """Pixels a millimetre in the direction in which the field is shortened most."""
    left, top, right, bottom = box
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    around = (middle + np.array([[0, 0], [0.5, 0], [0, 0.5]]))[None].astype(np.float64)
    here, across, down = cv2.perspectiveTransform(around, to_picture)[0]
    return float(np.linalg.svd(np.column_stack([across - here, down - here]) / 0.5, compute_uv=False)[-1])
