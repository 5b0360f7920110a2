"""The voice: `espeak-ng`, one process for each stretch of one language, its text on standard input."""

import subprocess
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from kiosk.speech.reading import Piece

ESPEAK: Final = "/usr/bin/espeak-ng"
LONGEST_S: Final = 120  # one stretch; a synthesiser that hangs is ended
SPEED: Final = "150"  # words a minute; espeak-ng's own is 175
# espeak-ng 1.51's own names. It has no Filipino; Indonesian reads its spelling most alike (a guess, heard by nobody who speaks it).
VOICES: Final = {
    "ja": "ja", "en": "en-us", "zh-Hans": "cmn-latn-pinyin", "zh-Hant": "cmn-latn-pinyin", "ko": "ko", "vi": "vi", "tl": "id",
    "pt-BR": "pt-br", "ne": "ne", "id": "id", "my": "my", "es": "es-419", "th": "th",
}  # fmt: skip


class Voice(Protocol):
    """Speaks. Both return at once."""

    def say(self, pieces: Sequence[Piece], language: str) -> None:
        """Stops what is being said, and says this; `language` where a piece has none."""

    def stop(self) -> None:
        """Says no more."""


class Silence:
    """A terminal without a voice."""

    def say(self, pieces: Sequence[Piece], language: str) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


SILENCE: Final = Silence()


class Espeak:
    """Speaks while headphones are plugged in, as the file `headphones` tells: `1`, or a line `HEADPHONE=1` (Linux extcon)."""

    def __init__(self, headphones: Path, program: str = ESPEAK) -> None:
        self._headphones = headphones
        self._program = program
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = 0

    def say(self, pieces: Sequence[Piece], language: str) -> None:
        """Begins to speak, in a thread."""
        turn = self._next_turn()
        if self._are_plugged():
            threading.Thread(target=self._say, args=(turn, list(pieces), language), daemon=True).start()

    def stop(self) -> None:
        """Ends the process."""
        self._next_turn()

    def _are_plugged(self) -> bool:
        try:
            told = self._headphones.read_text(encoding="ascii", errors="replace").split()
        except OSError:
            return False
        return told == ["1"] or "HEADPHONE=1" in told

    def _next_turn(self) -> int:
        with self._lock:
            self._turn += 1
            if self._process is not None:
                self._process.kill()
            return self._turn

    def _say(self, turn: int, pieces: list[Piece], language: str) -> None:
        for code, some in groupby(pieces, lambda piece: piece.language or language):
            process = self._begin(turn, VOICES.get(code, VOICES["en"]))
            if process is None:
                return
            try:
                process.communicate("\n".join(piece.text for piece in some).encode(), timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _begin(self, turn: int, voice: str) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if turn != self._turn:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603  # our own words only; the text is on standard input
                    [self._program, "-v", voice, "-s", SPEED, "--stdin"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:  # a terminal whose voice is broken still shows its pages
                return None
            return self._process
