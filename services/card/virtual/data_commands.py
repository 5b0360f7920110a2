"""SELECT, READ BINARY, READ RECORD and GET DATA of the virtual card."""

from services.card.apdu import SHORT_ANSWER, Command, StatusWord
from services.card.tlv import encode
from services.card.virtual.filesystem import ISSUER_DOMAIN, DataFile, Folder, RecordFile
from services.card.virtual.memory import CardMemory, CardRefusal, Session

BY_FILE_NUMBER = 0x02
BY_NAME = 0x04
WITH_CONTROL_INFORMATION = 0x00
WITHOUT_ANSWER = 0x0C
SHORTEST_NAME = 5  # a registered identifier; a DF name's prefix selects too (JICSAP 4.2)
ATR_WITHOUT_TS = bytes.fromhex("E000FF8131FE4514")


def select(memory: CardMemory, command: Command) -> bytes:
    """SELECT: an application by name, an EF by number, or the MF that is not there."""
    match command.p1, command.p2:
        case (0x04, 0x00 | 0x0C):
            return _select_application(memory, command)
        case (0x02, 0x0C):
            return _select_file(memory, command)
        case (0x00, 0x00 | 0x0C):
            return _select_master(memory, command)
    raise CardRefusal(StatusWord.WRONG_PARAMETERS)


def _select_application(memory: CardMemory, command: Command) -> bytes:
    folder = _folder(memory, command.data)
    memory.session = Session(folder)
    if command.p2 == WITHOUT_ANSWER or command.answer is None:
        return b""
    return encode(0x6F, encode(0x84, folder.name))[: command.answer]


def _folder(memory: CardMemory, name: bytes) -> Folder:
    if len(name) < SHORTEST_NAME:
        raise CardRefusal(StatusWord.NOT_FOUND)
    for folder in memory.folders:
        if folder.name.startswith(name):
            return folder
    raise CardRefusal(StatusWord.NOT_FOUND)


def _select_file(memory: CardMemory, command: Command) -> bytes:
    if len(command.data) != 2:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    number = int.from_bytes(command.data, "big")
    if number not in memory.session.folder.files:
        raise CardRefusal(StatusWord.NOT_FOUND)
    memory.session.file = number
    return b""


def _select_master(memory: CardMemory, command: Command) -> bytes:
    """6A86 right after a reset, 9000 without effect inside an application, and 3F00 is never found (soltia48/myna-card)."""
    if command.data:
        raise CardRefusal(StatusWord.NOT_FOUND)
    if memory.session.folder is ISSUER_DOMAIN:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    return b""


def read_binary(memory: CardMemory, command: Command) -> bytes:
    """READ BINARY of the selected EF, or of the one that P1 names by its short id."""
    offset = command.p1 << 8 | command.p2
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise CardRefusal(StatusWord.WRONG_PARAMETERS)
        number = memory.session.folder.by_short_id(command.p1 & 0x1F)
        if number is None:
            raise CardRefusal(StatusWord.NOT_FOUND)
        memory.session.file = number
        offset = command.p2
    if command.answer is None or command.data:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    content = _content(memory)
    if offset >= len(content):
        raise CardRefusal(StatusWord.OUTSIDE_FILE)
    return content[offset : offset + command.answer]


def _content(memory: CardMemory) -> bytes:
    _, file = memory.file(0)
    if not isinstance(file, DataFile):
        raise CardRefusal(StatusWord.WRONG_FILE_TYPE)
    if file.sealed or (file.opened_by and not file.opened_by & memory.session.verified):
        raise CardRefusal(StatusWord.SECURITY_NOT_SATISFIED)
    return file.content


def read_record(memory: CardMemory, command: Command) -> bytes:
    """READ RECORD by number, P2 = short id << 3 | 4."""
    if command.p2 & 0x07 != 0x04:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    if command.answer is None or command.data:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    short_id = command.p2 >> 3
    number = memory.session.folder.by_short_id(short_id) if short_id else memory.session.file
    if number is None:
        raise CardRefusal(StatusWord.NOT_FOUND if short_id else StatusWord.NO_CURRENT_FILE)
    file = memory.session.folder.files[number]
    if not isinstance(file, RecordFile):
        raise CardRefusal(StatusWord.WRONG_FILE_TYPE)
    if not 1 <= command.p1 <= len(file.records):
        raise CardRefusal(StatusWord.RECORD_NOT_FOUND)
    return file.records[command.p1 - 1][: min(command.answer, SHORT_ANSWER)]


def get_data(memory: CardMemory, command: Command) -> bytes:
    """GET DATA, in the issuer's domain only: municipality, expiry, and the ATR. Other tags of the real card are not kept."""
    contents = memory.contents
    objects = {
        0x00F0: contents.municipality.encode("ascii"),
        0x00F2: f"{contents.expiry:%Y%m%d}".encode("ascii"),
        0x5F51: ATR_WITHOUT_TS,
    }
    tag = command.p1 << 8 | command.p2
    if memory.session.folder is not ISSUER_DOMAIN or tag not in objects:
        raise CardRefusal(StatusWord.REFERENCE_NOT_FOUND)
    if command.answer is None:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    return objects[tag][: command.answer]
