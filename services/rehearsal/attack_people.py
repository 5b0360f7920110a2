"""The people of the attack bench: whose card it is, whose pictures and recordings an attacker has.

With a folder laid out like the London set (`card_jp2/ID.jp2`, `live_neutral/ID.jpg`, `live_smile/ID.jpg`) they are real people of
whom there are two stills each; without one they are the two people whose portraits the registry carries, and their stills are
drawn. *Recordings* are drawn from one still in any case: see `head`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from services.domain.liveness import Action
from services.rehearsal.clip import CameraClip
from services.rehearsal.head import FRAME_SIZE
from services.rehearsal.portrait import Portrait, card_photo, load_portrait
from services.vision.image import Pixels, decode_picture
from services.vision.mesh import Points
from services.vision.models import model_path

TAKES: Final = (
    2  # days on which each person was recorded, each in a manner of their own; attempts vary hand, light and encoder
)
FILM: Final = 11  # frames a recording has of one action, 300 ms apart
EYES: Final = 96.0  # pixels between the eyes in the frame, as `head` draws them
EYES_AT: Final = (240.0, 256.0)
# Portraits in the model registry. The second person only attacks: glasses and a bowed head make a poor drawing.
_REGISTERED: Final = ("astronaut",)
_REGISTERED_OTHER: Final = "commodore"


@dataclass(frozen=True, eq=False)
class Subject:
    """One person. `smiling` is `None` where there is no second still."""

    name: str
    card: bytes
    portrait: Portrait
    smiling: Portrait | None
    clip: CameraClip
    takes: int

    def __repr__(self) -> str:
        return f"<Subject {self.name}>"

    @cached_property
    def still(self) -> Pixels:
        """The neutral still as a phone's frame: uint8, (640, 480, 3), RGB."""
        if self.smiling is None:
            return self.film(Action.FRONT, 0)[0]
        return self.portrait.framed(FRAME_SIZE, EYES, EYES_AT)[0]

    @cached_property
    def landmarks(self) -> Points:
        """Of `still`."""
        return self.portrait.framed(FRAME_SIZE, EYES, EYES_AT)[1]

    @cached_property
    def smile(self) -> Pixels:
        """The smiling still in the same place; where there is none, a drawn smile."""
        if self.smiling is None:
            return self.film(Action.SMILE, 0)[-1]
        return self.smiling.framed(FRAME_SIZE, EYES, EYES_AT)[0]

    def film(self, action: Action, take: int) -> list[Pixels]:
        """A recording of the action on the day `take`, drawn: into it from the front, then held."""
        return [decode_picture(frame) for frame in self.clip.frames(action, FILM, seed=self._manner + take)]

    @property
    def _manner(self) -> int:
        """Everybody has a manner of their own, which the clip draws from its seed."""
        return TAKES * (int.from_bytes(self.name.encode()) % 1_000_000)


@dataclass(frozen=True)
class People:
    """Where the subjects come from. `folder` is `None` for the rehearsal's portrait; drawn recordings are kept in `kept_in`."""

    folder: Path | None
    kept_in: Path
    takes: int = TAKES

    def names(self) -> list[str]:
        """The people that results are reported on: those at even places. The others were there to develop the rules on."""
        if self.folder is None:
            return list(_REGISTERED)
        return sorted(path.stem for path in (self.folder / "card_jp2").glob("*.jp2"))[::2]

    def subject(self, name: str) -> Subject:
        """Loaded once for a while: attempts of one person come together."""
        return _subject(self, name)

    def others(self, name: str) -> Sequence[str]:
        """Whom the attacker can be."""
        return [other for other in self.names() if other != name] or [_REGISTERED_OTHER]


def people_of(folder: Path | None, kept_in: Path, *, takes: int = TAKES) -> People:
    """The folder's people where it is there, else the rehearsal's."""
    return People(folder if folder is not None and (folder / "card_jp2").is_dir() else None, kept_in, takes)


@lru_cache(maxsize=6)
def _subject(people: People, name: str) -> Subject:
    if people.folder is None:
        portrait = load_portrait(model_path(name))
        return Subject(name, card_photo(portrait), portrait, None, CameraClip(portrait, people.kept_in), people.takes)
    portrait = load_portrait(people.folder / f"live_neutral/{name}.jpg")
    smiling = load_portrait(people.folder / f"live_smile/{name}.jpg")
    card = (people.folder / f"card_jp2/{name}.jp2").read_bytes()
    return Subject(name, card, portrait, smiling, CameraClip(portrait, people.kept_in), people.takes)
