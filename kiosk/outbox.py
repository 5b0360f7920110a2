"""What the server must still hear: sent at every start and every few seconds, until it answers.

Runs in a thread of its own, so that no person waits for it. Sending twice is harmless: every call is idempotent.
"""

import structlog

from kiosk.journal import Journal
from kiosk.record import Record, Step
from kiosk.server import FINAL_REFUSALS, KioskServer
from services.domain.errors import RequestReplayed, ResetError, TerminalRefused, Unavailable

log = structlog.get_logger(__name__)

# A release is asked for again only while the server may not have heard it: it proves nothing, and the lease ends by itself.
_LATER = (Unavailable, TerminalRefused, RequestReplayed)


class Outbox:
    """Works through the journal; holds nothing itself."""

    def __init__(self, journal: Journal, server: KioskServer) -> None:
        self._journal = journal
        self._server = server

    def send(self) -> None:
        """Sends what waits. What the server does not finally answer, or the disk not record, stays for the next time."""
        for record in self._journal.waiting():
            try:
                self._send_one(record)
            except ResetError as problem:
                log.info("outbox_waits", claim=record.claim_id, code=problem.code)

    def _send_one(self, record: Record) -> None:
        match record.step:
            case Step.VERIFIED:
                self._deliver(record)
            case Step.DEAD:
                self._release(record)
            case Step.DONE:
                self._journal.forget(record.claim_id)
            case _:
                self._journal.give_up(record.claim_id, "disk")  # its session ended on a full disk

    def _deliver(self, record: Record) -> None:
        assert record.evidence is not None
        try:
            answer = self._server.complete(record.claim_id, record.evidence)
        except FINAL_REFUSALS as refusal:
            log.warning("evidence_refused", claim=record.claim_id, code=refusal.code)
            self._journal.refuse(record.claim_id, refusal.code)
            return
        log.info("evidence_delivered", claim=record.claim_id, answer=answer.state)
        self._journal.settle(record.claim_id)

    def _release(self, record: Record) -> None:
        try:
            self._server.release(record.claim_id, record.why)
        except _LATER:
            raise
        except ResetError as refusal:
            log.warning("release_refused", claim=record.claim_id, code=refusal.code)
        self._journal.forget(record.claim_id)
