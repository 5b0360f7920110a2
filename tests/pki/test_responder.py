"""The responder as others see it: HTTP limits, and OpenSSL, which nobody here wrote, as its client."""

import subprocess

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st
from pki_cards import NOW, RESPONDER_KEY, trust_at

from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus
from services.pki.answers import Answers
from services.pki.certificates import DELEGATION_LIFE
from services.pki.registry import Reason
from services.pki.responder import LARGEST_REQUEST
from services.pki.revocation import HTTPRevocationChecker

SIGNATURE = PasswordKind.SIGNATURE
OCSP_TYPE = {"Content-Type": "application/ocsp-request"}
STATUS = ocsp.OCSPResponseStatus


@pytest.fixture(scope="module")
def answers(issuer):
    return Answers(issuer, make_key=lambda: RESPONDER_KEY)


def question(issuer, card, *, algorithm=None, authority=None, nonce=None):
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        x509.load_der_x509_certificate(card.signature.certificate),
        authority or issuer.authority(SIGNATURE, 2).certificate,
        algorithm or hashes.SHA256(),
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


@pytest.mark.parametrize("decided", ["good", "revoked"])
def test_openssl_asks_and_believes_the_answer(issuer, issue, web, tmp_path, decided):
    card = issue()
    if decided == "revoked":
        issuer.revoke(card.contents.serial, SIGNATURE, Reason.SUPERSEDED, at=NOW)
    certificate = x509.load_der_x509_certificate(card.signature.certificate)
    (tmp_path / "card.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    root = issuer.directory / "ca" / "signature-2.pem"

    asked = ["openssl", "ocsp", "-issuer", root, "-cert", "card.pem", "-url", f"{web.url}/ocsp", "-CAfile", root]

    found = subprocess.run(
        # The responder's clock stands; OpenSSL's does not, so it is told to overlook the answer's age.
        [*asked, "-attime", str(int(NOW.timestamp())), "-validity_period", "315360000"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert f"card.pem: {decided}" in found.stdout
    assert found.stderr.startswith("Response verify OK")


@pytest.mark.parametrize("generation", [1, 2])
def test_openssl_reads_the_crl_of_each_generation(issuer, web, tmp_path, generation):
    (tmp_path / "crl.der").write_bytes(httpx.get(f"{web.url}/crl/signature-{generation}.crl", trust_env=False).content)
    root = issuer.directory / "ca" / f"signature-{generation}.pem"

    found = subprocess.run(
        ["openssl", "crl", "-inform", "der", "-in", "crl.der", "-CAfile", root, "-noout"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.stderr.strip() == "verify OK"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "expected"),
    [
        ("GET", "/", {}, b"", 404),
        ("GET", "/ocsp", {}, b"", 404),
        ("GET", "/crl/other-1.crl", {}, b"", 404),
        ("GET", "/crl/../registry.sqlite3", {}, b"", 404),
        ("GET", "/crl/..%2f..%2fregistry.crl", {}, b"", 404),
        ("GET", "/health", {}, b"", 200),
        ("POST", "/ocsp", {"Content-Type": "text/plain"}, b"x", 415),
        ("POST", "/ocsp", OCSP_TYPE, b"x" * LARGEST_REQUEST, 200),
        ("POST", "/ocsp", OCSP_TYPE, b"x" * (LARGEST_REQUEST + 1), 413),
        ("DELETE", "/ocsp", {}, b"", 404),
    ],
)
def test_a_request_is_answered_within_its_limits(web, method, path, headers, body, expected):
    answer = httpx.request(method, web.url + path, headers=headers, content=body, trust_env=False)

    assert answer.status_code == expected


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])
def test_the_certificate_may_be_named_by_either_hash(issuer, card, answers, algorithm):
    found = ocsp.load_der_ocsp_response(answers.respond(question(issuer, card, algorithm=algorithm), NOW))

    assert found.certificate_status is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize(
    ("nonce", "expected"),
    [
        (None, STATUS.SUCCESSFUL),
        (b"n", STATUS.SUCCESSFUL),
        (b"n" * 128, STATUS.SUCCESSFUL),
        (b"n" * 129, STATUS.MALFORMED_REQUEST),
        (b"", STATUS.MALFORMED_REQUEST),
    ],
)
def test_a_nonce_of_rfc_9654_comes_back(issuer, card, answers, nonce, expected):
    found = ocsp.load_der_ocsp_response(answers.respond(question(issuer, card, nonce=nonce), NOW))

    assert found.response_status is expected
    if expected is STATUS.SUCCESSFUL:
        assert [extension.value.nonce for extension in found.extensions] == ([nonce] if nonce else [])


def test_nobody_else_is_answered_for(issuer, card, answers):
    own = x509.load_der_x509_certificate(card.signature.certificate)

    found = ocsp.load_der_ocsp_response(answers.respond(question(issuer, card, authority=own), NOW))

    assert found.response_status is STATUS.UNAUTHORIZED


def test_a_generation_does_not_answer_for_the_others_certificate(issuer, card, answers):
    """Serial numbers are one generation's own."""
    older = issuer.authority(SIGNATURE, 1).certificate

    found = ocsp.load_der_ocsp_response(answers.respond(question(issuer, card, authority=older), NOW))

    assert found.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_the_delegation_is_renewed_before_it_ends(card, trust, web, clock, tmp_path):
    checker = HTTPRevocationChecker(trust_at(trust, web.url), clock, tmp_path / "crl")
    web.bent.refused = "/crl"

    for _ in range(4):
        assert checker.check(card.signature.certificate, clock.now()).status is RevocationStatus.GOOD
        clock.advance(DELEGATION_LIFE / 2)


@settings(max_examples=200)
@given(data=st.data())
def test_any_changed_request_gets_a_response(issuer, card, answers, data):
    octets = bytearray(question(issuer, card, nonce=b"n" * 32))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))

    assert isinstance(ocsp.load_der_ocsp_response(answers.respond(bytes(octets), NOW)).response_status, STATUS)


@given(st.binary(max_size=200))
def test_garbage_is_a_malformed_request(answers, octets):
    assert ocsp.load_der_ocsp_response(answers.respond(octets, NOW)).response_status is STATUS.MALFORMED_REQUEST
