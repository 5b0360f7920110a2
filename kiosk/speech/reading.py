"""A page as it is heard: its texts in order, and what can be chosen on it.

The numbers of the 12-key pad follow from the same order; `static/keypad12.js` counts the same targets.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final, NamedTuple

_VOID: Final = frozenset({"input", "link", "meta", "br", "img", "path", "rect"})
_INLINE: Final = frozenset({"span", "strong", "b", "small", "i", "input"})
_MUTE: Final = frozenset({"script", "style", "title"})
ROMAJI: Final = "ja-Latn"  # the spelling beside a word that is spoken already


class Piece(NamedTuple):
    """One text; `language` where it differs from the page's."""

    text: str
    language: str | None = None


@dataclass
class Target:
    """What can be chosen. `is_on` where it is a switch."""

    is_go: bool = False
    is_on: bool | None = None
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Reading:
    """`texts` of the page's say-part; the targets of its act-part, of its foot, and the languages."""

    texts: list[Piece] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    foot: list[Target] = field(default_factory=list)
    languages: list[Target] = field(default_factory=list)
    is_entry: bool = False

    @property
    def at_once(self) -> list[Target]:
        """What a digit chooses at once. Where a password is entered, digits are typed instead."""
        return [] if self.is_entry else [one for one in self.targets if not one.is_go]

    @property
    def go(self) -> Target | None:
        """What # does: the way on, or the only thing that there is."""
        if len(self.targets) == 1:
            return self.targets[0]
        return next((one for one in self.targets if one.is_go), None)

    @property
    def menu(self) -> list[Target]:
        """What * offers."""
        return [*(one for one in self.targets if self.is_entry and not one.is_go), *self.foot]


class _Open(NamedTuple):
    """An element that is open."""

    tag: str
    part: str | None
    mute: bool
    language: str | None
    target: Target | None


_ROOT: Final = _Open("", None, mute=False, language=None, target=None)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.reading = Reading()
        self._stack: list[_Open] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _INLINE:
            self._flush()
        given = dict(attrs)
        if tag in _VOID:
            return
        up = self._stack[-1] if self._stack else _ROOT
        classes = (given.get("class") or "").split()
        self.reading.is_entry |= "data-entry" in given
        part = _part(tag, classes, given) or up.part
        mute = up.mute or tag in _MUTE or "hidden" in given or "disabled" in given or given.get("aria-hidden") == "true"
        language = given.get("lang") if tag != "html" else None
        if language is not None and language != up.language:
            self._flush()
        target = up.target or (None if mute else self._target(tag, part, classes, given))
        self._stack.append(_Open(tag, part, mute, language or up.language, target))
        if given.get("role") == "img" and not mute:
            self._text.append(given.get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or tag not in [one.tag for one in self._stack]:
            return
        if tag not in _INLINE or self._stack[-1].language != (self._stack[-2].language if self._stack[1:] else None):
            self._flush()
        while self._stack.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and self._stack and not self._stack[-1].mute:
            self._text.append(data)

    def _flush(self) -> None:
        text, self._text = " ".join(" ".join(self._text).split()), []
        if not text or not self._stack or self._stack[-1].language == ROMAJI:
            return
        at = self._stack[-1]
        if at.target is not None:
            at.target.pieces.append(Piece(text, at.language))
        elif at.part == "say":
            self.reading.texts.append(Piece(text, at.language))

    def _target(self, tag: str, part: str | None, classes: list[str], given: dict[str, str | None]) -> Target | None:
        if "data-key" in given or not (tag in ("button", "a") or "sure" in classes) or "popovertarget" in given:
            return None
        lists = {"act": self.reading.targets, "foot": self.reading.foot, "languages": self.reading.languages}
        if part not in lists:
            return None
        pressed = given.get("aria-pressed")
        target = Target("go" in classes, None if pressed is None else pressed == "true")
        lists[part].append(target)
        return target


def _part(tag: str, classes: list[str], given: dict[str, str | None]) -> str | None:
    for name in ("say", "act", "foot"):
        if name in classes:
            return name
    return "languages" if tag == "div" and given.get("id") == "languages" else None


def read(page: str) -> Reading:
    """What there is to hear on one of our own pages."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.reading
