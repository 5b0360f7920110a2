"""What each step of a visit does: with the visit, the reader's thread and the server."""

from collections.abc import Callable
from typing import Final

import structlog

from reset_app.companion.card_work import look, prove
from reset_app.companion.faults import report
from reset_app.companion.reader_thread import ReaderThread
from reset_app.companion.server import Server
from reset_app.companion.visit import Event, Handover, Stage, Tries, Visit
from services.domain.errors import (
    CardFault,
    CardNumberLocked,
    CardReadingStopped,
    InvalidInput,
    LastTryUnconfirmed,
    PasswordLocked,
    PasswordMalformed,
    PasswordRejected,
    RehearsalRefused,
    ResetError,
    ServerUnreachable,
    Unavailable,
    Unexpected,
)
from services.domain.password import Password
from services.ports import CardChannel, CardFaceProof, CardProof

log = structlog.get_logger()

# By the resident, here and now, without another session. A counter that fell between the look and the entry is looked at again.
MENDABLE: Final = (CardFault, ServerUnreachable, LastTryUnconfirmed)


class Flow:
    """The steps. One visit at a time: a device has one resident and one reader."""

    def __init__(self, reader: ReaderThread, server: Server) -> None:
        self.reader = reader
        self._server = server

    def begin(self, handover: Handover) -> Visit:
        """Takes the session over.

        Raises:
            ServerUnreachable, OriginRefused, or what the server refused with.
        """
        visit = Visit(handover, self._server.attach(handover, reader_name=self.reader.reader_name))
        try:
            self._check_rehearsal(visit)
        except RehearsalRefused as refusal:
            self._refuse(visit, refusal)
        return visit

    def look(self, visit: Visit) -> None:
        """The card lies on the reader, says the resident: ask for the counters, in the reader's thread."""
        visit.move(Event.LOOK)
        self.reader.submit(lambda: self._guarded(visit, self._look))

    def enter(self, visit: Visit, text: str, *, sure: bool) -> None:
        """The resident typed the password. What cannot be one never reaches the card.

        Raises:
            StepNotAllowed: not at this screen.
        """
        kind = visit.task.kind.other
        try:
            password = Password.parse(kind, text)
        except PasswordMalformed as malformed:
            visit.move(Event.REJECTED, error=malformed, other_form=_has_form_of_the_other(visit, text))
            return
        if visit.tries is not None and visit.tries.last and not sure:
            password.wipe()
            visit.move(Event.REJECTED, error=LastTryUnconfirmed(kind=kind.label, tries_left=1))
            return
        try:
            visit.move(Event.ENTER)
        except ResetError:
            password.wipe()
            raise
        self.reader.submit(lambda: self._read(visit, password, sure=sure))

    def stop(self, visit: Visit) -> None:
        """The resident does not want to go on."""
        visit.move(Event.STOP)
        self._tell_failure(visit, CardReadingStopped())

    # ── In the reader's thread ────────────────────────────────────────────────────────────────────────────────────

    def _look(self, visit: Visit) -> None:
        tries = self.reader.with_card(lambda channel: look(channel, visit.task.kind))
        # Which reader it is may be known only now: it can be plugged in at any time.
        self._check_rehearsal(visit)
        if tries.password == 0:
            raise PasswordLocked(kind=visit.task.kind.other.label)
        if tries.number == 0:
            raise CardNumberLocked
        visit.move(Event.SEEN, tries=tries)

    def _check_rehearsal(self, visit: Visit) -> None:
        if self.reader.is_virtual and not visit.task.rehearsal:
            raise RehearsalRefused

    def _read(self, visit: Visit, password: Password, *, sure: bool) -> None:
        def read(visit: Visit) -> None:
            try:
                proof, face = self._proof(visit, password, sure=sure)
            finally:
                password.wipe()
            visit.stage = Stage.SEND
            self._send(visit, proof, face)

        self._guarded(visit, read)

    def _proof(self, visit: Visit, password: Password, *, sure: bool) -> tuple[CardProof, CardFaceProof]:
        def tell(stage: Stage) -> None:
            visit.stage = stage

        def work(channel: CardChannel) -> tuple[CardProof, CardFaceProof]:
            return prove(
                channel,
                visit.task,
                session_id=visit.handover.session_id,
                origin=visit.handover.server,
                password=password,
                sure=sure,
                tell=tell,
            )

        return self.reader.with_card(work)

    def _send(self, visit: Visit, proof: CardProof, face: CardFaceProof) -> None:
        try:
            self._server.send_result(visit.handover, proof, face)
        except ServerUnreachable:
            raise
        except (InvalidInput, Unavailable) as unsaid:
            # The server did not get as far as noting it.
            self._refuse(visit, unsaid)
        except ResetError as refusal:
            visit.move(Event.REFUSED, error=refusal)  # noted by the server itself
        else:
            visit.move(Event.PROVEN)

    def _guarded(self, visit: Visit, work: Callable[[Visit], None]) -> None:
        """The outermost loop of the reader's thread: whatever happens ends on a screen that says what."""
        try:
            work(visit)
        except PasswordRejected as wrong:
            number = visit.tries.number if visit.tries else 0
            visit.move(Event.REJECTED, error=wrong, tries=Tries(wrong.tries_left, number))
        except MENDABLE as trouble:
            visit.move(Event.TROUBLE, error=trouble)
        except ResetError as refusal:
            self._refuse(visit, refusal)
        except Exception as fault:  # noqa: BLE001  # nobody else would hear of it, and the resident would wait for ever
            incident = report(fault)
            self._refuse(visit, Unexpected(incident=incident))

    def _refuse(self, visit: Visit, error: ResetError) -> None:
        self._tell_failure(visit, error)
        visit.move(Event.REFUSED, error=error)

    def _tell_failure(self, visit: Visit, error: ResetError) -> None:
        try:
            self._server.send_failure(visit.handover, error)
        except ResetError as unheard:
            # The page will find out when the session's time has passed; the resident reads the reason here.
            log.warning("failure_not_told", code=error.code, why=unheard.code)


def _has_form_of_the_other(visit: Visit, text: str) -> bool:
    """Whether the entry looks like the password that is to be reset: the most common mix-up of the two."""
    try:
        Password.parse(visit.task.kind, text).wipe()
    except PasswordMalformed:
        return False
    return True
