"""One run of the models over a blank picture, so that a check's child starts with everything in place."""

from contextlib import suppress
from io import BytesIO
from typing import Final

from PIL import Image

from services.domain.errors import ResetError
from services.domain.liveness import Action, LiveFrame, challenge_of
from services.usecases.run_check import Eyes

_SIZE: Final = (480, 640)


def warm(eyes: Eyes) -> None:
    """Looks once at nothing. Loading is what takes long; a network's first run was measured no slower than its second."""
    blank = BytesIO()
    Image.new("RGB", _SIZE, "white").save(blank, "JPEG")
    challenge = challenge_of([Action.FRONT], ["warm"])
    with suppress(ResetError):
        eyes.front.read(blank.getvalue())
    with suppress(ResetError):
        eyes.liveness.judge(challenge, [LiveFrame(blank.getvalue(), 0, at) for at in range(3)])
