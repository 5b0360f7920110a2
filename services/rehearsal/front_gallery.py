"""Contact sheets of what the card-front bench draws, for its report: development pictures, so that nobody sees the report's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from services.rehearsal.front_bench import TODAY
from services.rehearsal.front_capture import shoot
from services.rehearsal.front_damage import Damage, damaged_shot
from services.rehearsal.front_drawing import Box, Pixels
from services.rehearsal.front_hand import Tier
from services.rehearsal.front_others import Other, document_at
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import render_front
from services.rehearsal.front_truth import BIRTH_BOX, CODE_BOX, EXPIRY_BOX, Homography
from services.vision.image import decode_picture

FIRST_SEED: Final = 10_000
DAMAGE_SEED: Final = 14_000
OTHERS_SEED: Final = 18_000 - 18_000 % len(Other)  # where the kinds begin anew
SHOT: Final = (320, 240)
STRIP: Final = (320, 48)
STRIP_PX_PER_MM: Final = 11.0
A_ROW: Final = 4
QUALITY: Final = 70


def sheets(folder: Path) -> Iterator[str]:
    """Draws the three sheets into the folder; yields Markdown that shows each."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = (
        ("front-tiers", "Each row one tier, from easy to the sleeve", _tiers()),
        ("front-others", "Wrong documents, one of each kind", _others()),
        ("front-damage", "One damaged letter, a row a kind", _damages()),
    )
    for name, words, rows in drawn:
        width = A_ROW * SHOT[0]
        filled = [np.hstack([*row, *[np.zeros_like(row[0])] * (A_ROW - len(row))])[:, :width] for row in rows]
        sheet = cv2.cvtColor(np.vstack(filled), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{name}.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        yield f"![{words}]({folder.name}/{name}.jpg)"


def _tiers() -> list[list[Pixels]]:
    seeds = range(FIRST_SEED, FIRST_SEED + A_ROW)
    cards = {seed: render_front(someone(seed, TODAY.date()), seed=seed, art=seed % 6) for seed in seeds}
    return [[_small(shoot(card, seed=seed, tier=tier).jpeg) for seed, card in cards.items()] for tier in Tier]


def _others() -> list[list[Pixels]]:
    shown = [_small(document_at(OTHERS_SEED + number)[1]) for number in range(len(Other))]
    return [shown[start : start + A_ROW] for start in range(0, len(shown), A_ROW)]


def _damages() -> list[list[Pixels]]:
    rows: dict[Damage, list[Pixels]] = {damage: [] for damage in Damage}
    seed = DAMAGE_SEED
    while any(len(row) < A_ROW for row in rows.values()):
        shot = damaged_shot(seed, TODAY.date())
        if len(rows[shot.damage]) < A_ROW:
            box = (BIRTH_BOX, EXPIRY_BOX, CODE_BOX)[shot.field]
            rows[shot.damage].append(_strip(decode_picture(shot.jpeg), shot.to_picture, box))
        seed += 1
    return list(rows.values())


def _small(jpeg: bytes) -> Pixels:
    picture = decode_picture(jpeg)
    level = picture if picture.shape[1] > picture.shape[0] else np.ascontiguousarray(np.rot90(picture))
    return np.asarray(cv2.resize(level, SHOT, interpolation=cv2.INTER_AREA), np.uint8)


def _strip(picture: Pixels, to_picture: Homography, box: Box) -> Pixels:
    left, top, right, bottom = box
    wide, high = (side / STRIP_PX_PER_MM for side in STRIP)
    corner = np.array(
        [
            [1 / STRIP_PX_PER_MM, 0, (left + right - wide) / 2],
            [0, 1 / STRIP_PX_PER_MM, (top + bottom - high) / 2],
            [0, 0, 1],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(picture, to_picture @ corner, STRIP, flags=flags), np.uint8)
