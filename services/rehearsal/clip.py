"""What the virtual resident's camera delivers: frames of a head that does what is asked, as a person would.

Every frame carries the mark 練習 at its edge and a JPEG comment. They are drawn from one portrait: see `head` for what that
means. Drawn frames are kept on disk, since the same rehearsal is run over and over; a seed makes them, so that nothing else could
come out.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Final, Self, assert_never

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from services.domain.errors import ModelMissing
from services.domain.liveness import Action
from services.rehearsal.head import FRAME_SIZE, Head, Look
from services.rehearsal.portrait import Portrait
from services.vision.image import Pixels
from services.vision.models import model_path

COMMENT: Final = b"rehearsal: drawn from one portrait, not a recording of a person"
MARK: Final = "練習"
_MARK_IN_LATIN: Final = "REHEARSAL"  # where no Japanese font is installed
_FONTS: Final = ("NotoSansCJK-Regular.ttc", "ipag.ttf", "ipagp.ttf")
_DRAWING: Final = "4"  # raise it when frames come out differently, so that kept ones are not used

_JPEG_QUALITY: Final = 88
_SENSOR_NOISE: Final = 2.0  # grey levels
_SWAY: Final = {"yaw": 0.5, "pitch": 0.4, "roll": 0.35, "right": 1.2, "down": 0.9}  # standard deviations


class CameraClip:
    """The camera of one virtual resident. `kept_in` is the folder for drawn frames; without it they are drawn each time."""

    def __init__(self, portrait: Portrait, kept_in: Path | None = None) -> None:
        self._portrait = portrait
        self._kept_in = kept_in and kept_in / f"{portrait.sha256[:16]}-{_DRAWING}"

    @cached_property
    def _head(self) -> Head:
        return Head(self._portrait)

    def frames(self, action: Action, count: int, seed: int) -> list[bytes]:
        """JPEG frames, 480 by 640: the neutral front first, then into the action, which is held to the end."""
        return list(self._film(_course(action, count, _Manner.of(seed)), f"{action.value}-{count}-{seed}"))

    def write_film(self, path: Path, actions: Sequence[Action], *, seed: int, per_action: int = 36) -> None:
        """A motion JPEG for Chromium's `--use-file-for-fake-video-capture`: each action and back, in this order."""
        manner = _Manner.of(seed)
        looks = [
            look
            for action in actions
            for look in (*_course(action, per_action, manner), *_course(action, per_action // 3, manner)[::-1])
        ]
        name = "-".join(action.value for action in actions)
        path.write_bytes(b"".join(self._film(looks, f"film-{name}-{per_action}-{seed}")))

    def _film(self, looks: Sequence[Look], name: str) -> Iterator[bytes]:
        for number, look in enumerate(_swaying(looks, Random(name))):
            yield self._frame(look, f"{name}-{number}")

    def _frame(self, look: Look, name: str) -> bytes:
        if self._kept_in is None:
            return _developed(self._head.draw(look), name)
        kept = self._kept_in / f"{name}.jpg"
        if not kept.exists():
            self._kept_in.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: two rehearsals may draw the same frame at once.
            aside = kept.with_suffix(f".{os.getpid()}")
            aside.write_bytes(_developed(self._head.draw(look), name))
            aside.replace(kept)
        return kept.read_bytes()


@dataclass(frozen=True)
class _Manner:
    """How somebody does what is asked: how far, when they begin and how long they take, as shares of the step."""

    turn_deg: float
    up_deg: float
    nearer: float
    beginning: float
    taking: float
    phone_below_deg: float

    @classmethod
    def of(cls, seed: int) -> Self:
        """One person on one day."""
        random = Random(f"manner {seed}")
        return cls(
            # Beyond 32 degrees one portrait has no more to show: the far cheek is smeared, and the mesh doubts the face.
            turn_deg=random.uniform(23, 30),
            up_deg=random.uniform(14, 22),
            nearer=random.uniform(1.25, 1.4),
            beginning=random.uniform(0.1, 0.3),
            taking=random.uniform(0.25, 0.4),
            phone_below_deg=random.uniform(-4, 8),
        )


def _course(action: Action, count: int, manner: _Manner) -> list[Look]:
    """The looks of one step, without sway: a moment of the neutral front, the movement, and holding still."""
    aim = _aim(action, manner)
    moments = np.linspace(0, 1, count) if count > 1 else np.ones(1)
    progress = np.clip((moments - manner.beginning) / manner.taking, 0, 1)
    eased = progress * progress * (3 - 2 * progress)
    return [
        Look(
            yaw=aim.yaw * part,
            pitch=aim.pitch * part + manner.phone_below_deg,
            smile=aim.smile * part,
            near=1 + (aim.near - 1) * part,
        )
        for part in eased.tolist()
    ]


def _aim(action: Action, manner: _Manner) -> Look:
    match action:
        case Action.FRONT:
            return Look()
        case Action.LEFT:
            return Look(yaw=manner.turn_deg)
        case Action.RIGHT:
            return Look(yaw=-manner.turn_deg)
        case Action.SMILE:
            return Look(smile=1.0)
        case Action.UP:
            return Look(pitch=manner.up_deg)
        case Action.NEARER:
            return Look(near=manner.nearer)
        case _:
            assert_never(action)


def _swaying(looks: Sequence[Look], random: Random) -> Iterator[Look]:
    """Nobody holds still: each angle and shift drifts about where it should be."""
    drift = dict.fromkeys(_SWAY, 0.0)
    for look in looks:
        for name, deviation in _SWAY.items():
            drift[name] = 0.8 * drift[name] + 0.6 * random.gauss(0, deviation)
        yield replace(look, **{name: getattr(look, name) + value for name, value in drift.items()})


def _developed(drawn: Pixels, name: str) -> bytes:
    """As a camera would deliver it: a little noise and flicker, marked, encoded."""
    random = np.random.default_rng(list(name.encode()))
    light = random.normal(1.0, 0.006)
    noisy = drawn * light + random.normal(0, _SENSOR_NOISE, (*FRAME_SIZE, 3))
    image = Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    font, text = _mark()
    ImageDraw.Draw(image).text(
        (8, FRAME_SIZE[0] - 30), text, fill="white", font=font, stroke_width=2, stroke_fill="black"
    )
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=_JPEG_QUALITY, comment=COMMENT)
    return encoded.getvalue()


@cache
def _mark() -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, 20), MARK
        except OSError:
            continue
    try:
        return ImageFont.truetype(str(model_path("font-sans")), 20), MARK
    except ModelMissing:
        return ImageFont.load_default(20), _MARK_IN_LATIN
