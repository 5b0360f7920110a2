"""The card-face record: genuine, forged, cloned."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pki_cards import CARD_KEYS, loaded, signed

from services.card.cv_certificate import CVCertificate, RSAKeyObject, cv_certificate_body
from services.card.face_record import FaceRecord
from services.domain.errors import (
    CardCloned,
    CardFaceForged,
    ProofMalformed,
)
from services.domain.policy import CHIP_PHOTO_BYTES
from services.pki.issuer import FACE_AUTHORITY_ID, FACE_SIGNER_ID
from services.ports import CardFaceProof, Purpose, Statement

STATEMENT = Statement(Purpose.RESERVE, "https://reset.example", b"n" * 32, b'{"kind":"signature"}')
FACE_STATEMENT = replace(STATEMENT, purpose=Purpose.CARD_FACE)


@pytest.fixture
def other_card(issue):
    return issue(seed=2)


def test_a_genuine_card_gives_its_photo(card, proofs, photo):
    assert proofs.verify_face(card.face_proof(FACE_STATEMENT), FACE_STATEMENT).photo == photo


@pytest.mark.parametrize("part", ["birth", "sex", "name_png", "address_png", "photo_jp2"])
def test_no_part_of_the_card_face_can_be_exchanged(card, other_card, proofs, part):
    own, others = (FaceRecord.parse(item.contents.visual.face_record) for item in (card, other_card))
    value = {"sex": "1" if own.face.sex == "2" else "2", "photo_jp2": own.face.photo_jp2 + b"\x00"}.get(
        part, getattr(others.face, part)
    )
    assert value != getattr(own.face, part)
    forged = replace(own, face=replace(own.face, **{part: value}))

    with pytest.raises(CardFaceForged) as caught:
        proofs.verify_face(replace(card.face_proof(FACE_STATEMENT), record=forged.octets), FACE_STATEMENT)
    assert caught.value.detail == {"reason": "record"}


def test_a_thief_cannot_put_another_key_into_the_record(card, other_card, proofs):
    own = FaceRecord.parse(card.contents.visual.face_record)
    thief = loaded(other_card.contents.visual.private_key)
    forged = replace(own, face=replace(own.face, card_key=RSAKeyObject.of(thief.public_key())))
    proof = CardFaceProof(
        forged.octets,
        card.contents.visual.cv_certificate,
        signed(other_card.contents.visual.private_key, FACE_STATEMENT),
    )

    with pytest.raises(CardFaceForged):
        proofs.verify_face(proof, FACE_STATEMENT)


def test_a_copied_record_on_a_card_with_another_key_is_a_clone(card, other_card, proofs):
    copied = replace(
        card.face_proof(FACE_STATEMENT),
        challenge_signature=signed(other_card.contents.visual.private_key, FACE_STATEMENT),
    )

    with pytest.raises(CardCloned):
        proofs.verify_face(copied, FACE_STATEMENT)


@pytest.mark.parametrize("field", ["origin", "nonce", "body", "purpose"])
def test_an_old_challenge_signature_is_a_clones(card, proofs, field):
    old = {"origin": "https://x.example", "nonce": b"o" * 32, "body": b"{}", "purpose": Purpose.RESERVE}

    with pytest.raises(CardCloned):
        proofs.verify_face(card.face_proof(replace(FACE_STATEMENT, **{field: old[field]})), FACE_STATEMENT)


def cv_certificate(issuer_id, key, *, signer):
    body = cv_certificate_body(issuer_id, FACE_SIGNER_ID, RSAKeyObject.of(key.public_key()))
    signature = signer.sign(body, padding.PKCS1v15(), SHA256())
    return CVCertificate(issuer_id, FACE_SIGNER_ID, RSAKeyObject.of(key.public_key()), signature).octets


def test_a_face_signer_that_no_trusted_authority_certified_is_a_forger(card, proofs):
    forger = CARD_KEYS[0]
    for issuer_id in (FACE_AUTHORITY_ID, b"another key id!!"):
        proof = replace(
            card.face_proof(FACE_STATEMENT), cv_certificate=cv_certificate(issuer_id, forger, signer=forger)
        )
        with pytest.raises(CardFaceForged) as caught:
            proofs.verify_face(proof, FACE_STATEMENT)
        assert caught.value.detail == {"reason": "cv-certificate"}


def test_a_photo_larger_than_any_chips_is_refused(card, proofs):
    record = FaceRecord.parse(card.contents.visual.face_record)
    larger = replace(record, face=replace(record.face, photo_jp2=bytes(20_000)))
    assert len(larger.octets) < CHIP_PHOTO_BYTES

    with pytest.raises(CardFaceForged):
        proofs.verify_face(replace(card.face_proof(FACE_STATEMENT), record=larger.octets), FACE_STATEMENT)
    with pytest.raises(ProofMalformed):
        proofs.verify_face(
            replace(card.face_proof(FACE_STATEMENT), record=larger.octets + bytes(20_000)), FACE_STATEMENT
        )


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(["record", "cv_certificate", "challenge_signature"]), data=st.data())
def test_a_changed_octet_of_the_card_face_meets_only_domain_errors_or_lies_outside_the_signature(
    card, proofs, photo, part, data
):
    proof = card.face_proof(FACE_STATEMENT)
    octets = bytearray(getattr(proof, part))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = proofs.verify_face(replace(proof, **{part: bytes(octets)}), FACE_STATEMENT)
    except (ProofMalformed, CardFaceForged, CardCloned):
        return
    # The offset table, the expiry and the code's picture are not signed; what passes must still be the signed photo.
    assert part == "record"
    assert found.photo == photo


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.binary(max_size=400), cv=st.binary(max_size=400), signature=st.binary(max_size=300))
def test_garbage_for_a_card_face_is_malformed(proofs, record, cv, signature):
    with pytest.raises(ProofMalformed):
        proofs.verify_face(CardFaceProof(record, cv, signature), FACE_STATEMENT)
