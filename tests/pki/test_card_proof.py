import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pki_cards import CARD_KEYS, FINGERPRINT_KEY, NOW, loaded, signed

from services.card.cv_certificate import CVCertificate, RSAKeyObject, cv_certificate_body
from services.card.face_record import FaceRecord
from services.domain.errors import (
    CardCloned,
    CardFaceForged,
    CardSignatureInvalid,
    CertificateExpired,
    CertificateHeld,
    CertificateRevoked,
    CertificateUnknown,
    CertificateUntrusted,
    ProofMalformed,
    ResetError,
    RevocationUnavailable,
)
from services.domain.password import PasswordKind
from services.domain.policy import CHIP_PHOTO_BYTES
from services.domain.verdicts import RevocationStatus
from services.pki.card_proof import CardProofVerifier
from services.pki.issuer import FACE_AUTHORITY_ID, FACE_SIGNER_ID
from services.ports import CardFaceProof, CardProof, Purpose, Statement

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
STATEMENT = Statement(Purpose.RESERVE, "https://reset.example", b"n" * 32, b'{"kind":"signature"}')
FACE_STATEMENT = replace(STATEMENT, purpose=Purpose.CARD_FACE)


@pytest.fixture
def other_card(issue):
    return issue(seed=2)


# What signs, and what is named.


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_a_card_is_named_by_its_user_authentication_certificate_whichever_key_signed(card, proofs, kind):
    proven = proofs.verify(card.proof(kind, STATEMENT), kind, STATEMENT, NOW)

    assert proven.fingerprint == proofs.fingerprint(card.user_authentication.certificate)
    assert re.fullmatch("[0-9a-f]{64}", proven.fingerprint)
    assert proven.revocation == "ocsp good"


def test_the_two_keys_of_a_card_have_two_names_and_neither_is_the_cards(card, proofs):
    names = [proofs.verify(card.proof(kind, STATEMENT), kind, STATEMENT, NOW).key_fingerprint for kind in PasswordKind]

    assert len({*names, proofs.fingerprint(card.user_authentication.certificate)}) == 3


def test_names_depend_on_the_secret_key(card, trust, revocation, proofs):
    elsewhere = CardProofVerifier(trust, revocation, b"g" * 32)

    assert elsewhere.fingerprint(card.user_authentication.certificate) != proofs.fingerprint(
        card.user_authentication.certificate
    )


def test_a_short_secret_key_is_refused(trust, revocation):
    with pytest.raises(ValueError, match="32 bytes"):
        CardProofVerifier(trust, revocation, FINGERPRINT_KEY[:-1])


# The statement: every field is bound.


@pytest.mark.parametrize("kind", list(PasswordKind))
@pytest.mark.parametrize(
    "changed",
    [
        replace(STATEMENT, origin="https://reset.example.evil"),
        replace(STATEMENT, nonce=b"m" + b"n" * 31),
        replace(STATEMENT, body=b'{"kind":"user_authentication"}'),
        *(replace(STATEMENT, purpose=purpose) for purpose in Purpose if purpose is not Purpose.RESERVE),
    ],
    ids=lambda statement: f"{statement.purpose} {statement.origin} {statement.body[:12]!r}",
)
def test_a_signature_serves_no_other_statement(card, proofs, kind, changed):
    with pytest.raises(CardSignatureInvalid):
        proofs.verify(card.proof(kind, STATEMENT), kind, changed, NOW)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(["nonce", "body", "origin"]), data=st.data())
def test_every_bit_of_the_statement_is_bound(card, proofs, field, data):
    proof = card.proof(USER_AUTHENTICATION, STATEMENT)
    value = getattr(STATEMENT, field)
    octets = bytearray(value.encode() if isinstance(value, str) else value)
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= 1 << data.draw(st.integers(0, 6))
    changed = octets.decode("ascii") if isinstance(value, str) else bytes(octets)

    with pytest.raises(CardSignatureInvalid):
        proofs.verify(proof, USER_AUTHENTICATION, replace(STATEMENT, **{field: changed}), NOW)


def test_another_cards_signature_is_invalid(card, other_card, proofs):
    stolen = replace(
        card.proof(USER_AUTHENTICATION, STATEMENT),
        signature=other_card.proof(USER_AUTHENTICATION, STATEMENT).signature,
    )

    with pytest.raises(CardSignatureInvalid):
        proofs.verify(stolen, USER_AUTHENTICATION, STATEMENT, NOW)


@pytest.mark.parametrize("signature", [b"", b"\x00" * 256, b"\xff" * 256, b"\x00" * 255, b"\x00" * 100_000])
def test_octets_that_are_no_signature_are_invalid(card, proofs, signature):
    proof = replace(card.proof(USER_AUTHENTICATION, STATEMENT), signature=signature)

    with pytest.raises(CardSignatureInvalid):
        proofs.verify(proof, USER_AUTHENTICATION, STATEMENT, NOW)


# Certificates: which, and in which order the answers come.


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_the_other_passwords_certificate_cannot_sign_in_this_ones_place(card, proofs, kind):
    with pytest.raises(CertificateUntrusted):
        proofs.verify(card.proof(kind.other, STATEMENT), kind, STATEMENT, NOW)


def test_where_the_user_authentication_key_signs_no_other_card_can_be_named(card, other_card, proofs):
    mixed = replace(
        card.proof(USER_AUTHENTICATION, STATEMENT), identity_certificate=other_card.user_authentication.certificate
    )

    with pytest.raises(ProofMalformed):
        proofs.verify(mixed, USER_AUTHENTICATION, STATEMENT, NOW)


def test_a_card_is_not_named_by_its_signature_certificate(card, proofs):
    proof = replace(card.proof(SIGNATURE, STATEMENT), identity_certificate=card.signature.certificate)

    with pytest.raises(CertificateUntrusted):
        proofs.verify(proof, SIGNATURE, STATEMENT, NOW)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (RevocationStatus.REVOKED, CertificateRevoked),
        (RevocationStatus.HELD, CertificateHeld),
        (RevocationStatus.UNKNOWN, CertificateUnknown),
        (RevocationStatus.UNAVAILABLE, RevocationUnavailable),
    ],
)
def test_only_good_passes_for_the_signers_certificate_and_for_the_one_that_names_the_card(
    card, proofs, revocation, status, expected
):
    for certificate in (card.user_authentication.certificate, card.signature.certificate):
        revocation.answers = {certificate: status}

        with pytest.raises(expected):
            proofs.verify(card.proof(SIGNATURE, STATEMENT), SIGNATURE, STATEMENT, NOW)


def test_each_certificate_is_asked_about_once(card, proofs, revocation):
    proofs.verify(card.proof(USER_AUTHENTICATION, STATEMENT), USER_AUTHENTICATION, STATEMENT, NOW)
    proofs.verify(card.proof(SIGNATURE, STATEMENT), SIGNATURE, STATEMENT, NOW)

    own, signing = card.user_authentication.certificate, card.signature.certificate
    assert revocation.asked == [own, signing, own]


def test_answers_come_in_the_order_of_the_checks(card, issuer, proofs, revocation):
    """Each row has every fault of the rows below it; the first one is told."""
    good = card.proof(USER_AUTHENTICATION, STATEMENT)
    after = issuer.registry.of_card(card.contents.serial)[0].ends_at.replace(year=2035)
    bad_signature = replace(good, signature=b"\x00" * 256)
    root = issuer.authority(USER_AUTHENTICATION, 2).certificate
    stranger = replace(bad_signature, certificate=card.signature.certificate)
    revocation.answers[good.certificate] = RevocationStatus.REVOKED

    def answer(proof, at):
        with pytest.raises(ResetError) as caught:
            proofs.verify(proof, USER_AUTHENTICATION, replace(STATEMENT, body=b"other"), at)
        return type(caught.value)

    assert after < root.not_valid_after_utc
    assert answer(replace(stranger, certificate=b"no certificate"), after) is ProofMalformed
    assert answer(stranger, after) is CertificateUntrusted
    assert answer(bad_signature, after) is CertificateExpired
    assert answer(bad_signature, NOW) is CertificateRevoked
    revocation.answers.clear()
    assert answer(bad_signature, NOW) is CardSignatureInvalid


@given(certificate=st.binary(max_size=300), identity=st.binary(max_size=300), signature=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_meets_only_domain_errors(proofs, certificate, identity, signature):
    with pytest.raises(ProofMalformed):
        proofs.verify(CardProof(certificate, identity, signature), SIGNATURE, STATEMENT, NOW)


# The card face.


def test_a_genuine_card_gives_its_photo(card, proofs, photo):
    assert proofs.verify_face(card.face_proof(FACE_STATEMENT), FACE_STATEMENT) == photo


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
    assert found == photo


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.binary(max_size=400), cv=st.binary(max_size=400), signature=st.binary(max_size=300))
def test_garbage_for_a_card_face_is_malformed(proofs, record, cv, signature):
    with pytest.raises(ProofMalformed):
        proofs.verify_face(CardFaceProof(record, cv, signature), FACE_STATEMENT)
