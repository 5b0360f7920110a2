"""Command APDUs and status words (ISO/IEC 7816-4:2020, clauses 5.2 and 5.6; JIS X 6319-3:2011).

A command may hold a password, so its data never appears in its `repr`.
"""

from dataclasses import dataclass
from enum import IntEnum

SHORT_DATA = 255
SHORT_ANSWER = 256
EXTENDED_DATA = 65_535
EXTENDED_ANSWER = 65_536


class StatusWord(IntEnum):
    """What a My Number Card answers. Table numbers are those of ISO/IEC 7816-4:2020."""

    OK = 0x9000
    UNLIMITED_TRIES = 0x6300  # table 6, "no information given"; for a retry query: no counter (soltia48/myna-card)
    TRIES_LEFT = 0x63C0  # table 6: the last digit counts; 63C0 is "none left"
    WRONG_LENGTH = 0x6700
    WRONG_FILE_TYPE = 0x6981  # "command incompatible with file structure"
    SECURITY_NOT_SATISFIED = 0x6982
    # JICSAP 5.2.2 and soltia48/myna-card: a blocked key answers 6984 on this card. ISO's 6983 is never sent.
    KEY_BLOCKED = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    WRONG_DATA = 0x6A80
    NOT_FOUND = 0x6A82  # file or application
    RECORD_NOT_FOUND = 0x6A83
    WRONG_PARAMETERS = 0x6A86
    REFERENCE_NOT_FOUND = 0x6A88
    OUTSIDE_FILE = 0x6B00
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00


class Instruction(IntEnum):
    """The instructions in use. Those from 0x20 to 0xCA are ISO/IEC 7816-4's; CHANGE_KEY and SIGN are sent with class 80."""

    VERIFY = 0x20
    CHANGE_REFERENCE_DATA = 0x24
    SIGN = 0x2A
    RESET_RETRY_COUNTER = 0x2C
    CHANGE_KEY = 0x32  # JICSAP / JIS X 6319-3
    EXTERNAL_AUTHENTICATE = 0x82
    GET_CHALLENGE = 0x84
    TERMINAL_AUTHENTICATE = 0xA2  # class 80, observed on test cards (soltia48/myna-card)
    SELECT = 0xA4
    READ_BINARY = 0xB0
    READ_RECORD = 0xB2
    GET_DATA = 0xCA


def tries_in(status: int) -> int | None:
    """The counter in a status word 63Cx; `None` for every other one."""
    return status & 0x0F if status & 0xFFF0 == StatusWord.TRIES_LEFT else None


@dataclass(frozen=True)
class Command:
    """One command. `answer` is how many bytes are wanted at most (Le), `None` for none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    answer: int | None = None

    @property
    def octets(self) -> bytes:
        """The encoded command: short where it fits, extended otherwise (5.2).

        Raises:
            ValueError: more data, or a larger answer, than extended lengths can say.
        """
        if len(self.data) > EXTENDED_DATA or (self.answer or 1) not in range(1, EXTENDED_ANSWER + 1):
            raise ValueError("the command does not fit an APDU")
        header = bytes([self.cla, self.ins, self.p1, self.p2])
        if self.is_extended:
            return header + b"\x00" + _extended(self.data, self.answer)
        lc = bytes([len(self.data)]) + self.data if self.data else b""
        le = b"" if self.answer is None else bytes([self.answer % SHORT_ANSWER])
        return header + lc + le

    @property
    def is_extended(self) -> bool:
        """Whether a length of this command needs more than one byte."""
        return len(self.data) > SHORT_DATA or (self.answer or 0) > SHORT_ANSWER

    @classmethod
    def parse(cls, octets: bytes) -> "Command":
        """Reads a command as a card does.

        Raises:
            ValueError: the lengths do not agree with each other.
        """
        if len(octets) < 4:
            raise ValueError("a command has at least four bytes")
        body = octets[4:]
        data, answer = _extended_body(body) if len(body) > 2 and body[0] == 0 else _short_body(body)
        return cls(octets[0], octets[1], octets[2], octets[3], data, answer)

    def __repr__(self) -> str:
        header = f"{self.cla:02X}{self.ins:02X}{self.p1:02X}{self.p2:02X}"
        return f"<Command {header}, {len(self.data)} bytes, answer {self.answer}>"


def _extended(data: bytes, answer: int | None) -> bytes:
    lc = len(data).to_bytes(2, "big") + data if data else b""
    le = b"" if answer is None else (answer % EXTENDED_ANSWER).to_bytes(2, "big")
    return lc + le


def _short_body(body: bytes) -> tuple[bytes, int | None]:
    """Cases 1 to 4 with one-byte lengths."""
    if len(body) == 0:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or SHORT_ANSWER
    length, rest = body[0], body[1:]
    if length == 0 or len(rest) not in (length, length + 1):
        raise ValueError("Lc does not agree with the command's length")
    if len(rest) == length:
        return rest, None
    return rest[:length], rest[length] or SHORT_ANSWER


def _extended_body(body: bytes) -> tuple[bytes, int | None]:
    """Cases 2 to 4 with a zero byte and two-byte lengths."""
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or EXTENDED_ANSWER
    length, rest = int.from_bytes(body[1:3], "big"), body[3:]
    if length == 0 or len(rest) not in (length, length + 2):
        raise ValueError("Lc does not agree with the command's length")
    if len(rest) == length:
        return rest, None
    return rest[:length], int.from_bytes(rest[length:], "big") or EXTENDED_ANSWER
