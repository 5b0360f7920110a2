"""Who may enter the kiosk's interface: only a terminal's own fresh signature opens it."""

from datetime import timedelta

import pytest
from api_site import Site, make_site
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_kiosk import KEY, Kiosk, enrolled, is_problem

from services.pki.terminal_signature import HTTPRequest, sign
from services.usecases.suspend import revoke


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


def test_a_request_without_a_signature_is_refused(still_kiosk):
    is_problem(still_kiosk.post("challenges", headers={"Content-Type": "application/json"}), 403, "PR-3403")


def test_the_same_request_is_refused_the_second_time(still_kiosk):
    headers = still_kiosk.signed("challenges", b"{}")
    first, second = (still_kiosk.post("challenges", raw=b"{}", headers=headers) for _ in range(2))
    assert first.status_code == 200
    is_problem(second, 403, "PR-3404")


def test_a_request_that_was_refused_for_its_content_is_not_taken_twice_either(still_kiosk):
    headers = still_kiosk.signed("claims", b"{}")
    first, second = (still_kiosk.post("claims", raw=b"{}", headers=headers) for _ in range(2))
    is_problem(first, 400, "PR-1001")
    is_problem(second, 403, "PR-3404")


@pytest.mark.parametrize("late", [timedelta(seconds=61), timedelta(seconds=-61), timedelta(days=3650)])
def test_an_old_request_and_one_from_the_future_are_refused(still_kiosk, late):
    headers = still_kiosk.signed("challenges", b"{}", late=late)
    is_problem(still_kiosk.post("challenges", raw=b"{}", headers=headers), 403, "PR-3404")


@pytest.mark.parametrize("late", [timedelta(seconds=60), timedelta(seconds=-60)])
def test_a_minute_of_difference_between_clocks_is_allowed(still_kiosk, late):
    headers = still_kiosk.signed("challenges", b"{}", late=late)
    assert still_kiosk.post("challenges", raw=b"{}", headers=headers).status_code == 200


def test_a_revoked_terminal_and_an_unknown_one_are_told_what_they_are(site, kiosk):
    revoke(site.world.ports, "t1", by="2001", why="盗難の届出")
    is_problem(kiosk.post("challenges"), 403, "PR-3407")
    is_problem(Kiosk(site, "t9", KEY).post("challenges"), 403, "PR-3406")


def test_only_who_has_the_key_learns_that_it_is_revoked(site, kiosk):
    revoke(site.world.ports, "t1", by="2001", why="盗難の届出")
    is_problem(Kiosk(site, "t1", Ed25519PrivateKey.generate()).post("challenges"), 403, "PR-3403")


def test_a_terminal_whose_clock_is_wrong_learns_by_how_much(still_kiosk):
    headers = still_kiosk.signed("challenges", b"{}", late=timedelta(minutes=7))
    refused = is_problem(still_kiosk.post("challenges", raw=b"{}", headers=headers), 403, "PR-3404")
    assert refused.age_s == 420
    stranger = Kiosk(still_kiosk.site, "t1", Ed25519PrivateKey.generate())
    headers = stranger.signed("challenges", b"{}", late=timedelta(minutes=7))
    assert is_problem(stranger.post("challenges", raw=b"{}", headers=headers), 403, "PR-3403").age_s is None


def test_another_key_is_refused(site, kiosk):
    is_problem(Kiosk(site, "t1", Ed25519PrivateKey.generate()).post("challenges"), 403, "PR-3403")


def test_a_signature_fits_one_body_one_path_and_one_server(still_kiosk):
    headers = still_kiosk.signed("challenges", b"{}")
    is_problem(still_kiosk.post("challenges", raw=b"{ }", headers=headers), 403, "PR-3403")
    is_problem(still_kiosk.post("claims", raw=b"{}", headers=headers), 403, "PR-3403")
    is_problem(still_kiosk.post("challenges?x=1", raw=b"{}", headers=headers), 403, "PR-3403")
    foreign = HTTPRequest("POST", "https://other.example/kiosk-api/v1/challenges", b"{}")
    headers = sign(foreign, KEY, keyid="t1", now=still_kiosk.site.world.clock.now())
    is_problem(still_kiosk.post("challenges", raw=b"{}", headers=headers), 403, "PR-3403")


@pytest.mark.parametrize("name", ["Content-Digest", "Signature-Input", "Signature"])
@pytest.mark.parametrize("value", ["", "x", "terminal=", "terminal=:AAAA:", "\u00e9" * 20, "a" * 5000])
def test_a_header_that_is_not_in_the_profile_is_refused(still_kiosk, name, value):
    headers = {**still_kiosk.signed("challenges", b"{}"), name: value}
    is_problem(still_kiosk.post("challenges", raw=b"{}", headers=headers), 403, "PR-3403")


def test_a_header_that_is_there_twice_is_refused(still_kiosk):
    headers = [*still_kiosk.signed("challenges", b"{}").items()]
    twice = [*headers, next(pair for pair in headers if pair[0] == "Signature-Input")]
    is_problem(still_kiosk.post("challenges", raw=b"{}", headers=twice), 403, "PR-3403")


@settings(max_examples=60)
@given(body=st.binary(max_size=100), signed=st.booleans())
def test_unsigned_bytes_are_never_parsed(still_kiosk, body, signed):
    headers = still_kiosk.signed("claims", body) if signed else {"Content-Type": "application/json"}
    is_problem(
        still_kiosk.post("claims", raw=body, headers=headers), *((400, "PR-1001") if signed else (403, "PR-3403"))
    )
