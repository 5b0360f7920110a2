"""`python -m services.texts` says what the catalogues lack; `… update` writes every text into them, the missing ones empty.

The texts are the Japanese ones: `_('…')` in the terminal's templates and `_("…")` in its code, the errors that a terminal can show,
and the password rules. Every language must have all of them, none fuzzy, with the same placeholders, and nothing besides. The
resident's pages use the same catalogues: their texts may be missing, and then stay Japanese; what is there is held to the same
rules.
`ja-Hrkt` is the reading of every text, for speech, and must be kana.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from babel.messages import extract
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from services.domain.errors import catalogue
from services.domain.password import RULES
from services.languages import FOLDER, LANGUAGES, READING, SOURCE_LANGUAGE

ROOT: Final = Path(__file__).parent.parent
KEYWORDS: Final = {"_": None}
# Fixed, so that a catalogue changes with its texts alone.
HEADER: Final = """msgid ""
msgstr ""
"Language: {}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
CATALOGUES: Final = (*(language for language in LANGUAGES if language != SOURCE_LANGUAGE), READING)
# Kanji, and letters, which a Japanese voice reads as English.
UNREADABLE: Final = re.compile(r"[\u3400-\u9fffA-Za-z]")
PLACEHOLDER: Final = re.compile(r"%\(\w+\)s")
# Errors that only a phone, a companion or the console shows: pictures, faces, the front's fields, sign-in.
NOT_AT_A_TERMINAL: Final = re.compile(
    r"PR-(1002|1104|1105|12\d\d|2002|2003|2007|2009|2010|2011|320\d|330\d|3401|3405|3408|3602|400[24]|5001|5004|700[235])"
)


def _extracted(folder: Path, pattern: str, method: str) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.glob(pattern)):
        with file.open("rb") as octets:
            for line, text, _, _ in extract.extract(method, octets, keywords=KEYWORDS):
                yield str(text), f"{file.relative_to(ROOT).as_posix()}:{line}"


def _errors(*, at_a_terminal: bool) -> Iterator[tuple[str, str]]:
    for error in catalogue():
        if at_a_terminal is not bool(NOT_AT_A_TERMINAL.fullmatch(error.code)):
            for text in (error.message, error.cost, error.remedy, error.helper):
                yield text, error.code


def required() -> dict[str, str]:
    """Every text that a terminal can show, and where it stands first."""
    rules = ((text, kind.name) for kind, rule in RULES.items() for text in (rule.label, rule.explanation))
    return _first(
        _extracted(ROOT / "kiosk/templates", "*.html", "jinja2.ext:babel_extract"),
        _extracted(ROOT / "kiosk", "**/*.py", "python"),
        rules,
        _errors(at_a_terminal=True),
    )


def allowed() -> dict[str, str]:
    """The texts that are shown elsewhere, and may still be missing."""
    return _first(
        _extracted(ROOT / "reset_app/templates", "*.html", "jinja2.ext:babel_extract"),
        _extracted(ROOT / "reset_app/templates/resident", "*.html", "jinja2.ext:babel_extract"),
        _extracted(ROOT / "reset_app/resident", "*.py", "python"),
        _errors(at_a_terminal=False),
    )


def _first(*sources: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sources:
        for text, where in source:
            found.setdefault(text, where)
    return found


def file_of(language: str) -> Path:
    """Where a language's catalogue is."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def load(language: str) -> Catalog:
    """A language's catalogue; empty where there is none yet."""
    file = file_of(language)
    if not file.is_file():
        return Catalog()
    with file.open("rb") as octets:
        return read_po(octets, locale=None, abort_invalid=True)


def complaints(catalogue: Catalog, required: dict[str, str], allowed: dict[str, str]) -> list[str]:
    """What is wrong with one catalogue, one line each."""
    wrong = []
    for text, where in required.items():
        entry = catalogue.get(text)
        if entry is None or not entry.string:
            wrong.append(f"missing ({where}): {text}")
    for entry in catalogue:
        if not entry.id:
            continue
        if entry.id not in required and entry.id not in allowed:
            wrong.append(f"no longer used: {entry.id}")
        if entry.fuzzy:
            wrong.append(f"fuzzy: {entry.id}")
        if entry.string and _placeholders(entry.id) != _placeholders(entry.string):
            wrong.append(f"other placeholders: {entry.id}")
    return wrong


def _placeholders(text: object) -> list[str]:
    return sorted(PLACEHOLDER.findall(str(text)))


def check() -> list[str]:
    """What is wrong with the catalogues of all languages."""
    needed, more = required(), allowed()
    wrong = [f"{language}: {line}" for language in CATALOGUES for line in complaints(load(language), needed, more)]
    return [
        *wrong,
        *(f"{READING}: not kana: {entry.id}" for entry in load(READING) if entry.id and not _is_kana(entry)),
    ]


def _is_kana(entry: Message) -> bool:
    return UNREADABLE.search(PLACEHOLDER.sub("", str(entry.string))) is None


def update(languages: Iterable[str], more: dict[str, dict[str, str]] | None = None) -> None:
    """Writes the catalogues anew: the translations that are there, empty entries for those that are not."""
    texts = required()
    elsewhere = {text: where for text, where in allowed().items() if text not in texts}
    for language in languages:
        old, fresh = load(language), Catalog()
        new = (more or {}).get(language, {})
        for text, where in {**texts, **elsewhere}.items():
            entry = old.get(text)
            string = new.get(text) or (entry.string if entry is not None else "")
            if string or text in texts:
                fresh.add(text, string, auto_comments=[where.split(":")[0]])
        file_of(language).parent.mkdir(parents=True, exist_ok=True)
        with file_of(language).open("wb") as octets:
            octets.write(HEADER.format(language).encode())
            write_po(octets, fresh, width=0, omit_header=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update(CATALOGUES)
    lines = check()
    print("\n".join(lines) or "every text in every language")  # noqa: T201  # a command's answer
    sys.exit(bool(lines))
