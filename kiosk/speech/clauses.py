"""Texts as the synthesiser can take them.

espeak-ng 1.51 knows no Burmese full stop, takes a whole screen for one clause and ends with a buffer overflow (observed; from about
70 characters on, 30 of 65 screens). So Burmese is given to it in short clauses with stops that it knows.
"""

import re
from typing import Final

LONGEST: Final = 40  # characters
_END: Final = re.compile("[။၊\n]")


def in_clauses(text: str, language: str) -> str:
    """The same words for the synthesiser; only Burmese changes."""
    if language != "my":
        return text
    return " ".join(clause for sentence in _END.split(text) for clause in _clauses(sentence))


def _clauses(sentence: str) -> list[str]:
    lines: list[str] = []
    for word in sentence.split():
        if lines and len(lines[-1]) + len(word) < LONGEST:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [f"{line}," for line in lines[:-1]] + [f"{line}." for line in lines[-1:]]
