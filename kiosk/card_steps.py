"""What the kiosk does with the card, each step one visit to the reader's thread.

A card swapped within 400 ms is invisible to PC/SC, so every step begins by reading again which card this is: the certificate
must be the session's, and only a card that kept its power has the verified password that the step needs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kiosk.record import Evidence
from services.card.session import MyNumberCard
from services.domain.errors import (
    CardConnectionLost,
    CertificateAbsent,
    EvidenceInvalid,
    LastTryUnconfirmed,
    PasswordLocked,
    PasswordRejected,
    WrongCard,
)
from services.domain.password import Password, PasswordKind
from services.domain.statements import claim_body, complete_body
from services.pki.statement import statement_digest
from services.ports import CardProof, Purpose, Statement

USER = PasswordKind.USER_AUTHENTICATION
SPARE_TRIES = 2  # fewer, and a question to the card could lock the password


@dataclass(frozen=True)
class Met:
    """A card at the beginning of a session."""

    identity: bytes
    tries_left: int  # of the other password


def meet(card: MyNumberCard, kind: PasswordKind) -> Met:
    """Reads which card this is, and that it can be helped here.

    Raises:
        NotMyNumberCard, CertificateAbsent
        PasswordLocked: the other password is locked; the one to be reset may be.
    """
    card.identify()
    identity = card.identity_certificate()
    card.tries_left(kind)
    tries = card.tries_left(kind.other)
    if tries == 0:
        raise PasswordLocked(kind=kind.other.label)
    return Met(identity, tries)


def meet_again(card: MyNumberCard, identity: bytes, other: Password) -> None:
    """Opens the card that came back, with the password that was right before.

    A torn VERIFY may have cost a try although the password was right, so the last one is not used without the holder's yes.

    Raises:
        WrongCard: another card; nothing was sent to it.
        LastTryUnconfirmed, PasswordLocked, PasswordRejected
    """
    card.identify()
    unlock(card, identity, other)


@contextmanager
def _met_before() -> Iterator[None]:
    """Every certificate was there when the card was met: one that has gone means a card without its state.

    It was swapped, or lost its power, in between; whoever is told to have no certificate would be sent to the wrong counter.
    """
    try:
        yield
    except CertificateAbsent as exc:
        raise CardConnectionLost(reason="state lost") from exc


@_met_before()
def same(card: MyNumberCard, identity: bytes) -> None:
    """Makes sure that this is still the session's card.

    Raises:
        WrongCard: another one.
        CardConnectionLost: a card without any state; it was swapped or lost its power in between.
    """
    if card.identity_certificate() != identity:
        raise WrongCard


@_met_before()
def unlock(card: MyNumberCard, identity: bytes, other: Password, *, last_try_confirmed: bool = False) -> None:
    """Presents the other password to the session's card, and to no other: a stranger's would lose a try.

    Raises:
        WrongCard: another card; nothing was sent to it.
        CardConnectionLost: a card without its state.
        LastTryUnconfirmed, PasswordLocked, PasswordRejected
    """
    same(card, identity)
    card.verify(other, last_try_confirmed=last_try_confirmed)


@_met_before()
def sign_claim(  # noqa: PLR0913  # the fields of one statement
    card: MyNumberCard, identity: bytes, kind: PasswordKind, claim_id: str, *, origin: str, nonce: bytes
) -> CardProof:
    """The card's claim, signed with the key of the other password."""
    same(card, identity)
    certificate = card.certificate(kind.other)
    statement = Statement(Purpose.CLAIM, origin, nonce, claim_body(claim_id, kind, identity))
    return CardProof(certificate, identity, card.sign(kind.other, statement_digest(statement)))


@_met_before()
def write(
    card: MyNumberCard, identity: bytes, authorisation: bytes, new: Password, *, sending: Callable[[], None]
) -> None:
    """Sets the new password, between two looks at which card this is.

    `sending` is called after the first look, before the first command of the change.

    Raises:
        AuthorisationRefused: nothing changed.
        CardConnectionLost: whether it changed is unknown.
    """
    same(card, identity)
    sending()
    card.reset(new.kind, authorisation, new)
    same(card, identity)


@_met_before()
def holds(card: MyNumberCard, identity: bytes, password: Password) -> bool:
    """Asks the card whether this is its password, unless that could cost the last try but one: then it is taken not to be.

    Raises:
        PasswordRejected: it is not, and the question cost a try.
    """
    same(card, identity)
    if card.tries_left(password.kind) < SPARE_TRIES:
        return False
    card.verify(password)
    return True


@_met_before()
def sign_evidence(  # noqa: PLR0913  # the fields of one statement
    card: MyNumberCard, identity: bytes, new: Password, claim_id: str, *, origin: str, nonce: bytes
) -> Evidence:
    """Verifies the new password and has the card sign that it was set: with the guarded key, and with the identity key.

    Raises:
        EvidenceInvalid: the card does not take the password that was just set.
    """
    same(card, identity)
    try:
        card.verify(new)
    except (PasswordRejected, PasswordLocked, LastTryUnconfirmed) as exc:
        raise EvidenceInvalid from exc
    certificate = card.certificate(new.kind)
    body = complete_body(claim_id, new.kind, identity, certificate)
    digest = statement_digest(Statement(Purpose.COMPLETE, origin, nonce, body))
    return Evidence(certificate, identity, card.sign(new.kind, digest), card.sign(USER, digest))
