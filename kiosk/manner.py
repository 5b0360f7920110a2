"""How the terminal talks to the person in front of it: language and presentation, chosen on it, forgotten with the session."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from services.languages import LANGUAGES, SOURCE_LANGUAGE


@dataclass(frozen=True)
class Manner:
    """The choices. Every one but the language is on or off."""

    language: str = SOURCE_LANGUAGE
    large: bool = False  # large text
    contrast: bool = False  # light on black
    slow: bool = False  # twice the time everywhere
    low: bool = False  # every target in the lower half, for arms that do not reach higher
    voice: bool = False  # every screen is spoken
    shuffled: bool = False  # the digits of the keypad in another order each time, against who looks on

    def with_choices(self, choices: Mapping[str, str]) -> "Manner":
        """The manner after these choices, `language=<code>` or `<name>=on|off`; what is no choice is left out."""
        switches = {field.name for field in fields(self) if field.type is bool}
        changed = {
            name: value == "on" for name, value in choices.items() if name in switches and value in ("on", "off")
        }
        language = choices.get("language", self.language)
        return replace(self, **changed, language=language if language in LANGUAGES else self.language)

    def __str__(self) -> str:
        """The language and what is on, one word each: what a page and its style sheet see."""
        return " ".join([self.language, *(field.name for field in fields(self) if getattr(self, field.name) is True)])


PLAIN: Final = Manner()
