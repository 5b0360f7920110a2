"""The voice: a recording where there is one, else `espeak-ng`, one process for each stretch, its text on standard input."""

import subprocess
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from kiosk.speech.clauses import in_clauses
from kiosk.speech.reading import Piece
from kiosk.speech.recordings import Recordings

ESPEAK: Final = "/usr/bin/espeak-ng"
PLAYER: Final = "/usr/bin/aplay"  # Debian's alsa-utils
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
NONE: Final = Recordings()


class Espeak:
    """Speaks while headphones are plugged in, as the file `headphones` tells: `1`, or a line `HEADPHONE=1` (Linux extcon)."""

    def __init__(
        self, headphones: Path, recordings: Recordings = NONE, *, program: str = ESPEAK, player: str = PLAYER
    ) -> None:
        self._headphones = headphones
        self._recordings = recordings
        self._program = program
        self._player = player
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
        for (code, file), some in groupby(pieces, lambda piece: self._source(piece, language)):
            text = "" if file else in_clauses("\n".join(piece.text for piece in some), code)
            process = self._begin(turn, self._command(code, file))
            if process is None:
                return
            try:
                process.communicate(text.encode(), timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _source(self, piece: Piece, language: str) -> tuple[str, Path | None]:
        code = piece.language or language
        return code, self._recordings.of(piece.text, code)

    def _command(self, code: str, file: Path | None) -> list[str]:
        if file is not None:
            return [self._player, "-q", str(file)]
        return [self._program, "-v", VOICES.get(code, VOICES["en"]), "-s", SPEED, "--stdin"]

    def _begin(self, turn: int, command: list[str]) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if turn != self._turn:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603  # our own words and files; the text is on standard input
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:  # a terminal whose voice is broken still shows its pages
                return None
            return self._process
