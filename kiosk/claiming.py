"""The claim: the card proves that it is here, and the server says whether a reservation waits for it.

`spec/card.md` section 5, steps 2 and 3. The id is on disk before the server can have heard it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from kiosk.answers import Grant
from kiosk.card_steps import sign_claim
from kiosk.crash import CrashPoint, PowerCut, no_power_cut
from kiosk.journal import Journal
from kiosk.paper import NO_PAPER, PaperDesk
from kiosk.patience import Interrupted, Patience
from kiosk.reader import CardDesk
from kiosk.record import Step
from kiosk.server import KioskServer
from kiosk.session import Session
from services.domain.errors import NonceUsed, Unavailable
from services.ports import CardProof

NONCES: Final = 3  # refused one after another, with no silence in between that would explain it: not an accident


def new_claim_id() -> str:
    """A claim's id, made here so that a lost answer can be asked for again."""
    return str(uuid4())


@dataclass(frozen=True)
class Bench:
    """What a session is worked on with: chosen in `__main__`."""

    desk: CardDesk
    server: KioskServer
    journal: Journal
    patience: Patience
    cut: PowerCut = no_power_cut
    paper: PaperDesk = NO_PAPER
    new_claim_id: Callable[[], str] = new_claim_id


def claim(bench: Bench, session: Session, interrupted: Callable[[], bool]) -> None:
    """Claims the card's reservation, under a fresh id; the session has the grant afterwards.

    Raises:
        Interrupted, and the errors of the card, the journal and the server.
    """
    claim_id = bench.new_claim_id()
    session.claim_id = claim_id
    bench.journal.advance(claim_id, Step.CLAIMING)
    bench.cut(CrashPoint.CLAIMING_JOURNALLED)
    question = _Question(bench, session, claim_id, interrupted)
    session.grant = bench.patience.ask(question.ask, interrupted=interrupted)
    bench.cut(CrashPoint.CLAIM_ANSWERED)
    bench.journal.advance(claim_id, Step.CLAIMED)
    bench.cut(CrashPoint.CLAIMED_JOURNALLED)


class _Question:
    """One claim, asked with the same nonce and proof until the server refuses the nonce, and then with fresh ones."""

    def __init__(self, bench: Bench, session: Session, claim_id: str, interrupted: Callable[[], bool]) -> None:
        self._bench = bench
        self._session = session
        self._claim_id = claim_id
        self._interrupted = interrupted
        self._signed: tuple[bytes, CardProof] | None = None
        self._unanswered = False  # the nonce at hand may have been spent by a question that got no answer
        self._refused = 0

    def ask(self) -> Grant:
        """Asks once; a refused nonce is replaced at once, and counts only where no lost answer explains it."""
        while True:
            nonce, proof = self._signed = self._signed or self._sign()
            if self._interrupted():
                raise Interrupted
            try:
                return self._bench.server.claim(self._claim_id, self._session.kind, nonce, proof)
            except Unavailable:
                self._unanswered = True
                raise
            except NonceUsed:
                self._refused += not self._unanswered
                if self._refused == NONCES:
                    raise
                self._signed, self._unanswered = None, False

    def _sign(self) -> tuple[bytes, CardProof]:
        bench, kind, identity, claim_id = self._bench, self._session.kind, self._session.identity, self._claim_id
        origin, nonce = bench.server.origin, bench.server.challenge()
        proof = bench.desk.run(lambda card: sign_claim(card, identity, kind, claim_id, origin=origin, nonce=nonce))
        bench.cut(CrashPoint.CLAIM_SIGNED)
        self._session.other_certificate = proof.certificate
        return nonce, proof
