"""What happens between two screens: the effects of a session, each answered with the event that follows from it.

The attendant holds the session, and with it the passwords; the controller holds the table. An effect never raises an error of
the domain: every misfortune has its event, and the error goes on the screen with it.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from kiosk.card_steps import meet, meet_again, unlock
from kiosk.claiming import Bench, claim
from kiosk.inbox import Happening
from kiosk.patience import Interrupted
from kiosk.reset import Outcome, reset
from kiosk.session import Session
from kiosk.stage import Tell, tell_nobody
from services.domain.errors import (
    CardConnectionLost,
    CardMissing,
    CardRemoved,
    LastTryUnconfirmed,
    PasswordMalformed,
    PasswordRejected,
    PasswordsDiffer,
    PasswordWeak,
    PreviousResultPending,
    ReaderMissing,
    ResetError,
)
from services.domain.kiosk_session import KioskEvent
from services.domain.password import Password
from services.domain.receipt import Receipt
from services.domain.weak_password import refuse_weak

E = KioskEvent

RETURNS: Final = 8  # a contact that trembles, or a holder who tries again and again, in one session
_CARD_LOST: Final = (CardConnectionLost, CardMissing)


class Answer(NamedTuple):
    """What follows. `event` is `None` where the screen stays, with the error on it, or waits for what is in the inbox."""

    event: KioskEvent | None
    error: ResetError | None = None
    pending: bool = False
    receipt: Receipt | None = None


class Attendant:
    """One person after another at one terminal."""

    def __init__(self, bench: Bench, interrupted: Callable[[], bool], tell: Tell = tell_nobody) -> None:
        self.session: Session | None = None
        self._bench = bench
        self._interrupted = interrupted
        self._tell = tell

    @property
    def doubt(self) -> bool:
        """Whether the card may have been changed, in this session or before it, and nobody knows."""
        session = self.session
        return session is not None and session.ask_card_first and not session.proved

    def end(self, why: str) -> None:
        """Wipes; what was claimed and not proved is given back."""
        session, self.session = self.session, None
        if session is not None:
            session.wipe()
            self._bench.desk.close()
            if session.claim_id is not None:
                self._bench.journal.give_up(session.claim_id, why)

    def why_failed(self, event: KioskEvent) -> ResetError:
        """What a removed card, a lost reader or a time-out means at this moment."""
        if self.doubt:
            return PreviousResultPending()
        return ReaderMissing() if event is E.READER_LOST else CardRemoved()

    # ── What the person does ────────────────────────────────────────────────────────────────────────────────────────

    def choose_kind(self, happening: Happening) -> Answer:
        """Begins a session."""
        if happening.kind is None:
            return Answer(None)
        self.session = Session(happening.kind)
        return Answer(E.CHOOSE_KIND)

    def take_other(self, happening: Happening) -> Answer:
        """Takes the other password, where it can be one and the holder accepts what it may cost."""
        session = self._held()
        kind = session.kind.other
        try:
            password = Password.parse(kind, happening.entry)
        except PasswordMalformed as malformed:
            return Answer(E.REJECTED, malformed)
        if session.tries_left == 1 and not happening.last_try_confirmed:
            password.wipe()
            return Answer(E.REJECTED, LastTryUnconfirmed(kind=kind.label))
        session.take_other(password, last_try_confirmed=happening.last_try_confirmed)
        return Answer(E.ENTERED)

    def take_new(self, happening: Happening) -> Answer:
        """Takes the new password for the first time; a weak one is refused before it is typed twice.

        One that an earlier try may have set is not judged before the card was asked: refused here, it could never be proved.
        """
        session = self._held()
        try:
            session.take_new(password := Password.parse(session.kind, happening.entry))
            if not session.ask_card_first:
                refuse_weak(password, session.known)
        except (PasswordMalformed, PasswordWeak) as unfit:
            session.drop_new()
            return Answer(E.REJECTED, unfit)
        return Answer(E.ENTERED)

    def forget_new(self, _: Happening) -> Answer:
        """Forgets the chosen password, so that another can be typed."""
        self._held().drop_new()
        return Answer(E.BACK)

    def take_again(self, happening: Happening) -> Answer:
        """Compares the second entry with the first."""
        session = self._held()
        assert session.new is not None
        try:
            again = Password.parse(session.kind, happening.entry)
        except PasswordMalformed:
            session.drop_new()
            return Answer(E.REJECTED, PasswordsDiffer())
        differ = again != session.new
        again.wipe()
        if differ:
            session.drop_new()
            return Answer(E.REJECTED, PasswordsDiffer())
        return Answer(E.ENTERED)

    # ── What the card does ──────────────────────────────────────────────────────────────────────────────────────────

    def meet(self, _: Happening) -> Answer:
        """Looks at the card that was put down."""
        session = self._held()
        try:
            self._bench.desk.open()
            met = self._bench.desk.run(lambda card: meet(card, session.kind))
        except _CARD_LOST as lost:
            return Answer(None, lost)
        except ReaderMissing as missing:
            return Answer(E.READER_LOST, missing)
        except ResetError as refusal:
            return Answer(E.REFUSED, refusal)
        session.identity, session.tries_left = met.identity, met.tries_left
        return Answer(E.CARD_PLACED)

    def meet_again(self, _: Happening) -> Answer:
        """Looks at the card that came back in the middle of the reset."""
        session = self._held()
        other = session.other
        assert other is not None
        session.returns += 1
        if session.returns > RETURNS:
            return Answer(E.REFUSED, PreviousResultPending() if self.doubt else CardConnectionLost())
        try:
            self._bench.desk.open()
            self._bench.desk.run(lambda card: meet_again(card, session.identity, other))
        except (*_CARD_LOST, ReaderMissing) as lost:
            return Answer(None, lost)
        except ResetError as refusal:
            return Answer(E.REFUSED, refusal)
        return Answer(E.CARD_PLACED)

    # ── What the terminal does ──────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Answer:
        """Presents the other password to the card, and the card to the server."""
        session = self._held()
        other, sure = session.other, session.last_try_confirmed
        assert other is not None
        try:
            self._bench.desk.run(lambda card: unlock(card, session.identity, other, last_try_confirmed=sure))
        except (PasswordRejected, LastTryUnconfirmed) as wrong:
            session.tries_left = int(wrong.detail["tries_left"])
            return Answer(E.REJECTED, wrong)
        except (*_CARD_LOST, ReaderMissing) as lost:
            return _lost(lost)
        except ResetError as refusal:
            return Answer(E.REFUSED, refusal)
        return self._settled(lambda: self._claim(session))

    def reset(self) -> Answer:
        """Sets the new password and proves it."""
        session = self._held()
        return self._settled(lambda: self._reset(session))

    def _claim(self, session: Session) -> Answer:
        claim(self._bench, session, self._interrupted)
        return Answer(E.CLAIMED)

    def _reset(self, session: Session) -> Answer:
        try:
            outcome = reset(self._bench, session, self._interrupted, self._tell)
        except PasswordWeak as weak:
            session.drop_new()
            return Answer(E.REJECTED, weak)
        return Answer(E.RESET_DONE, pending=outcome is Outcome.SET_AND_PENDING, receipt=session.receipt)

    def _settled(self, effect: Callable[[], Answer]) -> Answer:
        try:
            return effect()
        except Interrupted:
            return Answer(None)
        except (*_CARD_LOST, ReaderMissing) as lost:
            return _lost(lost)
        except ResetError as refusal:
            return Answer(E.REFUSED, refusal)

    def _held(self) -> Session:
        assert self.session is not None
        return self.session


def _lost(error: ResetError) -> Answer:
    return Answer(E.READER_LOST if isinstance(error, ReaderMissing) else E.CARD_REMOVED, error)
