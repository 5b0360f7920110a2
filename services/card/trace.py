"""A trace of APDUs that anybody may read: names, lengths, status words and times, and only such bytes as are on a list.

What is not on the list is not shown: the data of VERIFY, CHANGE, RESET RETRY COUNTER and EXTERNAL AUTHENTICATE are secrets, what
READ BINARY brings is personal, and what an unknown instruction carries is unknown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from services.card.apdu import Command, Instruction
from services.card.applications import Application
from services.domain.errors import CardConnectionLost
from services.ports import CardChannel

_TITLES = {Instruction.SELECT: "SELECT", Instruction.SIGN: "PSO: COMPUTE DIGITAL SIGNATURE"}
_APPLICATION_TITLES = {
    Application.JPKI: "公的個人認証AP",
    Application.VISUAL: "券面事項確認AP",
    Application.TEXT: "券面事項入力補助AP",
    Application.RESIDENT: "住基AP",
    Application.COMMON: "共通カードAP",
}
_DATA_SHOWN = frozenset({Instruction.SELECT})
_BY_NAME = 0x04  # P1 of SELECT


@dataclass(frozen=True)
class Exchange:
    """One command and what came back. `status` is `None` where no answer came."""

    title: str
    header: str
    data_shown: str
    data_bytes: int
    answer_bytes: int
    status: int | None
    seconds: float

    def __str__(self) -> str:
        sent = self.data_shown or (f"({self.data_bytes} bytes hidden)" if self.data_bytes else "")
        status = "no answer" if self.status is None else f"{self.status:04X}"
        answer = f" +{self.answer_bytes} bytes" if self.answer_bytes else ""
        return f"{self.header} {sent} → {status}{answer}  {self.title}  {self.seconds * 1000:.1f} ms".replace(
            "  →", " →"
        )


class TracingChannel:
    """A card channel that tells `tell` about every exchange, redacted."""

    def __init__(self, channel: CardChannel, tell: Callable[[Exchange], None]) -> None:
        self._channel = channel
        self._tell = tell

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Passes the command on; see `CardChannel.transmit`."""
        begun = perf_counter()
        try:
            answer, status = self._channel.transmit(command)
        except CardConnectionLost:
            self._tell(_redacted(command, 0, None, perf_counter() - begun))
            raise
        self._tell(_redacted(command, len(answer), status, perf_counter() - begun))
        return answer, status

    def close(self) -> None:
        """Passes it on."""
        self._channel.close()


def _redacted(octets: bytes, answer_bytes: int, status: int | None, seconds: float) -> Exchange:
    header = octets[:4].hex().upper()
    try:
        command = Command.parse(octets)
    except ValueError:
        return Exchange("?", header, "", max(0, len(octets) - 4), answer_bytes, status, seconds)
    shown = command.data.hex().upper() if command.ins in _DATA_SHOWN else ""
    return Exchange(_title(command), header, shown, len(command.data), answer_bytes, status, seconds)


def _title(command: Command) -> str:
    try:
        instruction = Instruction(command.ins)
    except ValueError:
        return f"INS {command.ins:02X}"
    if instruction is Instruction.VERIFY and not command.data:
        return "VERIFY (tries left?)"
    name = _TITLES.get(instruction, instruction.name.replace("_", " "))
    if instruction is not Instruction.SELECT:
        return name
    if command.p1 != _BY_NAME:
        return f"{name} EF"
    known = next((title for app, title in _APPLICATION_TITLES.items() if app.value == command.data), "?")
    return f"{name} {known}"
