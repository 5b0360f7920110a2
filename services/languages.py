"""The one catalogue of languages, for the resident's pages and for the terminal's screens.

Japanese is the source text of every page and of the error catalogue, and so the key of every translation. A language is a folder
`translations/<code>/LC_MESSAGES` with `messages.po` in it; a text that has no translation yet stays Japanese.
"""

import gettext
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

SOURCE_LANGUAGE: Final = "ja"
# BCP 47 codes with the languages' own names, in the order of the buttons.
LANGUAGES: Final = {
    SOURCE_LANGUAGE: "日本語",
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ko": "한국어",
    "vi": "Tiếng Việt",
    "tl": "Filipino",
    "pt-BR": "Português",
    "ne": "नेपाली",
    "id": "Bahasa Indonesia",
    "my": "မြန်မာ",
    "es": "Español",
    "th": "ไทย",
}
# Japanese in kana, as it is spoken: what a synthesiser reads that knows no kanji. Never shown, so not among the languages.
READING: Final = "ja-Hrkt"
FOLDER: Final = Path(__file__).parent / "translations"


class Words(gettext.NullTranslations):
    """One language's texts, by the Japanese ones."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        """The text in this language, or as it is where nobody has translated it."""
        return self._texts.get(message) or message


@cache
def words(language: str) -> Words:
    """The texts of a language; Japanese where there is no such catalogue."""
    file = FOLDER / language / "LC_MESSAGES" / "messages.po"
    if language not in (*LANGUAGES, READING) or not file.is_file():
        return Words({})
    with file.open("rb") as octets:
        catalogue = read_po(octets, locale=None)
    return Words({str(one.id): str(one.string) for one in catalogue if one.id and not one.fuzzy})
