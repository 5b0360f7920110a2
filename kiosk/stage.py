"""How far the reset is: what the screen shows while the card must stay."""

from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    AUTHORISE = "authorise"  # the server and the issuer are asked
    WRITE = "write"  # the card is told to change
    PROVE = "prove"  # the card is asked whether it has changed, and signs that it has
    DELIVER = "deliver"  # the proof goes to disk and server


Tell = Callable[[Stage], None]


def tell_nobody(_: Stage) -> None:
    """For who shows no screen."""
