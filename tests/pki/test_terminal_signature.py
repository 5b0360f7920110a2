import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import RequestReplayed, TerminalRefused
from services.domain.policy import REQUEST_AGE
from services.pki.terminal_signature import HTTPRequest, VerifiedTerminal, sign, verify

NOW = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"kiosk-1": KEY.public_key().public_bytes_raw()}
REQUEST = HTTPRequest("POST", "https://reset.example/kiosk/v1/claims?wait=1", b'{"claim_id":"c"}')


def headers(request=REQUEST, *, key=KEY, keyid="kiosk-1", now=NOW):
    return sign(request, key, keyid=keyid, now=now, nonce=b"n" * 16)


def refusal(request, fields, *, keys=KEYS, now=NOW):
    with pytest.raises(TerminalRefused) as caught:
        verify(request, fields, keys=keys, now=now)
    return caught.value.detail["where"]


def test_a_signed_request_names_its_terminal_nonce_and_time():
    actual = verify(REQUEST, headers(), keys=KEYS, now=NOW)

    assert actual == VerifiedTerminal("kiosk-1", "bm5ubm5ubm5ubm5ubm5ubg", NOW)


def test_the_signature_base_is_the_one_of_rfc_9421():
    """Section 2.5, written out by hand, so that another implementation can be compared with it."""
    fields = headers(HTTPRequest("GET", "https://reset.example/kiosk/v1/health"))
    base = (
        b'"@method": GET\n'
        b'"@target-uri": https://reset.example/kiosk/v1/health\n'
        b'"content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\n'
        b'"@signature-params": ("@method" "@target-uri" "content-digest");created=1785574800'
        b';nonce="bm5ubm5ubm5ubm5ubm5ubg";keyid="kiosk-1";alg="ed25519"'
    )
    expected = f"terminal=:{base64.b64encode(KEY.sign(base)).decode()}:"

    assert fields["Signature"] == expected


def test_header_names_are_found_in_any_case():
    fields = {name.lower(): value for name, value in headers().items()}

    assert verify(REQUEST, fields, keys=KEYS, now=NOW).keyid == "kiosk-1"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (HTTPRequest("PUT", REQUEST.target_uri, REQUEST.body), "signature"),
        (HTTPRequest("POST", "https://other.example/kiosk/v1/claims?wait=1", REQUEST.body), "signature"),
        (HTTPRequest("POST", "https://reset.example/kiosk/v1/claims?wait=2", REQUEST.body), "signature"),
        (HTTPRequest("POST", REQUEST.target_uri, b'{"claim_id":"d"}'), "content-digest"),
    ],
)
def test_method_server_query_and_body_are_bound(changed, expected):
    assert refusal(changed, headers()) == expected


@pytest.mark.parametrize(
    ("field", "old", "new", "expected"),
    [
        ("Signature-Input", "bm5", "cm5", "signature"),
        ("Signature-Input", "created=1785574800", "created=1785574801", "signature"),
        ("Signature-Input", "kiosk-1", "kiosk-2", "keyid"),
        ("Signature-Input", 'alg="ed25519"', 'alg="hmac-sha256"', "signature-input"),
        ("Signature-Input", ' "content-digest"', "", "signature-input"),
        ("Signature-Input", "terminal=", "other=", "signature-input"),
        ("Signature-Input", "terminal=", "", "signature-input"),
        ("Content-Digest", "sha-256", "sha-512", "content-digest"),
        ("Signature", "terminal=:", "other=:", "signature"),
    ],
)
def test_a_changed_header_field_is_refused(field, old, new, expected):
    fields = headers()
    assert old in fields[field]

    fields[field] = fields[field].replace(old, new)

    assert refusal(REQUEST, fields) == expected


@pytest.mark.parametrize(
    ("absent", "expected"),
    [("Signature-Input", "signature-input"), ("Content-Digest", "content-digest"), ("Signature", "signature")],
)
def test_a_missing_header_field_is_refused(absent, expected):
    fields = headers()
    del fields[absent]

    assert refusal(REQUEST, fields) == expected


def test_another_terminals_key_is_refused():
    other = Ed25519PrivateKey.from_private_bytes(b"k" * 32)

    assert refusal(REQUEST, headers(key=other)) == "signature"


@pytest.mark.parametrize("sign_of", [1, -1])
def test_a_request_may_be_as_old_as_the_policy_says_and_no_older(sign_of):
    edge = NOW + sign_of * REQUEST_AGE

    assert verify(REQUEST, headers(), keys=KEYS, now=edge).created == NOW
    with pytest.raises(RequestReplayed) as caught:
        verify(REQUEST, headers(), keys=KEYS, now=edge + sign_of * timedelta(seconds=1))
    assert caught.value.detail == {"age_s": sign_of * 61}


def test_every_signature_has_its_own_nonce():
    first, second = (sign(REQUEST, KEY, keyid="kiosk-1", now=NOW) for _ in range(2))

    assert first["Signature-Input"] != second["Signature-Input"]


def test_a_signature_has_one_form_in_letters():
    fields = headers()
    last = fields["Signature"][-4]
    assert last in "AQgw"  # 64 octets leave four bits unused, which are zero

    fields["Signature"] = fields["Signature"][:-4] + chr(ord(last) + 1) + "==:"

    assert refusal(REQUEST, fields) == "signature"


@given(st.fixed_dictionaries({name: st.text() for name in ("Content-Digest", "Signature-Input", "Signature")}))
def test_garbage_is_refused_and_nothing_else_escapes(fields):
    with pytest.raises(TerminalRefused):
        verify(REQUEST, fields, keys=KEYS, now=NOW)


@given(field=st.sampled_from(["Content-Digest", "Signature-Input", "Signature"]), data=st.data())
def test_any_other_octet_in_a_field_is_refused(field, data):
    fields = headers()
    place = data.draw(st.integers(0, len(fields[field]) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != fields[field][place]))
    fields[field] = fields[field][:place] + other + fields[field][place + 1 :]

    with pytest.raises((TerminalRefused, RequestReplayed)):
        verify(REQUEST, fields, keys=KEYS, now=NOW)
