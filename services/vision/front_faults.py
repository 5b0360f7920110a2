"""What the resident can do about a picture that was not read: the visible reason, found from light and sharpness."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.domain.verdicts import FrontFault
from services.vision.image import Pixels

SEARCH_SIDE_PX: Final = 960
# Darkest channel of a pixel that a reflection has burnt out, as a share of the line's brightest: the card's own paper is tinted and
# stays below 0.94 in any light. A camera need not call its brightest 255.
BURNT: Final = 0.965
BURNT_SHARE: Final = 0.5  # of one stretch
DARKER: Final = 0.62  # of the line's own paper: a finger or a hard shadow lies on that stretch
STRETCHES: Final = 12  # a line is looked at in so many stretches
EDGE_PX: Final = 6.5  # of a line 48 high: from ink to paper in a picture that nobody can read
FLAT: Final = 12.0  # grey levels between ink and paper below which there is nothing to measure
CARD_SHARE: Final = (0.06, 0.97)  # of the picture's area
FILLED: Final = 0.85  # of its rectangle that a card covers, seen askew and with round corners
QR_SIDE_PX: Final = 24.0
QR_DARK: Final = (0.3, 0.7)
QR_CONTRAST: Final = 40.0  # grey levels
CARD_RATIO: Final = (1.25, 2.1)  # ID-1 is 1.586, seen from anywhere


def visible_fault(line: Pixels) -> FrontFault | None:
    """Why a field's RGB line may be unreadable: glare, something on it, or blur."""
    brightest = line.max(axis=2).astype(np.float32)
    burning = line.min(axis=2) >= BURNT * np.percentile(brightest, 99)
    if max(float(part.mean()) for part in np.array_split(burning, STRETCHES, axis=1)) > BURNT_SHARE:
        return FrontFault.GLARE
    paper = np.array([np.percentile(part, 85) for part in np.array_split(brightest, STRETCHES, axis=1)])
    if paper.min() < DARKER * np.median(paper):
        return FrontFault.COVERED
    return FrontFault.BLURRED if _edge_px(brightest) > EDGE_PX else None


def fault_without_card(picture: Pixels) -> FrontFault:
    """Why no card front was found in an RGB picture."""
    shrink = min(1.0, SEARCH_SIDE_PX / max(picture.shape))
    small = np.asarray(cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    if _shows_qr_code(grey):
        return FrontFault.WRONG_SIDE
    card = _card_like(small)
    if _edge_px((grey if card is None else grey[card]).astype(np.float32)) > EDGE_PX:
        return FrontFault.BLURRED
    return FrontFault.NOT_FOUND if card is None else FrontFault.NOT_THIS_CARD


def _shows_qr_code(grey: Pixels) -> bool:
    """Only the back carries a QR code. It is found, never decoded: it holds the My Number.

    OpenCV's finder also fires on grain; a real code is a square, half dark and half light with little between.
    """
    try:
        found, corners = cv2.QRCodeDetector().detect(grey)
    except cv2.error:  # OpenCV 5.0 asserts where it has grouped no points, as on an empty table with strong grain
        return False
    if not found:
        return False
    quad = corners[0].astype(np.float32)
    sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    if sides.min() < QR_SIDE_PX or sides.max() > 1.6 * sides.min():
        return False
    square = np.array([[0, 0], [64, 0], [64, 64], [0, 64]], np.float32)
    code = cv2.warpPerspective(grey, cv2.getPerspectiveTransform(quad, square), (64, 64))
    level, dark = cv2.threshold(code, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    apart = float(code[dark == 0].mean() - code[dark == 1].mean())
    spread = float(code[dark == 0].std() + code[dark == 1].std())
    return level > 0 and QR_DARK[0] < float(dark.mean()) < QR_DARK[1] and apart > max(QR_CONTRAST, 1.6 * spread)


def _edge_px(grey: NDArray[np.float32]) -> float:
    """How many pixels the steepest edges take from dark to light; 0 where there is no print."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)  # noise has steep edges too
    contrast = float(np.percentile(smooth, 97) - np.percentile(smooth, 2))
    if contrast < FLAT:
        return 0.0
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)) / 8
    return contrast / max(float(np.percentile(slope, 98)), 1e-3)


def _card_like(small: Pixels) -> tuple[slice, slice] | None:
    """Rows and columns of the part of an RGB picture that has a card's outline and colour, if one has."""
    soft = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), (0, 0), 3)
    for channel in cv2.split(soft):
        _, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for mask in (light, 255 - light):
            outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:3]:
                if _is_card(outline, small.shape[0] * small.shape[1]):
                    left, top, wide, high = cv2.boundingRect(outline)
                    return slice(top, top + high), slice(left, left + wide)
    return None


def _is_card(outline: cv2.typing.MatLike, picture_area: int) -> bool:
    _, (width, height), _ = cv2.minAreaRect(outline)
    full = cv2.contourArea(outline) > FILLED * width * height
    large = CARD_SHARE[0] < width * height / picture_area < CARD_SHARE[1]
    return full and large and CARD_RATIO[0] < max(width, height) / min(width, height) < CARD_RATIO[1]
