"""The claim: the card proves that it is here, and the server says whether a reservation waits for it.

`spec/card.md` section 5, steps 2 and 3. The id is on disk before the server can have heard it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from kiosk.card_steps import sign_claim
from kiosk.crash import CrashPoint, PowerCut, no_power_cut
from kiosk.journal import Journal
from kiosk.patience import Patience
from kiosk.reader import CardDesk
from kiosk.record import Step
from kiosk.server import KioskServer
from kiosk.session import Session
from services.domain.errors import NonceUsed

NONCES: Final = 3  # a nonce is spent when an answer is lost after it; more than this is not an accident


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
    new_claim_id: Callable[[], str] = new_claim_id


def claim(bench: Bench, session: Session, interrupted: Callable[[], bool]) -> None:
    """Claims the card's reservation, under a fresh id; the session has the grant afterwards.

    Raises:
        Interrupted, and the errors of the card, the journal and the server.
    """
    claim_id = bench.new_claim_id()
    bench.journal.advance(claim_id, Step.CLAIMING)
    session.claim_id = claim_id
    bench.cut(CrashPoint.CLAIMING_JOURNALLED)
    for number in range(NONCES):
        try:
            _claim_with_nonce(bench, session, claim_id, interrupted)
            break
        except NonceUsed:
            if number == NONCES - 1:
                raise
    bench.cut(CrashPoint.CLAIM_ANSWERED)
    bench.journal.advance(claim_id, Step.CLAIMED)
    bench.cut(CrashPoint.CLAIMED_JOURNALLED)


def _claim_with_nonce(bench: Bench, session: Session, claim_id: str, interrupted: Callable[[], bool]) -> None:
    nonce = bench.patience.ask(bench.server.challenge, interrupted=interrupted)
    origin, kind, identity = bench.server.origin, session.kind, session.identity
    proof = bench.desk.run(lambda card: sign_claim(card, identity, kind, claim_id, origin=origin, nonce=nonce))
    bench.cut(CrashPoint.CLAIM_SIGNED)
    session.other_certificate = proof.certificate
    session.grant = bench.patience.ask(
        lambda: bench.server.claim(claim_id, kind, nonce, proof), interrupted=interrupted
    )
