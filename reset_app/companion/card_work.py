"""What is done with the card, in one exclusive session each time. The photo's application first: it needs no password."""

from collections.abc import Callable

from reset_app.companion.visit import Stage, Task, Tries
from services.card.session import MyNumberCard
from services.domain.password import Password, PasswordKind
from services.domain.statements import card_face_body, reserve_body
from services.pki.statement import statement_digest
from services.ports import CardChannel, CardFaceProof, CardProof, Purpose, Statement


def look(channel: CardChannel, kind: PasswordKind) -> Tries:
    """What the counters say; costs nothing.

    Raises:
        CertificateAbsent: the card has no password of the kind to be reset, or of the other one.
        and what every method of MyNumberCard may raise.
    """
    card = MyNumberCard(channel)
    card.identify()
    number = card.number_tries_left()
    card.tries_left(kind)
    return Tries(password=card.tries_left(kind.other), number=number)


def prove(  # noqa: PLR0913  # the task, the secret and who is told
    channel: CardChannel,
    task: Task,
    *,
    session_id: str,
    origin: str,
    password: Password,
    sure: bool,
    tell: Callable[[Stage], None],
) -> tuple[CardProof, CardFaceProof]:
    """The photo and both of the card's signatures.

    A wrong number on the card's front is found before the password is presented, so that it costs no try of it.

    Raises:
        CardNumberRejected, CardNumberLocked, PasswordRejected, PasswordLocked, LastTryUnconfirmed, CertificateAbsent
        and what every method of MyNumberCard may raise.
    """
    card = MyNumberCard(channel)
    card.identify()
    tell(Stage.FACE)
    card.verify_number_b(task.front, last_try_confirmed=sure)
    face = card.card_face()
    tell(Stage.GENUINE)
    body = card_face_body(session_id)
    genuine = card.sign_card_challenge(statement_digest(Statement(Purpose.CARD_FACE, origin, task.nonce, body)))
    tell(Stage.CERTIFICATE)
    identity = card.identity_certificate()
    tell(Stage.PASSWORD)
    card.verify(password, last_try_confirmed=sure)
    other = task.kind.other
    certificate = identity if other is PasswordKind.USER_AUTHENTICATION else card.certificate(other)
    tell(Stage.SIGN)
    body = reserve_body(session_id, task.kind, identity, face.record)
    signature = card.sign(other, statement_digest(Statement(Purpose.RESERVE, origin, task.nonce, body)))
    return CardProof(certificate, identity, signature), CardFaceProof(face.record, face.cv_certificate, genuine)
