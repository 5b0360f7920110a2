"""What the server may answer, and nothing else: one strict model an answer. `docs/protocols.md`, kiosk."""

from typing import Annotated, Literal, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from services.domain.base64url import octets_of
from services.domain.canonical import Plain, canonical_json
from services.domain.code_words import COUNT, ROMAJI
from services.domain.errors import RequestMalformed
from services.domain.password import PasswordKind
from services.domain.receipt import Receipt, read_receipt


def _octets(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("not base64url")  # noqa: TRY004  # pydantic turns ValueError into its own
    return octets_of(value)


def _known_word(word: str) -> str:
    if word not in ROMAJI:
        raise ValueError("not one of the words")
    return word


Octets = Annotated[bytes, BeforeValidator(_octets)]
Word = Annotated[str, AfterValidator(_known_word)]


class Answer(BaseModel):
    """Fields that this terminal does not know are left out: a newer server may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Challenge(Answer):
    """A nonce for the card to sign."""

    nonce: Octets


class Grant(Answer):
    """What this terminal may do under its claim."""

    claim_id: str
    kind: PasswordKind
    code_words: Annotated[tuple[Word, ...], Field(min_length=COUNT, max_length=COUNT)]
    expires_at: AwareDatetime
    completion_nonce: Octets
    evidence_first: bool
    may_authorise: bool


class Authorisation(Answer):
    authorisation: Octets


def _receipt(value: object) -> Receipt | None:
    """A receipt that is none costs nobody the completion: it is a copy of what the phone shows."""
    try:
        return read_receipt(canonical_json(cast("Plain", value)))
    except (ValueError, RequestMalformed):
        return None


class Completion(Answer):
    """What became of the evidence."""

    state: Literal["completed", "late"]
    receipt: Annotated[Receipt | None, PlainValidator(_receipt)] = None


class Released(Answer):
    state: Literal["released", "not_held"]


class SignedPolicy(Answer):
    policy: Octets
    signature: Octets


class Problem(Answer):
    """A refusal. What is not said is None; the facts go on a screen, so they have a form."""

    code: Annotated[str, Field(pattern=r"^PR-[0-9]{4}$")]
    tries_left: Annotated[int, Field(ge=0, le=15)] | None = None
    wait_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    age_s: Annotated[int, Field(ge=-(2**40), le=2**40)] | None = None
    expired_at: Annotated[str, Field(pattern=r"^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}$")] | None = None
