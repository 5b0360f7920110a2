"""Which key signed what, and which card is named by it."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pki_cards import FINGERPRINT_KEY, NOW

from services.domain.errors import (
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
from services.domain.verdicts import RevocationStatus
from services.pki.card_proof import CardProofVerifier
from services.ports import CardProof, Purpose, Statement

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
STATEMENT = Statement(Purpose.RESERVE, "https://reset.example", b"n" * 32, b'{"kind":"signature"}')


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
