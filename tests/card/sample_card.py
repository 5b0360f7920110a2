"""Personalises a sample card with keys and signatures of its own. Its issuer exists in these tests only."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from services.card.cv_certificate import CVCertificate, RSAKeyObject, cv_certificate_body, key_id
from services.card.face_record import FaceRecord, SignedFace
from services.card.virtual import profile
from services.card.virtual.contents import (
    CardContents,
    Credential,
    JPKIFiles,
    TextFiles,
    VisualFiles,
    fresh_pins,
)
from services.domain.card import CardFront

USER_PIN = "7391"
SIGN_PASSWORD = "CANARY5WORD"
TEXT_PIN = "8264"
SERIAL = "101234567890123"
FRONT = CardFront(birth=date(1980, 2, 17), expiry=date(2035, 2, 17), security_code="2285")
PHOTO = bytes.fromhex("0000000C6A5020200D0A870A") + bytes(range(256)) * 24
NAME = "黒桐　幹也"


@dataclass(frozen=True)
class Keys:
    ca: rsa.RSAPrivateKey
    authentication: rsa.RSAPrivateKey
    signature: rsa.RSAPrivateKey
    visual: rsa.RSAPrivateKey
    record_signer: rsa.RSAPrivateKey
    unblock: rsa.RSAPrivateKey


def der(key):
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def certificate(keys, public_key, common_name, *, is_ca=False):
    start = datetime(2025, 2, 17, tzinfo=UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CARD-TEST CA")]))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    return builder.sign(keys.ca, SHA256()).public_bytes(Encoding.DER)


def sign(key, octets):
    return key.sign(octets, padding.PKCS1v15(), SHA256())


def visual_files(keys):
    card_key = RSAKeyObject.of(keys.visual.public_key())
    face = SignedFace(FRONT.birth, "1", card_key, b"\x89PNG name", b"\x89PNG address", PHOTO)
    record = FaceRecord(
        face,
        keys.record_signer.sign(face.signed_digest_info, padding.PKCS1v15(), NoDigestInfo()),
        FRONT.expiry,
        b"\x89PNG code",
    )
    age = profile.age_record_body(FRONT.birth, card_key)
    return VisualFiles(
        age_record=profile.age_record(age, sign(keys.record_signer, age)),
        face_record=record.octets,
        basic_information=profile.visual_basic_information(key_id(241), "13101"),
        cv_certificate=cv_certificate(keys),
        private_key=der(keys.visual),
    )


def cv_certificate(keys):
    signer = RSAKeyObject.of(keys.record_signer.public_key())
    body = cv_certificate_body(key_id(24), key_id(241), signer)
    return CVCertificate(key_id(24), key_id(241), signer, sign(keys.ca, body)).octets


def text_files(keys):
    attributes = profile.text_attributes(name=NAME, address="東京都千代田区", birth=FRONT.birth, sex="1")
    hashes = profile.text_hashes_body(attributes)
    return TextFiles(
        attributes=attributes,
        hashes=profile.text_hashes(hashes, sign(keys.record_signer, hashes)),
        cv_certificate=cv_certificate(keys),
        basic_information=profile.text_basic_information(key_id(24)),
        private_key=der(keys.visual),
    )


def personalise(keys, *, has_signature=True):
    ca = certificate(keys, keys.ca.public_key(), "CARD-TEST CA", is_ca=True)
    authentication = certificate(keys, keys.authentication.public_key(), "997794E9AGCIEG13221003A")
    signature = certificate(keys, keys.signature.public_key(), "202402171000TESTSIGNER")
    return CardContents(
        serial=SERIAL,
        municipality="13101",
        expiry=FRONT.expiry,
        jpki=JPKIFiles(
            user_authentication=Credential(authentication, der(keys.authentication)),
            signature=Credential(signature, der(keys.signature)) if has_signature else None,
            user_authentication_ca=ca,
            signature_ca=ca,
        ),
        visual=visual_files(keys),
        text=text_files(keys),
        unblock_key=keys.unblock.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        pins=fresh_pins(
            user_authentication=USER_PIN,
            signature=SIGN_PASSWORD,
            number_b=FRONT.verification_number_b,
            text=TEXT_PIN,
        ),
    )
