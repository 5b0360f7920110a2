"""Every twenty seconds the terminal says how it is and hears what it may do; every second it decides whether it is open.

`attend` asks and `decide` decides, each called about every second by a thread of its own: whatever keeps the first waiting (server,
name look-up, disk), the second notices that the policy's life is over. So a suspension closes a terminal whose server is slow or
silent in under a minute: the newest policy from before it was read 8 s after it was made at the most (`HEARTBEAT_WHOLE_S`), counts
for 45 s (`POLICY_LIFE`), and is looked at every second: 54 s.

Neither ever raises or touches a session: closing applies when whoever stands there has finished.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from kiosk.closed import ClosedReason
from kiosk.duty import Situation, reason_to_close
from kiosk.hours import Hours
from kiosk.identity import Identity
from kiosk.inbox import Inbox
from kiosk.policy import PolicyKeeper
from kiosk.selftest import SelfTest
from kiosk.server import KioskServer
from services.domain.base64url import base64url
from services.domain.errors import (
    BuildSuspended,
    RequestReplayed,
    ResetError,
    TerminalRefused,
    TerminalRevoked,
)
from services.domain.terminal import HEARTBEAT, Report
from services.ports import Clock

NONCE_BYTES: Final = 16

log = structlog.get_logger(__name__)


@dataclass
class Heartbeat:
    """One terminal's. `last_heard_s` is the stopwatch at the last answer of the server, refusals included."""

    server: KioskServer
    selftest: SelfTest
    keeper: PolicyKeeper
    inbox: Inbox
    clock: Clock
    identity: Identity
    hours: Hours
    daily_maintenance: Hours | None = None
    stopwatch: Callable[[], float] = time.monotonic
    reason: ClosedReason | None = ClosedReason.SERVER
    report: Report | None = None
    last_heard_s: float | None = None
    _refused: ClosedReason | None = field(default=None, init=False)
    _offset: timedelta | None = field(default=None, init=False)
    _next_s: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """Nobody is served before the server has said that somebody may."""
        self._next_s = self.stopwatch()
        self.inbox.shut(ClosedReason.SERVER)

    def attend(self) -> None:
        """Beats where it is time to; may take as long as the server does."""
        if self.report is None or self.stopwatch() >= self._next_s:
            self._next_s = self.stopwatch() + HEARTBEAT.total_seconds()
            self._beat()

    def decide(self) -> None:
        """Opens or shuts by what is known now; waits for nobody."""
        if self.report is None:
            return
        situation = Situation(
            now=self.clock.now(),
            report=self.report,
            offset=self._offset,
            policy=self.keeper.policy,
            fresh=self.keeper.fresh,
            refused=self._refused,
            traits=self.identity.traits(self.selftest.build),
            hours=self.hours,
            daily_maintenance=self.daily_maintenance,
        )
        reason = reason_to_close(situation)
        if reason is not self.reason:
            log.info("duty", reason="open" if reason is None else reason.value)
        self.reason = reason
        if reason is None:
            self.inbox.opened()
        else:
            self.inbox.shut(reason)

    def _beat(self) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        closed = "" if self.reason is None else self.reason.value
        offset_ms = None if self._offset is None else round(self._offset.total_seconds() * 1000)
        self.report = self.selftest.run(offset_ms=offset_ms, policy_serial=self.keeper.serial, closed=closed)
        sent_at = self.clock.now()
        try:
            octets, signature = self.server.heartbeat(nonce, self.report)
            self.keeper.accept(octets, signature, base64url(nonce))
        except ResetError as refusal:
            self._take_refusal(refusal)
        except ValueError as strange:
            # A document that is not ours is no answer: after a while without one the terminal closes.
            log.error("policy_refused", why=str(strange))  # noqa: TRY400  # the message says everything
        else:
            self._take_answer(sent_at + (self.clock.now() - sent_at) / 2)

    def _take_answer(self, between: datetime) -> None:
        """`between` is the middle of asking and answer, by our clock."""
        assert self.keeper.policy is not None
        self._refused, self.last_heard_s = None, self.stopwatch()
        self._offset = self.keeper.policy.issued_at - between

    def _take_refusal(self, refusal: ResetError) -> None:
        log.warning("heartbeat_refused", code=refusal.code)
        age_s = refusal.detail.get("age_s")
        match refusal:
            case RequestReplayed() if age_s is not None:
                self._offset = timedelta(seconds=int(age_s))
            case TerminalRevoked() | BuildSuspended():
                self._refused = ClosedReason.SUSPENDED
            case TerminalRefused():
                self._refused = ClosedReason.NOT_ENROLLED
            case _:
                return
        self.last_heard_s = self.stopwatch()
