"""A terminal over the wire as a device: enrolled by its own key and a code, heard, told a signed policy."""

import json
from dataclasses import dataclass, field

import pytest
from api_site import Site, make_site
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from signing_kiosk import Kiosk, is_problem, octets_of
from web_world import POLICY_SEED

from reset_app.wire import base64url
from services.domain.terminal import PlaceClass, terminal_id_of
from services.domain.terminal_policy import Scope, Stop, Trait
from services.pki.policy_signature import PolicySigner, opened_policy
from services.usecases.enrol_terminal import Place, issue_code
from services.usecases.suspend import suspend

WHY = "不具合の調査のため"
NONCE = b"n" * 16
PUBLIC = PolicySigner(POLICY_SEED).public_key
BEAT = {
    "nonce": base64url(NONCE),
    "build": "0.1.0+ab12",
    "policy_serial": 0,
    "clock_offset_ms": -420,
    "reader": "present",
    "printer": "off",
    "disk_writable": True,
    "disk_free_mb": 900,
    "journal_waiting": 0,
    "journal_damaged": 0,
    "journal_newer": 0,
    "closed": "",
}


@dataclass
class NewTerminal:
    """A machine with a key that nobody knows yet."""

    site: Site
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def kiosk(self) -> Kiosk:
        return Kiosk(self.site, terminal_id_of(self.public), self.key)

    def enrol(self, code, **changed):
        body = {"code": code, "public_key": base64url(self.public), "build": "0.1.0+ab12", **changed}
        return self.kiosk.post("enrolments", body)


@pytest.fixture
def site(tmp_path) -> Site:
    return make_site(tmp_path)


@pytest.fixture
def code(site):
    return issue_code(site.world.ports, Place("駅前店", PlaceClass.STORE, "S-0107", "pilot"), by="2001")


@pytest.fixture
def kiosk(site, code) -> Kiosk:
    terminal = NewTerminal(site)
    terminal.enrol(code)
    return terminal.kiosk


def policy_in(answer):
    assert answer.status_code == 200, answer.text
    return opened_policy(octets_of(answer.json["policy"]), octets_of(answer.json["signature"]), PUBLIC)


def test_a_terminal_brings_its_key_and_a_code_and_may_work(site, code):
    terminal = NewTerminal(site)
    is_problem(terminal.kiosk.post("challenges"), 403, "PR-3406")
    given = terminal.enrol(code).json
    assert given == {
        "terminal_id": terminal_id_of(terminal.public),
        "policy_key": base64url(PUBLIC),
        "name": "駅前店",
        "store": "S-0107",
        "place": "store",
        "cohort": "pilot",
    }
    assert terminal.kiosk.post("challenges").status_code == 200


def test_a_lost_answer_is_asked_for_again(site, code):
    terminal = NewTerminal(site)
    assert terminal.enrol(code).json == terminal.enrol(code).json


def test_a_used_code_is_refused_and_one_that_never_was(site, code, kiosk):
    is_problem(NewTerminal(site).enrol(code), 403, "PR-3408")
    is_problem(NewTerminal(site).enrol("AAAA-AAAA-AAAA-AAAA-AAAA"), 403, "PR-3408")


def test_a_key_that_did_not_sign_the_request_is_not_enrolled(site, code):
    """Otherwise somebody else's key, or one that nobody has, could be put in a terminal's place."""
    honest, thief = NewTerminal(site), NewTerminal(site)
    is_problem(thief.enrol(code, public_key=base64url(honest.public)), 403, "PR-3406")
    forged = Kiosk(site, terminal_id_of(honest.public), thief.key)
    body = {"code": code, "public_key": base64url(honest.public), "build": "b"}
    is_problem(forged.post("enrolments", body), 403, "PR-3403")
    assert honest.enrol(code).status_code == 200


def test_a_key_comes_under_its_own_id_only(site, code, kiosk):
    thief = NewTerminal(site)
    body = {"code": code, "public_key": base64url(thief.public), "build": "b"}
    is_problem(Kiosk(site, kiosk.keyid, thief.key).post("enrolments", body), 403, "PR-3406")


def test_a_heartbeat_is_answered_with_a_policy_for_this_heartbeat(site, kiosk):
    suspend(site.world.ports, Trait.parse("store:S-9"), by="2001", why=WHY)
    policy = policy_in(kiosk.post("heartbeats", BEAT))
    assert (policy.answers, policy.issued_at) == (base64url(NONCE), site.world.clock.now())
    assert policy.stops == (Stop(Trait(Scope.STORE, "S-9"), WHY),)


def test_the_last_report_of_a_terminal_is_kept(site, kiosk):
    kiosk.post("heartbeats", BEAT)
    kiosk.post("heartbeats", {**BEAT, "journal_waiting": 2, "closed": "reader", "reader": "absent"})
    heard = site.services.terminals.heard()[kiosk.keyid]
    assert (heard.seen_at, heard.report.build, heard.report.clock_offset_ms) == (
        site.world.clock.now(),
        "0.1.0+ab12",
        -420,
    )
    assert (heard.report.journal_waiting, heard.report.closed) == (2, "reader")


def test_anybody_may_check_the_policy_and_no_terminal_takes_it(site):
    suspend(site.world.ports, Trait.parse("store:S-9"), by="2001", why=WHY)
    policy = policy_in(site.app.test_client().get("/kiosk-api/v1/policy"))
    assert (policy.answers, len(policy.stops)) == ("", 1)


def test_an_unknown_build_is_told_so(site, kiosk):
    with site.world.ports.ledger.begin() as unit:
        unit.add_build("0.2.0", at=site.world.clock.now(), by="2001")
    is_problem(kiosk.post("heartbeats", BEAT), 403, "PR-3412")
    is_problem(kiosk.post("challenges"), 403, "PR-3412")
    assert kiosk.post("heartbeats", {**BEAT, "build": "0.2.0"}).status_code == 200
    assert kiosk.post("challenges").status_code == 200


def test_a_suspended_store_is_still_heard_and_begins_nothing(site, kiosk):
    kiosk.post("heartbeats", BEAT)
    suspend(site.world.ports, Trait.parse("store:S-0107"), by="2001", why=WHY)
    assert policy_in(kiosk.post("heartbeats", BEAT)).stop_of([Trait(Scope.STORE, "S-0107")])
    is_problem(kiosk.post("challenges"), 403, "PR-3411")


def test_without_a_policy_key_no_terminal_is_heard_or_enrolled(tmp_path):
    site = make_site(tmp_path)
    object.__setattr__(site.services, "policy_signer", None)
    code = issue_code(site.world.ports, Place("駅前店", PlaceClass.STORE, "S-1", "pilot"), by="2001")
    terminal = NewTerminal(site)
    is_problem(terminal.enrol(code), 503, "PR-7000")
    is_problem(terminal.kiosk.post("challenges"), 403, "PR-3406")


@settings(max_examples=40)
@given(st.data())
def test_a_heartbeat_out_of_form_is_refused(still_site, data):
    terminal = still_site
    name = data.draw(st.sampled_from(sorted(BEAT)))
    wrong = data.draw(st.sampled_from([[], {}, 1.5, "x" * 65, "あ", -(2**60)]))
    is_problem(terminal.post("heartbeats", {**BEAT, name: wrong}), 400, "PR-1001")
    is_problem(terminal.post("heartbeats", {key: value for key, value in BEAT.items() if key != name}), 400, "PR-1001")
    is_problem(terminal.post("heartbeats", {**BEAT, "name": "様"}), 400, "PR-1001")


@pytest.fixture(scope="module")
def still_site(tmp_path_factory) -> Kiosk:
    site = make_site(tmp_path_factory.mktemp("site"))
    terminal = NewTerminal(site)
    terminal.enrol(issue_code(site.world.ports, Place("駅前店", PlaceClass.STORE, "S-1", "pilot"), by="2001"))
    return terminal.kiosk


def test_a_refused_heartbeat_leaves_no_report(still_site):
    is_problem(still_site.post("heartbeats", raw=json.dumps({**BEAT, "reader": "broken"}).encode()), 400, "PR-1001")
    assert still_site.site.services.terminals.heard() == {}
