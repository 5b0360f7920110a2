"""What a kiosk sends and gets."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reset_app.wire import Base64URL, Certificate, Message, Moment, Nonce, Signature
from services.card.unblock import CHALLENGE_BYTES
from services.domain.code_words import COUNT
from services.domain.password import PasswordKind
from services.domain.terminal import PlaceClass
from services.ports import CardProof
from services.usecases.complete import Completion

ClaimIdText = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
]
CodeWords = Annotated[
    list[str], Field(min_length=COUNT, max_length=COUNT, description="As the resident's phone shows them.")
]
Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class ChallengeBody(Message):
    """An empty object."""


class ChallengeGiven(Message):
    """What the card signs a claim over."""

    nonce: Nonce
    origin: str


class ProofBody(Message):
    """The card's signature by the key of the *other* password, and the certificates."""

    certificate: Certificate
    identity_certificate: Certificate
    signature: Signature

    @property
    def proof(self) -> CardProof:
        """For the use case."""
        return CardProof(self.certificate, self.identity_certificate, self.signature)


class ClaimBody(Message):
    """A claim. The kiosk makes `claim_id` and repeats it until it has an answer."""

    claim_id: ClaimIdText
    kind: PasswordKind
    nonce: Nonce
    proof: ProofBody


class ClaimGiven(Message):
    """What the kiosk may do now."""

    claim_id: ClaimIdText
    reservation_id: str
    kind: PasswordKind
    code_words: CodeWords
    fence: int
    lease_until: Moment
    expires_at: Moment
    completion_nonce: Nonce
    evidence_first: bool
    may_authorise: bool


class AuthorisationBody(Message):
    """The claim's card, and a fresh challenge from it."""

    identity_certificate: Certificate
    certificate: Certificate
    card_challenge: Annotated[bytes, Base64URL(longest=CHALLENGE_BYTES, shortest=CHALLENGE_BYTES)]


class AuthorisationGiven(Message):
    """For the card's EXTERNAL AUTHENTICATE."""

    authorisation: Annotated[bytes, Base64URL(longest=512)]


class CompletionBody(Message):
    """The evidence. For a user-authentication reset both certificates and both signatures are the same."""

    certificate: Certificate
    identity_certificate: Certificate
    signature: Signature
    identity_signature: Signature


class ReceiptGiven(Message):
    """What the resident may keep: a copy is on the phone. Nothing in it is personal."""

    at: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\+09:00$")]
    chain: Hash
    entry: Hash
    format: Literal["mnc-reset-receipt:1"]
    index: Annotated[int, Field(ge=0)]
    kind: PasswordKind
    log: Hash
    place: PlaceClass


class CompletionGiven(Message):
    """What became of the evidence; the receipt goes with `completed`."""

    state: Completion
    receipt: ReceiptGiven | None = None


class ReleaseBody(Message):
    """Why the reservation is given back: a code of the error catalogue or an event of the kiosk's session."""

    why: Reason


class ReleaseGiven(Message):
    """Whether the claim still held it."""

    state: Literal["released", "not_held"]
