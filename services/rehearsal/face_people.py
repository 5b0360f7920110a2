"""The people of a face bench: a folder laid out like the London set, card photos made from it, and frames drawn from it.

The folder holds `card_jp2/ID.jp2`, `live_neutral/ID.jpg`, `live_smile/ID.jpg` and `info.csv`. A card photo in it is the neutral
picture itself, made smaller (laid upon each other, their grey values correlate by .99; with the smiling one by .63 to .93). So only
the smiling picture is another photograph of the same person.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from PIL import Image

from services.rehearsal.head import Head, Look
from services.rehearsal.portrait import CARD_PHOTO_SIZE, load_portrait
from services.vision.face_scores import Person

CARD_BYTES: Final = (8000, 4000, 2000)
FRAMES: Final = 7
_CARD_EYES: Final = 62.0  # as `portrait.card_photo` frames it
_CARD_EYES_AT: Final = (120.0, 145.0)
# Standard deviations of what differs from frame to frame: more than a person who holds still, as much as one who does not.
_SWAY: Final = {"yaw": 4.0, "pitch": 3.0, "roll": 3.0, "right": 6.0, "down": 6.0}
_LIGHT: Final = (0.8, 1.2)
_NOISE: Final = 3.0
_JPEG_QUALITY: Final = 85


@dataclass(frozen=True)
class People:
    """The folder. `described` are its people in the order of their ids."""

    folder: Path
    described: Sequence[Person]

    @classmethod
    def of(cls, folder: Path) -> "People":
        """Reads who there is; pictures are read when they are asked for."""
        ids = sorted(path.stem for path in (folder / "card_jp2").glob("*.jp2"))
        with (folder / "info.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["face_id"]: row for row in csv.DictReader(file)}
        return cls(folder, [_person(name, rows[name]) for name in ids])

    def card(self, person: Person) -> bytes:
        """The card photo of the folder: JPEG 2000, grey, about 4 kB."""
        return (self.folder / f"card_jp2/{person.id}.jp2").read_bytes()

    def live(self, mood: str, person: Person) -> bytes:
        """`mood` is neutral or smile."""
        return self._live_path(mood, person).read_bytes()

    def cards_of_sizes(self, person: Person) -> Mapping[int, bytes]:
        """Card photos of each size, made from the neutral picture: framed, grey, encoded once."""
        portrait = load_portrait(self._live_path("neutral", person))
        framed, _ = portrait.framed(CARD_PHOTO_SIZE, _CARD_EYES, _CARD_EYES_AT)
        grey = Image.fromarray(framed).convert("L")
        return {size: _jpeg2000(grey, size) for size in CARD_BYTES}

    def frames(self, person: Person) -> Iterator[bytes]:
        """Camera frames drawn from the smiling picture: it turns, nods, tilts, shifts a little, in changing light."""
        head, random = Head(load_portrait(self._live_path("smile", person))), Random(f"frames-{person.id}")
        for number in range(FRAMES):
            look = Look(**{name: random.gauss(0, deviation) for name, deviation in _SWAY.items()})
            noise = np.random.default_rng([number, *person.id.encode()])
            drawn = head.draw(look) * random.uniform(*_LIGHT)
            drawn += noise.normal(0, _NOISE, drawn.shape)
            encoded = BytesIO()
            Image.fromarray(np.clip(np.rint(drawn), 0, 255).astype(np.uint8)).save(
                encoded, "JPEG", quality=_JPEG_QUALITY
            )
            yield encoded.getvalue()

    def _live_path(self, mood: str, person: Person) -> Path:
        return self.folder / f"live_{mood}/{person.id}.jpg"


def _person(name: str, row: Mapping[str, str]) -> Person:
    age = int(row["age"]) if row["age"].isdigit() else 0
    return Person(name, age, row["gender"], row["self_reported_ethnicity"])


def _jpeg2000(grey: Image.Image, size: int) -> bytes:
    encoded = BytesIO()
    ratio = grey.width * grey.height / size
    grey.save(encoded, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True)
    return encoded.getvalue()
