"""A resident chooses the password kind and accepts the terms: the way to a reservation begins."""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from services.domain import policy
from services.domain.errors import KindNotOffered, RequestMalformed
from services.domain.intake import INTAKE, Intake
from services.domain.password import PasswordKind
from services.ports import Ports


@dataclass(frozen=True)
class StartedIntake:
    """The new intake, and the token that only this browser's cookie holds."""

    intake: Intake
    token: str

    def __repr__(self) -> str:
        return f"<StartedIntake {self.intake.id}>"


def start_intake(ports: Ports, *, kind: str, terms_accepted: bool) -> StartedIntake:
    """Begins an intake.

    Raises:
        KindNotOffered: another of the card's passwords (checklist 003-16).
        RequestMalformed: the terms were not accepted.
    """
    if kind not in set(PasswordKind):
        raise KindNotOffered
    if not terms_accepted:
        raise RequestMalformed(where="terms")
    token = secrets.token_urlsafe(32)
    now = ports.clock.now()
    intake = Intake(
        id=secrets.token_hex(16),
        token_hash=token_hash(token),
        kind=PasswordKind(kind),
        state=INTAKE.initial,
        created_at=now,
        ends_at=now + policy.INTAKE_LIFE,
        rehearsal=ports.rehearsal,
    )
    with ports.ledger.begin() as unit:
        unit.add_intake(intake)
    return StartedIntake(intake, token)


def token_hash(token: str) -> bytes:
    """What is kept of a token: enough to recognise it, not to use it."""
    return sha256(token.encode("utf-8")).digest()


def find_intake(ports: Ports, token: str) -> Intake | None:
    """The intake of this browser, ended or not."""
    with ports.ledger.begin() as unit:
        return unit.intake_by_token(token_hash(token))
