"""Issues a virtual card to a person who does not exist: certificates, card-face record, passwords, files.

The issuing that a municipality and J-LIS do for a real card, by the virtual issuer. Everything in the card is signed as on a real
one, by keys that only the rehearsal trusts.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from PIL import Image, ImageDraw

from services.card.cv_certificate import RSAKeyObject
from services.card.face_record import SignedFace
from services.card.virtual import profile, store
from services.card.virtual.contents import (
    CardContents,
    Credential,
    JPKIFiles,
    TextFiles,
    VisualFiles,
    fresh_pins,
)
from services.domain.password import Password, PasswordKind
from services.pki.issuer import FACE_SIGNER_ID, NEWEST, CardKeys, CardOrder, VirtualIssuer
from services.pki.keys import MakeKey, new_key
from services.rehearsal.front_drawing import font
from services.rehearsal.person import MUNICIPALITY, Person

_SERIAL_START: Final = "999000"  # then nine digits by chance
_LETTER_PX: Final = 32


@dataclass(frozen=True)
class CardWish:
    """What a card is to be: whose, with which photo (JPEG 2000, greyscale) and which two passwords."""

    person: Person
    photo_jp2: bytes
    user_authentication: Password
    signature: Password

    def __post_init__(self) -> None:
        kinds = (self.user_authentication.kind, self.signature.kind)
        if kinds != (PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE):
            raise ValueError("the passwords are in each other's place")

    def __repr__(self) -> str:
        return "<CardWish>"


@dataclass(frozen=True)
class _Keys:
    """The card's own four private keys."""

    user_authentication: RSAPrivateKey
    signature: RSAPrivateKey
    visual: RSAPrivateKey
    text: RSAPrivateKey


def issue_card(
    issuer: VirtualIssuer, wish: CardWish, *, now: datetime, make_key: MakeKey = new_key, generation: int = NEWEST
) -> CardContents:
    """A new card: registered, signed and personalised. `make_key` is called four times."""
    keys = _Keys(make_key(), make_key(), make_key(), make_key())
    person = wish.person
    order = CardOrder(
        _SERIAL_START + "".join(secrets.choice("0123456789") for _ in range(9)), person.holder, person.front.expiry
    )
    return CardContents(
        serial=order.serial,
        municipality=MUNICIPALITY,
        expiry=person.front.expiry,
        jpki=_jpki(issuer, order, keys, now=now, generation=generation),
        visual=_visual(issuer, wish, keys.visual),
        text=_text(issuer, person, keys.text),
        unblock_key=issuer.unblock_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        pins=fresh_pins(
            user_authentication=wish.user_authentication.octets.decode("ascii"),
            signature=wish.signature.octets.decode("ascii"),
            number_b=person.front.verification_number_b,
        ),
    )


def issue_card_file(path: Path, issuer: VirtualIssuer, wish: CardWish, *, now: datetime) -> CardContents:
    """Issues a card into a card file."""
    contents = issue_card(issuer, wish, now=now)
    store.save(contents, path)
    return contents


def lettering(text: str) -> bytes:
    """The text as the chip has it: a PNG of one bit a pixel, black on white."""
    letters = font("gothic", _LETTER_PX)
    left, top, right, bottom = letters.getbbox(text)
    size = (round(right - left) + 8, round(bottom - top) + 8)
    picture = Image.new("1", size, 1)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=0, font=letters)
    octets = BytesIO()
    picture.save(octets, "PNG", optimize=True)
    return octets.getvalue()


def _jpki(issuer: VirtualIssuer, order: CardOrder, keys: _Keys, *, now: datetime, generation: int) -> JPKIFiles:
    public = CardKeys(keys.user_authentication.public_key(), keys.signature.public_key(), keys.visual.public_key())
    issued = issuer.issue(order, public, now=now, generation=generation)
    assert issued.signature is not None
    return JPKIFiles(
        user_authentication=Credential(issued.user_authentication, _pkcs8(keys.user_authentication)),
        signature=Credential(issued.signature, _pkcs8(keys.signature)),
        user_authentication_ca=issued.user_authentication_ca,
        signature_ca=issued.signature_ca,
    )


def _visual(issuer: VirtualIssuer, wish: CardWish, key: RSAPrivateKey) -> VisualFiles:
    front, card_key = wish.person.front, RSAKeyObject.of(key.public_key())
    face = SignedFace(
        birth=front.birth,
        sex=wish.person.sex.code,
        card_key=card_key,
        name_png=lettering(wish.person.name),
        address_png=lettering(wish.person.address),
        photo_jp2=wish.photo_jp2,
    )
    age = profile.age_record_body(front.birth, card_key)
    return VisualFiles(
        age_record=profile.age_record(age, issuer.sign_card_data(age)),
        face_record=issuer.sign_face(face, expiry=front.expiry, code_png=lettering(front.security_code)).octets,
        basic_information=profile.visual_basic_information(FACE_SIGNER_ID, MUNICIPALITY),
        cv_certificate=issuer.face_certificate().octets,
        private_key=_pkcs8(key),
    )


def _text(issuer: VirtualIssuer, person: Person, key: RSAPrivateKey) -> TextFiles:
    attributes = profile.text_attributes(
        name=person.name, address=person.address, birth=person.front.birth, sex=person.sex.code
    )
    hashes = profile.text_hashes_body(attributes)
    return TextFiles(
        attributes=attributes,
        hashes=profile.text_hashes(hashes, issuer.sign_card_data(hashes)),
        cv_certificate=issuer.face_certificate().octets,
        basic_information=profile.text_basic_information(FACE_SIGNER_ID),
        private_key=_pkcs8(key),
    )


def _pkcs8(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
