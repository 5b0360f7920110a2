"""Recorded speech: a file for a text is played in the synthesiser's place.

`<folder>/<language>/<name>.wav`, where the name is the SHA-256 of the text in UTF-8, in lower-case hexadecimal; of Japanese, the
text is the kana of the catalogue `ja-Hrkt`. A text with a number or a time in it has no file, and is read by the synthesiser.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


def recording_name(text: str) -> str:
    """The file's name, without its folder."""
    return f"{sha256(text.encode()).hexdigest()}.wav"


@dataclass(frozen=True)
class Recordings:
    """A folder of them, or none."""

    folder: Path | None = None

    def of(self, text: str, language: str) -> Path | None:
        """The file to be played for this text."""
        if self.folder is None:
            return None
        file = self.folder / language / recording_name(text)
        return file if file.is_file() else None
