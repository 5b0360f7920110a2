"""The kinds of presentation attack (ISO/IEC 30107-3: PAI species), each with how it is drawn and what is asked of the checks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.domain.liveness import LiveFrame
from services.rehearsal import attack_prints as prints
from services.rehearsal import attack_recordings as recordings
from services.rehearsal import attack_slides as slides
from services.rehearsal.attack_scene import Scene


class Species(StrEnum):
    """In the order of the issue; the last ones are those that no check of images can tell from a person."""

    STILL = "still"
    MOVED = "moved"
    TILTED = "tilted"
    BENT = "bent"
    EYE_HOLES = "eye_holes"
    MOUTH_HOLE = "mouth_hole"
    SCREEN_WRONG_ORDER = "screen_wrong_order"
    REPLAYED = "replayed"
    SWAPPED = "swapped"
    TWO_PEOPLE = "two_people"
    DROPPED = "dropped"
    REPEATED = "repeated"
    ALBUM = "album"
    SLIDESHOW = "slideshow"
    TILTED_SLIDES = "tilted_slides"
    REORDERED = "reordered"
    SLOWED = "slowed"
    OTHER_CARD = "other_card"
    INJECTED = "injected"
    EDITED = "edited"
    FLIPBOOK = "flipbook"


@dataclass(frozen=True)
class Kind:
    """`stopped`: the target is that none is accepted. `texture` says what of its look is simulated, empty where nothing is.

    `two_films`: the other person is recorded as well.
    """

    title: str
    draw: Callable[[Scene], list[LiveFrame]]
    stopped: bool = True
    texture: str = ""
    two_films: bool = False


_PAPER: Final = "paper"
_SCREEN: Final = "screen"

KINDS: Final[dict[Species, Kind]] = {
    Species.STILL: Kind("still photo, not moved", prints.still),
    Species.MOVED: Kind("photo moved in its plane", prints.moved),
    Species.TILTED: Kind("photo turned and tilted to 65°; a second one smiles", prints.tilted),
    Species.BENT: Kind("the same, bent into an arc", prints.bent),
    Species.EYE_HOLES: Kind("print with holes for living eyes", prints.eye_holes, texture=_PAPER),
    Species.MOUTH_HOLE: Kind("print with a hole for a living mouth", prints.mouth_hole, texture=_PAPER),
    Species.SCREEN_WRONG_ORDER: Kind(
        "screen with the right person in a wrong order", recordings.screen_of_wrong_order, texture=_SCREEN
    ),
    Species.REPLAYED: Kind("whole recorded session under a new challenge", recordings.replayed),
    Species.SWAPPED: Kind("another person from some frame on, or for a few", recordings.swapped, two_films=True),
    Species.TWO_PEOPLE: Kind("two people in the picture", recordings.two_people, two_films=True),
    Species.DROPPED: Kind("wrong order, its telling frames dropped", recordings.dropped),
    Species.REPEATED: Kind("one frame of each action, repeated", recordings.repeated),
    Species.ALBUM: Kind("one still of each action, moved by hand", recordings.album),
    Species.SLIDESHOW: Kind("the front's still, then each action's, moved by hand", slides.slideshow),
    Species.TILTED_SLIDES: Kind("the same, one of the stills tilted to fill the way", slides.tilted_slides),
    Species.REORDERED: Kind("frames shuffled or played backwards", recordings.reordered),
    Species.SLOWED: Kind("right order at half to a quarter of its speed", recordings.slowed),
    Species.OTHER_CARD: Kind("somebody else, with the victim's card", recordings.other_card, two_films=True),
    Species.INJECTED: Kind("one still, moved in three dimensions, injected", recordings.injected, stopped=False),
    Species.EDITED: Kind(
        "recordings of each action, cut into the asked order, injected", recordings.edited, stopped=False
    ),
    Species.FLIPBOOK: Kind(
        "the same stills with pictures on the way, taken, faded or tilted back, injected",
        slides.flipbook,
        stopped=False,
    ),
}
