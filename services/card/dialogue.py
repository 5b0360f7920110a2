"""One command, one answer, one judgement: what the session says to the card, and what it takes for an answer.

Everything the card says is treated as hostile: lengths are bounded before anything is read, an answer may never be longer than
asked, and a status word that the interface does not foresee is `CardAnswerUnexpected`.
"""

from services.card.apdu import SHORT_ANSWER, Command, Instruction, StatusWord, tries_in
from services.card.applications import Application
from services.card.tlv import announced_length
from services.domain.errors import CardAnswerUnexpected, NotMyNumberCard, ProofMalformed
from services.ports import CardChannel

CURRENT_FILE = 0x80  # P2: the key EF that is selected
APPLICATION_KEY = 0x00  # P2 of SIGN: the application's default key


class Dialogue:
    """The commands of spec/card.md 1.3 over one channel. It remembers the selected application, and nothing else.

    Selecting another application clears every security status on the card, so the selected one is not selected again.
    """

    def __init__(self, channel: CardChannel) -> None:
        self._channel = channel
        self._application: Application | None = None

    def ask(self, command: Command) -> tuple[bytes, int]:
        """Sends the command; returns data and status word.

        Raises:
            CardConnectionLost: no answer came.
            CardAnswerUnexpected: more data than asked for.
        """
        answer, status = self._channel.transmit(command.octets)
        if len(answer) > (command.answer or 0):
            raise CardAnswerUnexpected(status=f"{status:04X}", answer_bytes=len(answer))
        return answer, status

    def demand(self, command: Command) -> bytes:
        """Sends a command that must succeed; returns its data."""
        answer, status = self.ask(command)
        if status != StatusWord.OK:
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{command.ins:02X}")
        return answer

    def select_application(self, application: Application) -> None:
        """Makes the application current, once.

        Raises:
            NotMyNumberCard: the card has no such application.
        """
        if self._application is application:
            return
        self._application = None
        _, status = self.ask(Command(0x00, Instruction.SELECT, 0x04, 0x0C, application.value))
        if status == StatusWord.NOT_FOUND:
            raise NotMyNumberCard(application=application.name)
        if status != StatusWord.OK:
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{Instruction.SELECT:02X}")
        self._application = application

    def has_file(self, file: int) -> bool:
        """Selects the EF where it exists; says whether it does."""
        _, status = self.ask(Command(0x00, Instruction.SELECT, 0x02, 0x0C, file.to_bytes(2, "big")))
        if status not in (StatusWord.OK, StatusWord.NOT_FOUND):
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{Instruction.SELECT:02X}")
        return status == StatusWord.OK

    def select_file(self, file: int) -> None:
        """Selects an EF that must exist."""
        if not self.has_file(file):
            raise CardAnswerUnexpected(status=f"{StatusWord.NOT_FOUND:04X}", file=f"{file:04X}")

    def read(self, offset: int, length: int) -> bytes:
        """Exactly so many bytes of the selected EF, at most 256."""
        answer = self.demand(Command(0x00, Instruction.READ_BINARY, offset >> 8, offset & 0xFF, answer=length))
        if len(answer) != length:
            raise CardAnswerUnexpected(wanted=length, answer_bytes=len(answer))
        return answer

    def read_object(self, limit: int) -> bytes:
        """The one data object in the selected EF, header included, without the filler behind it.

        The header says how long it is; `limit` says how long it may be, so that no card keeps us reading.
        """
        start = self.demand(Command(0x00, Instruction.READ_BINARY, 0, 0, answer=SHORT_ANSWER))
        try:
            total = announced_length(start)
        except ProofMalformed as problem:
            raise CardAnswerUnexpected(instruction=f"{Instruction.READ_BINARY:02X}") from problem
        if total > limit:
            raise CardAnswerUnexpected(announced=total, limit=limit)
        octets = bytearray(start[:total])
        while len(octets) < total:
            octets += self.read(len(octets), min(SHORT_ANSWER, total - len(octets)))
        return bytes(octets)

    def tries_left(self) -> int:
        """The counter of the selected key EF. Costs nothing: the command carries no data."""
        _, status = self.ask(Command(0x00, Instruction.VERIFY, 0x00, CURRENT_FILE))
        tries = tries_in(status)
        # OpenSC and test cards agree on 63Cx here; JICSAP also lets a blocked key say so.
        if status == StatusWord.KEY_BLOCKED:
            return 0
        if tries is None:
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{Instruction.VERIFY:02X}")
        return tries

    def verify(self, secret: bytes) -> int | None:
        """Presents the secret to the selected key EF; `None` where it was right, otherwise the tries that are left."""
        _, status = self.ask(Command(0x00, Instruction.VERIFY, 0x00, CURRENT_FILE, secret))
        if status == StatusWord.OK:
            return None
        if status == StatusWord.KEY_BLOCKED:
            return 0
        tries = tries_in(status)
        if tries is None:
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{Instruction.VERIFY:02X}")
        return tries

    def sign(self, digest_info: bytes, key: int = CURRENT_FILE) -> bytes:
        """The card's PKCS#1 v1.5 signature over these very bytes (P1=00, "verbatim")."""
        signature = self.demand(Command(0x80, Instruction.SIGN, 0x00, key, digest_info, SHORT_ANSWER))
        if len(signature) != SHORT_ANSWER:
            raise CardAnswerUnexpected(wanted=SHORT_ANSWER, answer_bytes=len(signature))
        return signature
