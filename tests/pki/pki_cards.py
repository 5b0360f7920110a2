"""Cards that sign, a revocation checker with a script, and a network that bends bytes: shared by the tests of this folder."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key

from services.card.virtual.contents import CardContents, Credential
from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus, RevocationVerdict
from services.pki.certificates import holder_certificate
from services.pki.keys import new_key
from services.pki.responder import Responder
from services.pki.statement import statement_digest
from services.pki.trust import TrustStore
from services.ports import CardFaceProof, CardProof, Statement
from services.rehearsal.person import imagine

NOW = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
FINGERPRINT_KEY = b"f" * 32
CARD_KEYS = [new_key() for _ in range(8)]  # two cards' worth: people with odd and with even seeds
RESPONDER_KEY = new_key()
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there


@dataclass(frozen=True)
class IssuedCard:
    """A card's contents, signing as the card would."""

    contents: CardContents

    @property
    def user_authentication(self) -> Credential:
        assert self.contents.jpki.user_authentication is not None
        return self.contents.jpki.user_authentication

    @property
    def signature(self) -> Credential:
        assert self.contents.jpki.signature is not None
        return self.contents.jpki.signature

    def credential(self, kind: PasswordKind) -> Credential:
        return self.signature if kind is PasswordKind.SIGNATURE else self.user_authentication

    def proof(self, kind: PasswordKind, statement: Statement) -> CardProof:
        signer = self.credential(kind)
        return CardProof(
            certificate=signer.certificate,
            identity_certificate=self.user_authentication.certificate,
            signature=signed(signer.private_key, statement),
        )

    def face_proof(self, statement: Statement) -> CardFaceProof:
        visual = self.contents.visual
        return CardFaceProof(visual.face_record, visual.cv_certificate, signed(visual.private_key, statement))


@cache
def loaded(private_key: bytes) -> RSAPrivateKey:
    """Reading checks the primes, which takes longer than signing."""
    key = load_der_private_key(private_key, None)
    assert isinstance(key, RSAPrivateKey)
    return key


def signed(private_key: bytes, statement: Statement) -> bytes:
    """What the card's SIGN command answers to the statement's digest."""
    return loaded(private_key).sign(statement_digest(statement), padding.PKCS1v15(), Prehashed(SHA256()))


@dataclass
class ScriptedRevocation:
    """`ports.RevocationChecker` with an answer for each certificate; everything else is good."""

    answers: dict[bytes, RevocationStatus] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    def check(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        self.asked.append(certificate)
        return RevocationVerdict(self.answers.get(certificate, RevocationStatus.GOOD), "ocsp", at)


@dataclass
class BentWeb:
    """Between client and responder: what a network, or somebody on it, does to the bytes."""

    responder: Responder
    bend: Callable[[bytes], bytes] = field(default=bytes)  # of every body
    refused: str = "\0"  # paths that begin so are answered 503
    paths: list[str] = field(default_factory=list)

    def __call__(self, environ, start_response):
        self.paths.append(environ["PATH_INFO"])
        if environ["PATH_INFO"].startswith(self.refused):
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        started = []
        body = self.bend(b"".join(self.responder(environ, lambda *answer: started.append(answer))))
        status, headers = started[0]
        start_response(status, [(name, value) for name, value in headers if name != "Content-Length"])
        return [body]


@dataclass(frozen=True)
class Web:
    """A responder that is really served."""

    url: str
    bent: BentWeb


def trust_at(trust: TrustStore, url: str, *, crl_url: str | None = None) -> TrustStore:
    """The same trust, with revocation told elsewhere."""
    return replace(
        trust,
        generations=tuple(
            replace(one, ocsp_url=f"{url}/ocsp", crl_url=f"{crl_url or url}/crl/{one.label}.crl")
            for one in trust.generations
        ),
    )


def faults(logs):
    """Which source was not believed, and why, in the order of the log."""
    return [(entry["source"], entry["fault"]) for entry in logs if entry["event"] == "revocation.not_believed"]


def unregistered(issuer):
    """A certificate with the CA's genuine signature that the registry never saw."""
    authority = issuer.authority(PasswordKind.USER_AUTHENTICATION, 2)
    holder = imagine(3, today=NOW.date()).holder
    made = holder_certificate(authority, holder, CARD_KEYS[0].public_key(), begins=NOW, ends=NOW + timedelta(days=30))
    return made.public_bytes(Encoding.DER)
