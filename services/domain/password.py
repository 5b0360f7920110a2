"""The two password kinds of the reset, their rules, and a value that cannot be printed.

Rules as J-LIS and municipalities publish them (checklist C3, C5): the signature password has 6 to 16
upper-case letters and digits with at least one of each and 5 tries; the user-authentication password has 4 digits and
3 tries. Waiting never restores a try; a correct entry does.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.domain.errors import PasswordMalformed


class PasswordKind(StrEnum):
    """Which of the card's passwords is meant. Only these two can be reset (checklist 003-16)."""

    SIGNATURE = "signature"
    USER_AUTHENTICATION = "user_authentication"

    @property
    def other(self) -> "PasswordKind":
        """The password that must be known to reset this one."""
        if self is PasswordKind.SIGNATURE:
            return PasswordKind.USER_AUTHENTICATION
        return PasswordKind.SIGNATURE

    @property
    def label(self) -> str:
        """The kind's name on screens (checklist 003-13, 003-15)."""
        return RULES[self].label

    @property
    def rule(self) -> "Rule":
        """The form that a password of this kind must have."""
        return RULES[self]


@dataclass(frozen=True)
class Rule:
    """The form of one password kind."""

    label: str
    pattern: re.Pattern[str]
    explanation: str
    tries: int
    shortest: int
    longest: int


RULES: Final = {
    PasswordKind.SIGNATURE: Rule(
        label="署名用パスワード",
        pattern=re.compile(r"(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}"),
        explanation="英字(大文字)と数字を組み合わせた6文字以上16文字以下",
        tries=5,
        shortest=6,
        longest=16,
    ),
    PasswordKind.USER_AUTHENTICATION: Rule(
        label="利用者証明用パスワード",
        pattern=re.compile(r"[0-9]{4}"),
        explanation="数字4桁",
        tries=3,
        shortest=4,
        longest=4,
    ),
}

LONGEST_ENTRY: Final = 64  # characters; more is not a slip of the finger


class Password:
    """A password in memory that can be wiped: it has no printable form, cannot be pickled, and compares in silence.

    The characters are kept in a bytearray that `wipe` overwrites. Python may have copied the text it came from; the
    owner drops that text at once.
    """

    __slots__ = ("_octets", "kind")

    def __init__(self, kind: PasswordKind, octets: bytes) -> None:
        self.kind = kind
        self._octets = bytearray(octets)

    @classmethod
    def parse(cls, kind: PasswordKind, text: str) -> "Password":
        """Reads what a person typed; full width and lower case are normalised, surrounding spaces dropped.

        A slip that could be meant otherwise (a space inside, a wrong length, another character) is refused here,
        before it can cost a try on the card.

        Raises:
            PasswordMalformed: the text cannot be a password of this kind.
        """
        if len(text) > LONGEST_ENTRY:
            raise PasswordMalformed(kind=kind.label, rule=kind.rule.explanation)
        normal = unicodedata.normalize("NFKC", text).strip().upper()
        if not (normal.isascii() and kind.rule.pattern.fullmatch(normal)):
            raise PasswordMalformed(kind=kind.label, rule=kind.rule.explanation)
        return cls(kind, normal.encode("ascii"))

    @property
    def octets(self) -> bytes:
        """The bytes that go to the card, and nowhere else."""
        return bytes(self._octets)

    def wipe(self) -> None:
        """Overwrites the characters; the object is empty afterwards."""
        for index in range(len(self._octets)):
            self._octets[index] = 0
        self._octets.clear()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Password) and self.kind == other.kind and self._octets == other._octets

    __hash__ = None  # type: ignore[assignment]  # a hash would be a fingerprint of the secret

    def __repr__(self) -> str:
        return f"<Password {self.kind.value}>"

    def __reduce__(self) -> str:
        raise TypeError("a password does not leave the process")
