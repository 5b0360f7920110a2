"""Event → table → effect: the terminal's behaviour, without threads, clocks or screens of its own.

`services.domain.kiosk_session` says which moves there are, the attendant what happens on the way, this file brings them
together. `work` handles what waits in the inbox, one after another, in the caller's thread: the loop's in a shop, the test's in a
test. While an effect runs, new happenings wait; those that end it (a removed card, 中止) are seen between two questions to the
server.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from kiosk.attendant import Answer, Attendant
from kiosk.claiming import Bench
from kiosk.inbox import Happening, Inbox
from kiosk.limits import Limits
from kiosk.manner import PLAIN, Manner
from kiosk.screen import Fault, Screen, deadline_text
from kiosk.stage import Stage
from services.domain.errors import ReservationUsed, ResetError
from services.domain.kiosk_session import KIOSK_SESSION, KioskEvent, KioskState
from services.domain.receipt import Receipt
from services.ports import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.closed import ClosedReason

S, E = KioskState, KioskEvent

WIPED: Final = frozenset(
    {S.DONE, S.FAILED, S.REMOVE_CARD, S.THANKS, S.IDLE, S.CLOSED}
)  # entering one of them ends the session
RESULTS: Final = frozenset({S.DONE, S.FAILED})
NOBODY: Final = frozenset({S.IDLE, S.CLOSED})  # nobody is known to stand there
FRESH: Final = timedelta(seconds=2)
READING_TIME: Final = timedelta(seconds=8)

log = structlog.get_logger(__name__)


class Controller:
    """One terminal. `screen` may be read by any thread; everything else belongs to the one that calls `work`."""

    def __init__(self, bench: Bench, inbox: Inbox, clock: Clock, limits: Limits | None = None) -> None:
        self.screen = Screen(KIOSK_SESSION.initial)
        self._entered_at = clock.now()
        self._manner = PLAIN
        self._closed: ClosedReason | None = None
        self._bench = bench
        self._inbox = inbox
        self._clock = clock
        self._limits = limits or Limits()
        self._attendant = attendant = Attendant(bench, self._interrupted, self._show_stage)
        self._before: dict[tuple[KioskState, KioskEvent], Callable[[Happening], Answer]] = {
            (S.KIND, E.CHOOSE_KIND): attendant.choose_kind,
            (S.PLACE_CARD, E.CARD_PLACED): attendant.meet,
            (S.OTHER_PASSWORD, E.ENTERED): attendant.take_other,
            (S.NEW_PASSWORD, E.ENTERED): attendant.take_new,
            (S.NEW_PASSWORD_AGAIN, E.ENTERED): attendant.take_again,
            (S.NEW_PASSWORD_AGAIN, E.BACK): attendant.forget_new,
            (S.CONFIRM, E.BACK): attendant.forget_new,
            (S.RETURN_CARD, E.CARD_PLACED): attendant.meet_again,
        }
        self._on_entry: dict[KioskState, Callable[[], None]] = {
            S.PLACE_CARD: self._use_card_that_lies_there,
            S.CHECKING: lambda: self._follow(attendant.check()),
            S.RESETTING: lambda: self._follow(attendant.reset()),
            S.REMOVE_CARD: self._end_without_card,
            S.IDLE: self._close_if_shut,
        }

    def work(self) -> None:
        """Handles everything that waits, and then the clock."""
        while (happening := self._inbox.take()) is not None:
            self.handle(happening)
        self.tick()

    def handle(self, happening: Happening) -> None:
        """Handles one happening; what the table does not foresee here and now is nothing."""
        try:
            if happening.event in (E.SHUT, E.OPENED):
                self._shut_or_open(happening)
            elif self._is_meant(happening):
                self._handle(happening)
        finally:
            happening.handled.set()

    def tick(self) -> None:
        """Lets the time-out happen that is due."""
        ends_at = self.screen.ends_at
        if ends_at is not None and self._clock.now() >= ends_at:
            self._move(E.TIMEOUT)

    def abort(self, error: ResetError) -> None:
        """A fault of ours: whatever was going on ends here, wiped, with the fault on the screen."""
        self._enter(S.FAILED, why=error.code, error=error)

    # ── Which moves ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_meant(self, happening: Happening) -> bool:
        if happening.step is not None and happening.step != self.screen.step:
            return False
        return happening.event is None or KIOSK_SESSION.allows(self.screen.state, happening.event)

    def _is_fresh_result(self) -> bool:
        return self.screen.state in RESULTS and self._clock.now() - self._entered_at < FRESH

    def _handle(self, happening: Happening) -> None:
        if happening.paper is not None:
            self.screen = replace(self.screen, paper=happening.paper)
            return
        if happening.event is None:
            self._stay(happening.manner)
            return
        if happening.event is E.CARD_REMOVED and self._is_fresh_result():
            # Who pulls the card too early must still be able to read what it led to: the connection tells of it first, the reader
            # up to 0.4 s later. Who reads slowly or listens has the screen's whole time.
            if not (self._manner.slow or self._manner.voice):
                self.screen = self.screen.ending(self._clock.now() + READING_TIME)
            return
        effect = self._before.get((self.screen.state, happening.event))
        if effect is None:
            self._move(happening.event)
        else:
            self._follow(effect(happening))

    def _shut_or_open(self, happening: Happening) -> None:
        """Whoever stands there is served to the end: the reason is kept until the first screen."""
        event, reason = happening.event, happening.reason
        assert event is not None
        touched, unreasoned = happening.step is not None, (event is E.SHUT) != (reason is not None)
        if touched or unreasoned or reason is self._closed:
            return
        self._closed = reason
        if KIOSK_SESSION.allows(self.screen.state, event):
            self._move(event, None if reason is None else reason.error)

    def _stay(self, manner: Manner | None) -> None:
        self._manner = manner or self._manner
        self.screen = replace(self.screen, manner=self._manner, ends_at=self._end_of(self.screen.state))

    def _interrupted(self) -> bool:
        ends = (E.CANCEL, E.CARD_REMOVED, E.READER_LOST)
        return self._inbox.has(lambda waiting: waiting.event in ends and self._is_meant(waiting))

    def _follow(self, answer: Answer) -> None:
        if answer.event is not None:
            self._move(answer.event, answer.error, pending=answer.pending)
            if answer.receipt is not None:
                self._print(answer.receipt)
        elif answer.error is not None and Fault.of(answer.error) != self.screen.fault:
            self.screen = self._drawn(self.screen.state, answer.error, pending=False)

    def _print(self, receipt: Receipt) -> None:
        """After the result is on the screen, and at once: what becomes of the paper comes back as a happening."""
        step, tell = self.screen.step, self._inbox.post
        begun = self._bench.paper.begin(receipt, lambda paper: tell(Happening(None, step=step, paper=paper)))
        self.screen = replace(self.screen, paper=begun)

    def _move(self, event: KioskEvent, error: ResetError | None = None, *, pending: bool = False) -> None:
        target = KIOSK_SESSION.next(self.screen.state, event)
        if target is S.FAILED and error is None:
            error = self._attendant.why_failed(event)
        self._enter(target, why=event.value if error is None else error.code, error=error, pending=pending)

    def _enter(self, state: KioskState, *, why: str, error: ResetError | None, pending: bool = False) -> None:
        self._entered_at = self._clock.now()
        if state in NOBODY:
            self._manner = PLAIN
        self.screen = self._drawn(state, error, pending=pending)
        log.info("kiosk_screen", state=state.value, why=why)
        if state in WIPED:
            self._attendant.end(why)
        if state in self._on_entry:
            self._on_entry[state]()

    def _drawn(self, state: KioskState, error: ResetError | None, *, pending: bool) -> Screen:
        session = self._attendant.session
        grant = None if session is None else session.grant
        return Screen(
            state,
            kind=None if session is None else session.kind,
            tries_left=session.tries_left if session is not None and state is S.OTHER_PASSWORD else None,
            fault=None if error is None else self._fault(error, state),
            ends_at=self._end_of(state),
            deadline=None if grant is None else deadline_text(grant.expires_at),
            code_words=() if grant is None else grant.code_words,
            ask_card_first=session is not None and session.ask_card_first,
            pending=pending,
            doubt=self._attendant.doubt,
            # Beside "completed before" it would sound like the opposite.
            unchanged=not (session is None or session.ask_card_first or isinstance(error, ReservationUsed)),
            manner=self._manner,
            closed=self._closed if state is S.CLOSED else None,
        )

    def _fault(self, error: ResetError, state: KioskState) -> Fault:
        session, over = self._attendant.session, state is S.FAILED
        # The card's answer to the new password belongs to the end, and to what follows the reset at once.
        try_used = session is not None and session.try_used and (over or self.screen.state is S.RESETTING)
        return Fault.of(error, over=over, doubt=self._attendant.doubt, try_used=try_used)

    def _show_stage(self, stage: Stage) -> None:
        """The same screen, further on: its step stays, and the page only moves a mark."""
        self.screen = replace(self.screen, stage=stage)

    def _end_of(self, state: KioskState) -> datetime | None:
        limit = self._limits.of(state, self._manner)
        return None if limit is None else self._clock.now() + limit

    # ── On the way in ───────────────────────────────────────────────────────────────────────────────────────────────

    def _use_card_that_lies_there(self) -> None:
        if self._bench.desk.card_present:
            self._inbox.drop_reader_events()
            self._inbox.post_from_reader(E.CARD_PLACED)

    def _end_without_card(self) -> None:
        if not self._bench.desk.look():
            self._move(E.CARD_REMOVED)

    def _close_if_shut(self) -> None:
        if self._closed is not None:
            self._move(E.SHUT, self._closed.error)
