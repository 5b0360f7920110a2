"""The letterings that the reader draws digits in, and which of them are of one family."""

from functools import cache
from typing import Final

from services.rehearsal.front_drawing import FontName

FACES: Final[tuple[FontName, ...]] = ("mincho", "serif", "serif-bold", "gothic", "sans", "sans-bold", "mono-bold")
_FAMILIES: Final[tuple[frozenset[FontName], ...]] = (
    frozenset({"mincho", "mincho-proportional"}),  # IPA Mincho
    frozenset({"serif", "serif-bold"}),  # Noto Serif
    frozenset({"gothic", "gothic-thin"}),  # IPA Gothic
    frozenset({"sans", "sans-bold", "mono-bold"}),  # Noto Sans
)


@cache
def kin(name: FontName) -> frozenset[int]:
    """Rows of `FACES` that a reader who has never seen this lettering would not have; none for what is held out."""
    family = next((each for each in _FAMILIES if name in each), frozenset())
    return frozenset(row for row, face in enumerate(FACES) if face in family)
