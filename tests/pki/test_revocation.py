"""Revocation over real HTTP: a responder, somebody on the line, and what each leads to."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from pki_cards import FINGERPRINT_KEY, NOBODY, NOW, faults, trust_at, unregistered
from structlog.testing import capture_logs

from services.domain.errors import (
    CertificateExpired,
    CertificateHeld,
    CertificateRevoked,
    CertificateUnknown,
    RevocationUnavailable,
)
from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus
from services.pki.answers import CRL_VALIDITY
from services.pki.card_proof import CardProofVerifier
from services.pki.registry import Reason
from services.pki.revocation import HTTPRevocationChecker
from services.ports import Purpose, Statement

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
STATEMENT = Statement(Purpose.RESERVE, "https://reset.example", b"n" * 32, b"{}")
SHORT_S = 0.5


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "crl"


@pytest.fixture
def checker(trust, web, clock, shelf):
    return HTTPRevocationChecker(trust_at(trust, web.url), clock, shelf)


@pytest.fixture
def cut_off(trust, clock, shelf, socket_enabled):
    """A checker on the same shelf that reaches nobody."""
    return HTTPRevocationChecker(trust_at(trust, NOBODY), clock, shelf, timeout_s=SHORT_S)


# What the issuer decides.


def decide_nothing(_issuer, _serial):
    return None


def revoke(issuer, serial):
    issuer.revoke(serial, SIGNATURE, Reason.AFFILIATION_CHANGED, at=NOW)


def hold(issuer, serial):
    issuer.hold(serial, SIGNATURE, at=NOW)


def hold_and_release(issuer, serial):
    issuer.hold(serial, SIGNATURE, at=NOW)
    issuer.release(serial, SIGNATURE, at=NOW)


def hold_and_revoke(issuer, serial):
    issuer.hold(serial, SIGNATURE, at=NOW)
    issuer.revoke(serial, SIGNATURE, Reason.KEY_COMPROMISE, at=NOW)


DECISIONS = pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (decide_nothing, RevocationStatus.GOOD),
        (revoke, RevocationStatus.REVOKED),
        (hold, RevocationStatus.HELD),
        (hold_and_release, RevocationStatus.GOOD),
        (hold_and_revoke, RevocationStatus.REVOKED),
    ],
)


@pytest.mark.parametrize("generation", [1, 2])
@DECISIONS
def test_the_responder_tells_what_the_issuer_decided(issuer, issue, checker, decision, expected, generation):
    card = issue(generation=generation)
    decision(issuer, card.contents.serial)

    verdict = checker.check(card.signature.certificate, NOW)

    assert (verdict.status, verdict.source) == (expected, "ocsp")
    assert checker.check(card.user_authentication.certificate, NOW).status is RevocationStatus.GOOD


@DECISIONS
def test_the_crl_tells_the_same_when_the_responder_does_not_answer(issuer, issue, web, checker, decision, expected):
    card = issue()
    decision(issuer, card.contents.serial)
    web.bent.refused = "/ocsp"

    verdict = checker.check(card.signature.certificate, NOW)

    assert (verdict.status, verdict.source) == (expected, "crl")


@pytest.mark.parametrize(
    ("decision", "error"), [(revoke, CertificateRevoked), (hold, CertificateHeld), (decide_nothing, None)]
)
def test_each_answer_has_its_own_error(issuer, issue, trust, checker, decision, error):
    card, proofs = issue(), CardProofVerifier(trust, checker, FINGERPRINT_KEY)
    decision(issuer, card.contents.serial)
    proof = card.proof(SIGNATURE, STATEMENT)

    if error is None:
        assert proofs.verify(proof, SIGNATURE, STATEMENT, NOW).revocation == "ocsp good"
    else:
        with pytest.raises(error):
            proofs.verify(proof, SIGNATURE, STATEMENT, NOW)


def test_a_certificate_that_is_not_in_the_registry_is_unknown_whoever_signed_it(issuer, trust, checker, card):
    der = unregistered(issuer)
    proof = replace(card.proof(USER_AUTHENTICATION, STATEMENT), certificate=der, identity_certificate=der)

    assert checker.check(der, NOW).status is RevocationStatus.UNKNOWN
    with pytest.raises(CertificateUnknown):
        CardProofVerifier(trust, checker, FINGERPRINT_KEY).verify(proof, USER_AUTHENTICATION, STATEMENT, NOW)


@pytest.mark.parametrize("octets", [b"", b"no certificate", bytes(100_000)])
def test_what_no_pinned_authority_issued_is_unknown_and_nobody_is_asked(web, checker, octets):
    assert checker.check(octets, NOW).status is RevocationStatus.UNKNOWN
    assert web.bent.paths == []


def test_an_expired_certificate_is_expired_before_anybody_is_asked(card, trust, web, checker):
    after = x509.load_der_x509_certificate(card.signature.certificate).not_valid_after_utc + timedelta(seconds=1)

    with pytest.raises(CertificateExpired):
        CardProofVerifier(trust, checker, FINGERPRINT_KEY).verify(
            card.proof(SIGNATURE, STATEMENT), SIGNATURE, STATEMENT, after
        )
    assert web.bent.paths == []


# Nobody answers.


def test_where_nobody_answers_the_certificate_could_not_be_checked(card, trust, cut_off):
    with capture_logs() as logs:
        assert cut_off.check(card.signature.certificate, NOW).status is RevocationStatus.UNAVAILABLE
    assert faults(logs) == [("ocsp", "unreachable"), ("crl", "unreachable")]
    with pytest.raises(RevocationUnavailable):
        CardProofVerifier(trust, cut_off, FINGERPRINT_KEY).verify(
            card.proof(SIGNATURE, STATEMENT), SIGNATURE, STATEMENT, NOW
        )


def test_a_server_that_accepts_and_says_nothing_is_given_up(card, trust, clock, shelf, socket_enabled):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        checker = HTTPRevocationChecker(trust_at(trust, url), clock, shelf, timeout_s=0.1)

        assert checker.check(card.signature.certificate, NOW).status is RevocationStatus.UNAVAILABLE


def test_a_silent_responder_is_left_alone_for_half_a_minute(card, web, checker):
    checker.refresh_crls()
    web.bent.refused = "/ocsp"
    asked_before = len(web.bent.paths)

    for certificate in (card.signature.certificate, card.user_authentication.certificate) * 2:
        assert checker.check(certificate, NOW).source == "crl"
    assert len(web.bent.paths) - asked_before == 1

    web.bent.refused = "\0"
    assert checker.check(card.signature.certificate, NOW + timedelta(seconds=30)).source == "ocsp"


def test_a_kept_crl_serves_while_nobody_answers_and_for_its_own_time_only(issuer, issue, checker, cut_off):
    good, revoked = issue(), issue()
    revoke(issuer, revoked.contents.serial)
    checker.refresh_crls()

    assert cut_off.check(good.signature.certificate, NOW).status is RevocationStatus.GOOD
    assert cut_off.check(revoked.signature.certificate, NOW).status is RevocationStatus.REVOKED
    last = NOW + CRL_VALIDITY
    assert cut_off.check(good.signature.certificate, last).status is RevocationStatus.GOOD
    after = cut_off.check(good.signature.certificate, last + timedelta(seconds=1))
    assert after.status is RevocationStatus.UNAVAILABLE


def test_a_refresh_fetches_the_crl_of_every_generation(web, checker, shelf):
    checker.refresh_crls()

    expected = [f"{kind.value}-{generation}.crl" for kind in PasswordKind for generation in (1, 2)]
    assert sorted(path.name for path in shelf.iterdir()) == sorted(expected)
