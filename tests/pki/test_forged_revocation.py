"""Somebody is on the line between us and the responder: none of what they do passes."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pki_cards import CARD_KEYS, NOW, RESPONDER_KEY, faults, loaded, trust_at, unregistered
from structlog.testing import capture_logs

from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus
from services.pki.answers import OCSP_VALIDITY
from services.pki.certificates import CertificateAuthority, delegation, root_certificate
from services.pki.ocsp import CLOCK_SLACK, Fault
from services.pki.registry import Reason
from services.pki.revocation import HTTPRevocationChecker

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "crl"


@pytest.fixture
def checker(trust, web, clock, shelf):
    return HTTPRevocationChecker(trust_at(trust, web.url), clock, shelf)


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
    issuer.revoke(card.contents.serial, SIGNATURE, Reason.KEY_COMPROMISE, at=NOW)
    checker.refresh_crls()
    web.bent.bend = lambda _: forged(issuer, card, authority=impostor(), nonce=b"n" * 32)

    verdict = checker.check(card.signature.certificate, NOW)

    assert (verdict.status, verdict.source) == (RevocationStatus.REVOKED, "crl")


def test_no_redirect_is_followed(card, trust, web, clock, shelf):
    checker = HTTPRevocationChecker(trust_at(trust, f"{web.url}/elsewhere"), clock, shelf)

    assert checker.check(card.signature.certificate, NOW).status is RevocationStatus.UNAVAILABLE
    assert web.bent.paths == ["/elsewhere/ocsp", "/elsewhere/crl/signature-2.crl"]
