"""What the companion sends and gets."""

from typing import Annotated, Literal

from pydantic import StringConstraints, field_validator

from reset_app.wire import Base64URL, Certificate, Message, Moment, Nonce, Signature
from services.domain.errors import catalogue
from services.domain.password import PasswordKind
from services.ports import CardFaceProof, CardProof

# What `secrets.token_urlsafe(32)` makes, with room for a longer one later.
Secret = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32,86}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,80}$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Code = Annotated[str, StringConstraints(pattern=r"^PR-[0-9]{4}$")]

LONGEST_FACE_RECORD = 131_072
LONGEST_CV_CERTIFICATE = 2048


class Agent(Message):
    """The program and the reader, for the operator's statistics. No name of a person or device."""

    name: Name
    version: Name
    reader: Name


class AttachBody(Message):
    """The companion takes the session that the page opened."""

    secret: Secret
    agent: Agent


class NumberB(Message):
    """The three printed fields that 照合番号B is made of."""

    birth: Day
    expiry: Day
    security_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    western_birth_year: bool


class TaskGiven(Message):
    """What the card is asked to do. `kind` is the password to be reset: the *other* one is asked for."""

    kind: PasswordKind
    nonce: Nonce
    origin: str
    number_b: NumberB
    ends_at: Moment
    rehearsal: bool


class FaceBody(Message):
    """EF 0002, EF 0004 and the card's own signature, of 券面事項確認AP."""

    record: Annotated[bytes, Base64URL(longest=LONGEST_FACE_RECORD)]
    cv_certificate: Annotated[bytes, Base64URL(longest=LONGEST_CV_CERTIFICATE)]
    challenge_signature: Signature

    @property
    def proof(self) -> CardFaceProof:
        """For the use case."""
        return CardFaceProof(self.record, self.cv_certificate, self.challenge_signature)


class ResultBody(Message):
    """What the card brought."""

    secret: Secret
    certificate: Certificate
    identity_certificate: Certificate
    signature: Signature
    card_face: FaceBody

    @property
    def proof(self) -> CardProof:
        """For the use case."""
        return CardProof(self.certificate, self.identity_certificate, self.signature)


class ResultGiven(Message):
    """The card is accepted."""

    state: Literal["accepted"] = "accepted"


class FailureBody(Message):
    """The session ended without a proof. `code` is from the error catalogue."""

    secret: Secret
    code: Code

    @field_validator("code")
    @classmethod
    def _is_in_the_catalogue(cls, value: str) -> str:
        if value not in {error.code for error in catalogue()}:
            raise ValueError("no such code")
        return value


class FailureGiven(Message):
    """The failure is noted; the page will tell what to do."""

    state: Literal["failed"] = "failed"
