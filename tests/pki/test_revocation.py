"""Revocation over real HTTP: a responder, somebody on the line, and what each leads to."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pki_cards import CARD_KEYS, FINGERPRINT_KEY, NOBODY, NOW, RESPONDER_KEY, loaded, trust_at
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
from services.pki.answers import CRL_VALIDITY, OCSP_VALIDITY
from services.pki.card_proof import CardProofVerifier
from services.pki.certificates import CertificateAuthority, delegation, holder_certificate, root_certificate
from services.pki.ocsp import CLOCK_SLACK, Fault
from services.pki.registry import Reason
from services.pki.revocation import HTTPRevocationChecker
from services.ports import Purpose, Statement
from services.rehearsal.person import imagine

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


def faults(logs):
    return [(entry["source"], entry["fault"]) for entry in logs if entry["event"] == "revocation.not_believed"]


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


def unregistered(issuer):
    """A certificate with the CA's genuine signature that the registry never saw."""
    authority = issuer.authority(USER_AUTHENTICATION, 2)
    holder = imagine(3, today=NOW.date()).holder
    made = holder_certificate(authority, holder, CARD_KEYS[0].public_key(), begins=NOW, ends=NOW + timedelta(days=30))
    return made.public_bytes(Encoding.DER)


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


# Somebody is on the line.


def flipped(real, part):
    """The genuine response with one bit of one part changed."""
    octets = getattr(ocsp.load_der_ocsp_response(real), part)
    assert real.count(octets) == 1
    return real.replace(octets, octets[:-1] + bytes([octets[-1] ^ 1]))


def later(real):
    """The genuine response, made to hold for ten years."""
    assert b"20261121001500Z" in real
    return real.replace(b"20261121001500Z", b"20361121001500Z")


def forged(issuer, card, *, signer=RESPONDER_KEY, delegate=None, authority=None, about=None, nonce=None):
    """A "good" about the card's signature certificate, by whoever has `signer` and shows `delegate`."""
    real = issuer.authority(SIGNATURE, 2)
    delegate = delegate or delegation(authority or real, signer.public_key(), now=NOW)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            x509.load_der_x509_certificate(about or card.signature.certificate),
            real.certificate,
            hashes.SHA256(),
            ocsp.OCSPCertStatus.GOOD,
            NOW,
            NOW + OCSP_VALIDITY,
            None,
            None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, delegate)
        .certificates([delegate])
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


def by_a_holder(issuer, card):
    """Signed with a holder's key: a certificate of the very CA, but not for OCSP signing."""
    own = x509.load_der_x509_certificate(card.signature.certificate)
    return forged(issuer, card, signer=loaded(card.signature.private_key), delegate=own)


def impostor():
    """A CA of the same name with its own key."""
    root = root_certificate(SIGNATURE, CARD_KEYS[1], serial=2, begins=NOW, ends=NOW + timedelta(days=10))
    return CertificateAuthority(SIGNATURE, 2, root, CARD_KEYS[1])


def long_ago(issuer):
    """A delegation that has ended."""
    return delegation(issuer.authority(SIGNATURE, 2), RESPONDER_KEY.public_key(), now=NOW - timedelta(days=30))


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (lambda _i, _c, _r: b"", Fault.MALFORMED),
        (lambda _i, _c, _r: b"<html>login to our Wi-Fi</html>", Fault.MALFORMED),
        (lambda _i, _c, real: real + bytes(20_000), Fault.TOO_LARGE),
        (lambda _i, _c, _r: bytes.fromhex("30030a0103"), Fault.NOT_SUCCESSFUL),  # tryLater, RFC 6960 section 4.2.1
        (lambda _i, _c, real: flipped(real, "signature"), Fault.SIGNATURE),
        (lambda _i, _c, real: later(real), Fault.SIGNATURE),
        (lambda i, c, _r: forged(i, c), Fault.NONCE),
        (lambda i, c, _r: forged(i, c, nonce=b"an older answer's nonce, replayed"), Fault.NONCE),
        (lambda i, c, _r: forged(i, c, about=c.user_authentication.certificate), Fault.OTHER_CERTIFICATE),
        (lambda i, c, _r: forged(i, c, about=unregistered(i)), Fault.OTHER_CERTIFICATE),
        (lambda i, c, _r: by_a_holder(i, c), Fault.RESPONDER_UNTRUSTED),
        (lambda i, c, _r: forged(i, c, delegate=long_ago(i)), Fault.RESPONDER_UNTRUSTED),
        (lambda i, c, _r: forged(i, c, authority=impostor()), Fault.RESPONDER_UNTRUSTED),
        (lambda i, c, _r: forged(i, c, authority=i.authority(SIGNATURE, 1)), Fault.RESPONDER_UNTRUSTED),
        (lambda i, c, _r: forged(i, c, authority=i.authority(USER_AUTHENTICATION, 2)), Fault.RESPONDER_UNTRUSTED),
    ],
    ids=lambda value: value.value if isinstance(value, Fault) else "",
)
def test_an_answer_that_cannot_be_believed_is_no_answer(issuer, card, web, checker, forge, expected):
    """The CRL is not to be had either, so that nothing covers for the forged answer."""
    web.bent.refused = "/crl"
    web.bent.bend = lambda real: forge(issuer, card, real)

    with capture_logs() as logs:
        verdict = checker.check(card.signature.certificate, NOW)

    assert verdict.status is RevocationStatus.UNAVAILABLE
    assert faults(logs) == [("ocsp", expected.value), ("crl", "unreachable")]


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (-CLOCK_SLACK, None),
        (-CLOCK_SLACK - SECOND, Fault.NOT_YET_VALID),
        (OCSP_VALIDITY, None),
        (OCSP_VALIDITY + SECOND, Fault.STALE),
    ],
)
def test_an_answer_is_good_for_its_own_time(card, trust, web, clock, shelf, passed, expected):
    """The responder's clock stands; ours is ahead or behind."""
    web.bent.refused = "/crl"
    checker = HTTPRevocationChecker(trust_at(trust, web.url), clock, shelf)

    with capture_logs() as logs:
        verdict = checker.check(card.signature.certificate, NOW + passed)

    assert [fault for source, fault in faults(logs) if source == "ocsp"] == ([expected.value] if expected else [])
    assert verdict.status is (RevocationStatus.UNAVAILABLE if expected else RevocationStatus.GOOD)


def test_a_forged_good_does_not_cover_a_revocation_that_the_crl_tells(issuer, issue, web, checker):
    card = issue()
    revoke(issuer, card.contents.serial)
    checker.refresh_crls()
    web.bent.bend = lambda _: forged(issuer, card, authority=impostor(), nonce=b"n" * 32)

    verdict = checker.check(card.signature.certificate, NOW)

    assert (verdict.status, verdict.source) == (RevocationStatus.REVOKED, "crl")


def test_no_redirect_is_followed(card, trust, web, clock, shelf):
    checker = HTTPRevocationChecker(trust_at(trust, f"{web.url}/elsewhere"), clock, shelf)

    assert checker.check(card.signature.certificate, NOW).status is RevocationStatus.UNAVAILABLE
    assert web.bent.paths == ["/elsewhere/ocsp", "/elsewhere/crl/signature-2.crl"]
