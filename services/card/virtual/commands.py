"""The virtual card's commands: one function each, found by class and instruction (spec/card.md 1.3).

Not emulated: SET SESSION KEY and secure messaging. Where no source says what the card answers, the comment says "guess".
"""

from collections.abc import Callable, Mapping
from typing import Final

from services.card.apdu import SHORT_ANSWER, Command, Instruction, StatusWord
from services.card.virtual import data_commands, pin_commands, unblock_commands
from services.card.virtual.filesystem import KeyFile
from services.card.virtual.memory import CardMemory, CardRefusal
from services.card.virtual.signing import SCHEMES

Handler = Callable[[CardMemory, Command], bytes]

ISO: Final = 0x00
PROPRIETARY: Final = 0x80


def execute(memory: CardMemory, command: Command) -> bytes:
    """Carries the command out; returns the answer's data.

    Raises:
        CardRefusal: any status word but 9000.
    """
    handler = HANDLERS.get((command.cla, command.ins))
    if handler:
        return handler(memory, command)
    known_class = command.cla in (ISO, PROPRIETARY)
    raise CardRefusal(StatusWord.UNKNOWN_INSTRUCTION if known_class else StatusWord.UNKNOWN_CLASS)


def sign(memory: CardMemory, command: Command) -> bytes:
    """PSO: COMPUTE DIGITAL SIGNATURE, 80 2A."""
    if command.p1 not in SCHEMES:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    scheme, lengths = SCHEMES[command.p1]
    file = _signing_key(memory, command.p2)
    if file.opened_by and not file.opened_by & memory.session.verified:
        raise CardRefusal(StatusWord.SECURITY_NOT_SATISFIED)
    if len(command.data) not in lengths or (command.answer or 0) < SHORT_ANSWER:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    if file.key is None:
        raise CardRefusal(StatusWord.CONDITIONS_NOT_SATISFIED)
    return scheme(file.key, command.data)


def _signing_key(memory: CardMemory, p2: int) -> KeyFile:
    folder = memory.session.folder
    if p2 == 0x00:
        if folder.default_key is None:
            raise CardRefusal(StatusWord.REFERENCE_NOT_FOUND)
        file = folder.files[folder.default_key]
    elif p2 & 0xE0 == 0x80:
        _, file = memory.file(p2)
    else:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    if not isinstance(file, KeyFile):
        raise CardRefusal(StatusWord.WRONG_FILE_TYPE)
    return file


def terminal_authenticate(_: CardMemory, command: Command) -> bytes:
    """80 A2 00 C1: no terminal's CV certificate is known to this card, and a test card answers 6700 to all it does not like."""
    raise CardRefusal(
        StatusWord.WRONG_LENGTH if (command.p1, command.p2) == (0x00, 0xC1) else StatusWord.WRONG_PARAMETERS
    )


HANDLERS: Final[Mapping[tuple[int, int], Handler]] = {
    (ISO, Instruction.SELECT): data_commands.select,
    (ISO, Instruction.READ_BINARY): data_commands.read_binary,
    (ISO, Instruction.READ_RECORD): data_commands.read_record,
    (ISO, Instruction.GET_DATA): data_commands.get_data,
    (ISO, Instruction.VERIFY): pin_commands.verify,
    (ISO, Instruction.CHANGE_REFERENCE_DATA): pin_commands.change_pin,
    (PROPRIETARY, Instruction.CHANGE_KEY): pin_commands.change_key,
    (PROPRIETARY, Instruction.SIGN): sign,
    (PROPRIETARY, Instruction.TERMINAL_AUTHENTICATE): terminal_authenticate,
    (ISO, Instruction.GET_CHALLENGE): unblock_commands.get_challenge,
    (ISO, Instruction.EXTERNAL_AUTHENTICATE): unblock_commands.external_authenticate,
    (ISO, Instruction.RESET_RETRY_COUNTER): unblock_commands.reset_retry_counter,
}
