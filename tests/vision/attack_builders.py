"""People whose recordings are plain colours, so that a test sees at once whose frame it is and which."""

from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from services.domain.liveness import Action
from services.rehearsal.attack_people import Subject
from services.rehearsal.attack_scene import Scene
from services.rehearsal.portrait import Portrait
from services.vision.image import Pixels, decode_picture

BLUE_OF_VICTIM, BLUE_OF_OTHER = 40, 200
_RED_STEP, _GREEN_STEP = 20, 25


class PlainClip:
    """Frame `index` of an action: red counts the frames, green the actions, blue is the person."""

    def __init__(self, blue: int) -> None:
        self.blue = blue

    def frames(self, action: Action, count: int, seed: int) -> list[bytes]:
        return [plain_frame(action, index, self.blue) for index in range(count)]


@cache
def plain_frame(action: Action, index: int, blue: int) -> bytes:
    encoded = BytesIO()
    colour = (20 + _RED_STEP * index, 20 + _GREEN_STEP * list(Action).index(action), blue)
    Image.new("RGB", (480, 640), colour).save(encoded, "JPEG", quality=95)
    return encoded.getvalue()


def plain_subject(name: str, blue: int) -> Subject:
    portrait = Portrait(np.zeros((640, 480, 3), np.uint8), np.zeros((468, 3), np.float32), name)
    return Subject(name, b"card", portrait, None, PlainClip(blue), 1)


def plain_scene(seed: int, *moves: Action, shown: tuple[Action, ...] = ()) -> Scene:
    moves = moves or (Action.LEFT, Action.UP, Action.SMILE)
    shown = shown or (Action.UP, Action.LEFT, Action.NEARER)
    return Scene(
        victim=plain_subject("victim", BLUE_OF_VICTIM),
        other=plain_subject("other", BLUE_OF_OTHER),
        asked=(Action.FRONT, *moves),
        shown=(Action.FRONT, *shown),
        chance=np.random.default_rng(seed),
    )


def middle(picture: Pixels) -> tuple[float, float, float]:
    return tuple(picture[300:340, 220:260].reshape(-1, 3).mean(axis=0).tolist())


def told(jpeg: bytes) -> tuple[int, Action, str]:
    """Which frame of which action it is, and whose."""
    red, green, blue = middle(decode_picture(jpeg))
    whose = "victim" if abs(blue - BLUE_OF_VICTIM) < abs(blue - BLUE_OF_OTHER) else "other"
    return round((red - 20) / _RED_STEP), list(Action)[round((green - 20) / _GREEN_STEP)], whose
