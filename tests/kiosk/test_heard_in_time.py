"""Every screen is heard to its end before the warning that its time runs out."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

import pytest
from screen_gallery import GALLERY
from test_speech import hear
from test_synthesiser_gives_up import pytestmark, synthesised

from kiosk.limits import Limits
from kiosk.manner import Manner
from kiosk.screens import UNWARNED
from services.languages import LANGUAGES

__all__ = ["pytestmark"]  # not without espeak-ng

WARNING = timedelta(seconds=20)  # WARN_S of watch.js
BEGINNING = timedelta(seconds=2)  # until the page is there and the synthesiser has begun
WAVE_HEADER, OCTETS_A_SECOND = 44, 2 * 22_050  # what espeak-ng puts out: 16 bits, mono
LONGEST = 3  # screens of one language and limit that are measured: as many characters are about as long


@dataclass(frozen=True)
class Heard:
    screen: str
    language: str
    limit: timedelta
    pieces: tuple

    @property
    def characters(self) -> int:
        return sum(len(piece.text) for piece in self.pieces)

    @property
    def lasts(self) -> timedelta:
        """One process for each stretch, as `Espeak` does it."""
        octets = 0
        for code, some in groupby(self.pieces, lambda piece: piece.language or self.language):
            octets += len(synthesised("\n".join(piece.text for piece in some), code)) - WAVE_HEADER
        return timedelta(seconds=octets / OCTETS_A_SECOND)


def warned(language: str) -> list[Heard]:
    """What is heard of the screens that a warning may break off, with each screen's limit."""
    manner = Manner(language=language, voice=True)
    limits = {name: Limits().of(screen.state, manner) for name, screen in GALLERY.items()}
    return [
        Heard(name, language, limit, tuple(hear(GALLERY[name], language=language)[0]))
        for name, limit in limits.items()
        if limit is not None and GALLERY[name].state not in UNWARNED
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_screens_are_heard_before_the_warning(language):
    found = sorted(warned(language), key=lambda heard: (heard.limit, -heard.characters))
    longest = [one for _, some in groupby(found, lambda heard: heard.limit) for one in list(some)[:LONGEST]]
    late = {one.screen: str(one.lasts) for one in longest if BEGINNING + one.lasts > one.limit - WARNING}
    assert {} == late
