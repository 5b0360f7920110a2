"""The kiosk's interface: the way through it, every call repeated, and what a known terminal may not send."""

import uuid
from datetime import timedelta

import pytest
from api_site import Site, make_site
from builders import proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_kiosk import (
    CARD,
    CLAIM,
    Kiosk,
    authorisation_body,
    claim_body,
    claimed,
    completion_body,
    enrolled,
    is_problem,
    octets_of,
)

from reset_app.errors import Problem
from reset_app.wire import base64url
from services.domain.canonical import canonical_json
from services.domain.password import PasswordKind
from services.domain.receipt import Verdict, read_receipt, verify
from services.domain.reservation import Reservation, ReservationState, deadline
from services.storage.terminals import PlaceClass, Terminal
from services.usecases.claim import open_claim


@pytest.fixture
def site(tmp_path) -> Site:
    return make_site(tmp_path)


@pytest.fixture
def kiosk(site) -> Kiosk:
    return enrolled(site)


@pytest.fixture(scope="module")
def still_kiosk(tmp_path_factory) -> Kiosk:
    """One terminal for all that changes nothing."""
    return enrolled(make_site(tmp_path_factory.mktemp("site")))


@pytest.fixture
def reserved(site) -> Reservation:
    ports = site.world.ports
    now = ports.clock.now()
    fingerprint = ports.proofs.fingerprint(proof(PasswordKind.SIGNATURE, CARD, b"").identity_certificate)
    made = Reservation(
        id="0" * 32,
        kind=PasswordKind.SIGNATURE,
        card_fingerprint=fingerprint,
        other_key_fingerprint=ports.proofs.key_fingerprint(proof(PasswordKind.SIGNATURE.other, CARD, b"").certificate),
        state=ReservationState.RESERVED,
        reserved_at=now,
        expires_at=deadline(now),
        rehearsal=True,
    )
    with ports.ledger.begin() as unit:
        unit.add_reservation(made, actor="resident")
    return made


# ── The way through ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reservation_is_claimed_authorised_and_completed(kiosk, reserved):
    given_claim = claimed(kiosk).json
    nonce = octets_of(given_claim.pop("completion_nonce"))
    assert given_claim == {
        "claim_id": CLAIM,
        "reservation_id": reserved.id,
        "kind": "signature",
        "code_words": list(reserved.code_words),
        "fence": 1,
        "lease_until": "2026-11-21T00:03:00Z",
        "expires_at": "2026-11-22T00:00:00Z",
        "evidence_first": False,
        "may_authorise": True,
    }
    word = kiosk.post(f"claims/{CLAIM}/authorisation", authorisation_body()).json
    assert octets_of(word["authorisation"]) == b"authorised" + b"c" * 16
    done = kiosk.post(f"claims/{CLAIM}/completion", completion_body(nonce))
    assert (done.status_code, done.json["state"]) == (200, "completed")


def test_every_call_may_be_repeated(kiosk, reserved):
    nonce = octets_of(kiosk.post("challenges").json["nonce"])
    claims = [kiosk.post("claims", claim_body(nonce)).json for _ in range(2)]
    words = [kiosk.post(f"claims/{CLAIM}/authorisation", authorisation_body()).json for _ in range(2)]
    evidence = completion_body(octets_of(claims[0]["completion_nonce"]))
    ends = [kiosk.post(f"claims/{CLAIM}/completion", evidence).json for _ in range(2)]
    assert [pair[0] == pair[1] for pair in (claims, words, ends)] == [True] * 3


def test_what_is_completed_has_a_receipt_that_the_log_knows(site, kiosk, reserved):
    nonce = octets_of(claimed(kiosk).json["completion_nonce"])
    kiosk.post(f"claims/{CLAIM}/authorisation", authorisation_body())
    told = kiosk.post(f"claims/{CLAIM}/completion", completion_body(nonce)).json["receipt"]
    kept = read_receipt(canonical_json(told))
    with site.world.ports.ledger.begin() as unit:
        log = [octets for octets, _ in unit.audit_links()]
    assert (kept.kind, kept.place, verify(kept, log).verdict) == (
        PasswordKind.SIGNATURE,
        PlaceClass.STORE,
        Verdict.VALID,
    )


def test_late_evidence_has_no_receipt(kiosk, reserved):
    nonce = octets_of(claimed(kiosk).json["completion_nonce"])
    kiosk.post(f"claims/{CLAIM}/authorisation", authorisation_body())
    kiosk.site.world.clock.advance(timedelta(seconds=1))
    newer = str(uuid.UUID(int=7))
    assert claimed(kiosk, newer).status_code == 200
    assert kiosk.post(f"claims/{newer}/authorisation", authorisation_body(b"d" * 16)).status_code == 200
    late = kiosk.post(f"claims/{CLAIM}/completion", completion_body(nonce))
    assert (late.status_code, late.json) == (200, {"state": "late", "receipt": None})


def test_a_claim_can_be_given_back_and_that_can_be_repeated(kiosk, reserved):
    claimed(kiosk)
    answers = [kiosk.post(f"claims/{CLAIM}/release", {"why": "cancel"}).json for _ in range(2)]
    assert answers == [{"state": "released"}, {"state": "not_held"}]


def test_a_card_without_a_reservation_is_told_so(kiosk):
    is_problem(claimed(kiosk), 404, "PR-5002")


def test_another_terminals_claim_is_not_touched(site, kiosk, reserved):
    claimed(kiosk)
    other_key = Ed25519PrivateKey.generate()
    site.services.terminals.enrol(Terminal("t2", other_key.public_key().public_bytes_raw(), "端末", PlaceClass.STORE))
    other = Kiosk(site, "t2", other_key)
    is_problem(other.post(f"claims/{CLAIM}/authorisation", authorisation_body()), 409, "PR-2005")
    assert other.post(f"claims/{CLAIM}/release", {"why": "cancel"}).json == {"state": "not_held"}


# ── What a known terminal may send ──────────────────────────────────────────────────────────────────────────────────

NONCE = bytes(32)
GOOD = {
    "claims": claim_body(NONCE),
    f"claims/{CLAIM}/authorisation": authorisation_body(),
    f"claims/{CLAIM}/completion": completion_body(NONCE),
    f"claims/{CLAIM}/release": {"why": "cancel"},
}


@pytest.mark.parametrize(
    ("path", "change", "where"),
    [
        ("challenges", {"more": 1}, "unknown"),
        ("claims", {"claim_id": "c1"}, "claim_id"),
        ("claims", {"claim_id": CLAIM.upper()}, "claim_id"),
        ("claims", {"claim_id": CLAIM + "\n"}, "claim_id"),
        ("claims", {"kind": "text"}, "kind"),
        ("claims", {"kind": None}, "kind"),
        ("claims", {"nonce": "AA"}, "nonce"),
        ("claims", {"nonce": 1}, "nonce"),
        ("claims", {"proof": []}, "proof"),
        ("claims", {"proof": {"certificate": "AA"}}, "proof.identity_certificate"),
        (f"claims/{CLAIM}/authorisation", {"card_challenge": base64url(bytes(15))}, "card_challenge"),
        (f"claims/{CLAIM}/authorisation", {"certificate": base64url(bytes(4097))}, "certificate"),
        (f"claims/{CLAIM}/completion", {"signature": ""}, "signature"),
        (f"claims/{CLAIM}/release", {"why": ""}, "why"),
        (f"claims/{CLAIM}/release", {"why": "パスワード"}, "why"),
        (f"claims/{CLAIM}/release", {"why": "x" * 65}, "why"),
        (f"claims/{CLAIM}/release", {"why": "a b"}, "why"),
    ],
)
def test_a_field_that_is_not_in_its_form_is_named(still_kiosk, path, change, where):
    refused = still_kiosk.post(path, {**GOOD.get(path, {}), **change})
    assert is_problem(refused, 400, "PR-1001").where == where


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80)
@given(path=st.sampled_from(sorted(GOOD)), name=st.data(), value=anything)
def test_no_json_whatever_gets_more_than_a_problem(still_kiosk, path, name, value):
    field = name.draw(st.sampled_from(sorted(GOOD[path])))
    answer = still_kiosk.post(path, {**GOOD[path], field: value})
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert Problem.model_validate_json(answer.data).status == answer.status_code


@pytest.mark.parametrize("claim_id", ["x", "0" * 32, CLAIM + "0", CLAIM.upper(), "%00"])
def test_an_address_that_is_no_claim_reaches_no_database(still_kiosk, claim_id):
    is_problem(still_kiosk.post(f"claims/{claim_id}/release", {"why": "x"}), 404, "PR-5004")


def test_a_challenge_is_the_terminals_own(site, kiosk, reserved):
    nonce = open_claim(site.world.ports, "another terminal")
    is_problem(kiosk.post("claims", claim_body(nonce, str(uuid.UUID(int=5)))), 403, "PR-3001")
