"""The virtual issuer: two CAs in two generations each, the card-face signer, the unblock key, and the registry.

A stand-in for J-LIS, whose keys nobody else holds. Everything it makes is named JPKI-SIM and uses the test hierarchy's policies.

    issuer/
    ├── ca/         signature-1.pem signature-1.key.pem …     one pair for each CA generation
    ├── face/       authority.key.pem signer.key.pem          CV certificates, card-face records
    ├── unblock.key.pem                                       the INVENTED authorisation (services/card/unblock.py)
    ├── registry.sqlite3
    └── trust/      what a verifier needs, and no secret      → TrustStore.load
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from services.card.cv_certificate import CVCertificate, RSAKeyObject, cv_certificate_body, key_id
from services.card.face_record import FaceRecord, SignedFace
from services.domain.password import PasswordKind
from services.pki import profile, trust
from services.pki.certificates import CertificateAuthority, authority_label, holder_certificate, root_certificate
from services.pki.keys import MakeKey, new_key, read_key, write_key
from services.pki.registry import Decision, IssuedCertificate, Reason, Registry

GENERATIONS: Final = (1, 2)
NEWEST: Final = GENERATIONS[-1]
FACE_AUTHORITY_ID: Final = key_id(1)
FACE_SIGNER_ID: Final = key_id(2)
AUTHORITY_LIFE: Final = timedelta(days=3653)
# The older generation is in its fifth year and issues no more; its cards live on for up to five.
_AGE: Final = {1: timedelta(days=4 * 365), 2: timedelta(days=30)}


@dataclass(frozen=True)
class CardOrder:
    """A card to be issued: its serial, 15 digits, whose it is, and the last day printed on its front."""

    serial: str
    holder: profile.Holder
    expiry: date


@dataclass(frozen=True)
class CardKeys:
    """A card's public keys: of its two certificates, and its own, which its face record names.

    A card without a signature certificate has no key for it.
    """

    user_authentication: RSAPublicKey
    signature: RSAPublicKey | None
    own: RSAPublicKey


@dataclass(frozen=True)
class CardCertificates:
    """A card's certificates and those of the CA generations that issued them, DER."""

    user_authentication: bytes
    user_authentication_ca: bytes
    signature: bytes | None
    signature_ca: bytes


class VirtualIssuer:
    """The issuer in its directory. A key is read, and checked, when it is first used."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.registry = Registry(directory / "registry.sqlite3")
        self._keys: dict[str, RSAPrivateKey] = {}

    @classmethod
    def create(cls, directory: Path, *, now: datetime, public_url: str, make_key: MakeKey = new_key) -> "VirtualIssuer":
        """Makes a whole issuer, or nothing: the directory appears when everything in it is written.

        Raises:
            FileExistsError: the directory is there and not empty.
        """
        if directory.exists() and any(directory.iterdir()):
            raise FileExistsError(directory.name)
        draft = directory.with_name(f".{directory.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        for folder in ("ca", "face"):
            (draft / folder).mkdir(mode=0o700, parents=True)
        for kind in PasswordKind:
            for generation in GENERATIONS:
                _make_authority(draft / "ca", kind, generation, now=now, make_key=make_key)
        for name in ("face/authority", "face/signer", "unblock"):
            write_key(draft / f"{name}.key.pem", make_key())
        issuer = cls(draft)
        issuer.registry.create()
        issuer.publish_trust(public_url)
        draft.rename(directory)
        return cls(directory)

    def authority(self, kind: PasswordKind, generation: int) -> CertificateAuthority:
        """One CA generation with its key."""
        name = f"ca/{authority_label(kind, generation)}"
        certificate = x509.load_pem_x509_certificate((self.directory / f"{name}.pem").read_bytes())
        return CertificateAuthority(kind, generation, certificate, self._key(name))

    def authorities(self) -> Sequence[CertificateAuthority]:
        """All CA generations."""
        return [self.authority(kind, generation) for kind in PasswordKind for generation in GENERATIONS]

    def issue(self, order: CardOrder, keys: CardKeys, *, now: datetime, generation: int = NEWEST) -> CardCertificates:
        """Issues a card's certificates and enters them into the registry; an older generation is for rehearsals of old cards.

        Raises:
            StepNotAllowed: a card of this serial was issued already.
        """
        ends = profile.last_second(now, order.holder.birth, order.expiry)
        public_keys = {
            PasswordKind.USER_AUTHENTICATION: keys.user_authentication,
            PasswordKind.SIGNATURE: keys.signature,
        }
        authorities = {kind: self.authority(kind, generation) for kind in PasswordKind}
        certificates = {
            kind: holder_certificate(authorities[kind], order.holder, key, begins=now, ends=ends)
            for kind, key in public_keys.items()
            if key is not None
        }
        self.registry.add(
            *(_entry(order.serial, keys, authorities[kind], certificate) for kind, certificate in certificates.items())
        )
        signature = certificates.get(PasswordKind.SIGNATURE)
        return CardCertificates(
            user_authentication=certificates[PasswordKind.USER_AUTHENTICATION].public_bytes(Encoding.DER),
            user_authentication_ca=authorities[PasswordKind.USER_AUTHENTICATION].certificate.public_bytes(Encoding.DER),
            signature=signature.public_bytes(Encoding.DER) if signature else None,
            signature_ca=authorities[PasswordKind.SIGNATURE].certificate.public_bytes(Encoding.DER),
        )

    def revoke(self, card_serial: str, kind: PasswordKind | None, reason: Reason, *, at: datetime) -> None:
        """Revokes the card's certificate of this kind, or both, for good.

        Raises:
            NotFound: no such card, or no such certificate.
            StepNotAllowed: it is revoked already.
        """
        self.registry.decide(Decision.REVOKE, card_serial, kind, at=at, reason=reason)

    def hold(self, card_serial: str, kind: PasswordKind | None, *, at: datetime) -> None:
        """Suspends (一時保留), as when a card is reported lost. Raises like `revoke`."""
        self.registry.decide(Decision.HOLD, card_serial, kind, at=at, reason=Reason.CERTIFICATE_HOLD)

    def release(self, card_serial: str, kind: PasswordKind | None, *, at: datetime) -> None:
        """Ends a suspension. Raises like `revoke`."""
        self.registry.decide(Decision.RELEASE, card_serial, kind, at=at)

    def sign_face(self, face: SignedFace, *, expiry: date, code_png: bytes) -> FaceRecord:
        """The card-face record, signed over the three parts' hashes."""
        key = self._key("face/signer")
        signature = key.sign(face.signed_digest_info, padding.PKCS1v15(), NoDigestInfo())
        return FaceRecord(face, signature, expiry, code_png)

    def sign_card_data(self, body: bytes) -> bytes:
        """The face signer's signature over another of the card's records, PKCS#1 v1.5 with SHA-256."""
        return self._key("face/signer").sign(body, padding.PKCS1v15(), SHA256())

    def face_certificate(self) -> CVCertificate:
        """The CV certificate that every card carries of the face signer's key."""
        signer = RSAKeyObject.of(self._key("face/signer").public_key())
        body = cv_certificate_body(FACE_AUTHORITY_ID, FACE_SIGNER_ID, signer)
        authority = self._key("face/authority")
        return CVCertificate(
            FACE_AUTHORITY_ID, FACE_SIGNER_ID, signer, authority.sign(body, padding.PKCS1v15(), SHA256())
        )

    def sign_unblock(self, message: bytes) -> bytes:
        """The signature of an unblock authorisation (INVENTED, services/card/unblock.py)."""
        return self._key("unblock").sign(message, padding.PKCS1v15(), SHA256())

    def unblock_key(self) -> RSAPublicKey:
        """The key that every virtual card trusts for unblocking."""
        return self._key("unblock").public_key()

    def publish_trust(self, public_url: str) -> None:
        """Writes `trust/`: CA certificates, where to ask about revocation, and the card-face authority's key."""
        face_key = RSAKeyObject.of(self._key("face/authority").public_key())
        trust.publish(
            self.directory / "trust",
            [
                trust.served(authority.kind, authority.name, authority.certificate, public_url)
                for authority in self.authorities()
            ],
            {FACE_AUTHORITY_ID: face_key},
        )

    def _key(self, name: str) -> RSAPrivateKey:
        """Reading checks the primes, which takes longer than a hundred signatures."""
        if name not in self._keys:
            self._keys[name] = read_key(self.directory / f"{name}.key.pem")
        return self._keys[name]


def _make_authority(folder: Path, kind: PasswordKind, generation: int, *, now: datetime, make_key: MakeKey) -> None:
    key, label = make_key(), authority_label(kind, generation)
    begins = now - _AGE[generation]
    certificate = root_certificate(kind, key, serial=generation, begins=begins, ends=begins + AUTHORITY_LIFE)
    write_key(folder / f"{label}.key.pem", key)
    (folder / f"{label}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def _entry(
    card_serial: str, keys: CardKeys, authority: CertificateAuthority, certificate: x509.Certificate
) -> IssuedCertificate:
    return IssuedCertificate(
        sha256=certificate.fingerprint(SHA256()),
        card_serial=card_serial,
        card_key=sha256(RSAKeyObject.of(keys.own).octets).digest(),
        kind=authority.kind,
        authority=authority.name,
        serial=certificate.serial_number,
        ends_at=certificate.not_valid_after_utc,
    )
