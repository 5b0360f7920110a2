"""The companion's interface: the task once, the proof once, and a problem document for everything else."""

import base64

import pytest
from api_site import make_site
from builders import FACE, FRONT, proof
from hypothesis import given, settings
from hypothesis import strategies as st

from reset_app.errors import PROBLEM, Problem
from reset_app.wire import base64url
from services.domain.errors import CardSignatureInvalid, RevocationUnavailable
from services.domain.intake import IntakeState
from services.domain.password import PasswordKind
from services.usecases.card_session import open_card_session
from services.usecases.read_card_front import confirm_front
from services.usecases.start_intake import start_intake

AGENT = {"name": "test", "version": "1", "reader": "reader 1"}
UNKNOWN = "0" * 32
VERBS = ("attach", "result", "failure")


@pytest.fixture
def opened(world):
    """A session as the page opens it."""
    intake = start_intake(world.ports, kind="signature", terms_accepted=True).intake
    confirm_front(world.ports, intake.id, FRONT, method="hand")
    return intake, open_card_session(world.ports, intake.id)


def sender(app):
    client = app.test_client()

    def send(session, verb, body):
        return client.post(f"/companion-api/v1/card-sessions/{session}/{verb}", json=body)

    return send


@pytest.fixture
def post(app):
    return sender(app)


@pytest.fixture(scope="module")
def one_app(tmp_path_factory):
    """One application for all that changes nothing in it."""
    return make_site(tmp_path_factory.mktemp("site")).app


@pytest.fixture(scope="module")
def throw(one_app):
    return sender(one_app)


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def result_body(secret, nonce, card="sakura"):
    made = proof(PasswordKind.USER_AUTHENTICATION, card, nonce)
    return {
        "secret": secret,
        "certificate": base64url(made.certificate),
        "identity_certificate": base64url(made.identity_certificate),
        "signature": base64url(made.signature),
        "card_face": {
            "record": base64url(FACE.record),
            "cv_certificate": base64url(FACE.cv_certificate),
            "challenge_signature": base64url(FACE.challenge_signature),
        },
    }


def attached(post, session):
    return post(session.id, "attach", {"secret": session.secret, "agent": AGENT})


def is_problem(answer, status, code):
    found = Problem.model_validate_json(answer.data)
    assert (answer.status_code, answer.content_type, found.code, found.status) == (status, PROBLEM, code, status)
    return found


def test_the_task_names_kind_nonce_and_card_front(post, opened):
    task = attached(post, opened[1]).json
    assert len(octets(task.pop("nonce"))) == 32
    assert task == {
        "kind": "signature",
        "origin": "https://reset.example",
        "number_b": {
            "birth": "1989-03-31",
            "expiry": "2030-03-31",
            "security_code": "2285",
            "western_birth_year": False,
        },
        "ends_at": "2026-11-21T00:05:00Z",
        "rehearsal": True,
    }


def test_the_task_is_given_once(post, opened):
    attached(post, opened[1])
    is_problem(attached(post, opened[1]), 403, "PR-3001")


def test_a_proof_is_accepted_once(post, opened, world):
    intake, session = opened
    body = result_body(session.secret, octets(attached(post, session).json["nonce"]))
    first, second = post(session.id, "result", body), post(session.id, "result", body)
    assert (first.status_code, first.json) == (200, {"state": "accepted"})
    is_problem(second, 403, "PR-3001")
    with world.ports.ledger.begin() as unit:
        assert unit.intake(intake.id).state is IntakeState.CHIP_READ


@pytest.mark.parametrize(("refusal", "status"), [(CardSignatureInvalid(), 403), (RevocationUnavailable(), 503)])
def test_a_refused_proof_is_told_by_its_code(post, opened, world, refusal, status):
    session = opened[1]
    nonce = octets(attached(post, session).json["nonce"])
    world.proofs.refusal = refusal
    is_problem(post(session.id, "result", result_body(session.secret, nonce)), status, refusal.code)


def test_a_failure_ends_the_session(post, opened):
    session = opened[1]
    nonce = octets(attached(post, session).json["nonce"])
    failed = post(session.id, "failure", {"secret": session.secret, "code": "PR-4001"})
    assert (failed.status_code, failed.json) == (200, {"state": "failed"})
    assert nonce


def test_a_failure_needs_a_code_of_the_catalogue(post, opened):
    session = opened[1]
    refused = post(session.id, "failure", {"secret": session.secret, "code": "PR-9999"})
    assert is_problem(refused, 400, "PR-1001").where == "code"


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_secret_and_an_unknown_session_are_not_told_apart(post, opened, verb):
    session = opened[1]
    secret = "x" * 43
    bodies = {
        "attach": {"secret": secret, "agent": AGENT},
        "result": result_body(secret, bytes(32)),
        "failure": {"secret": secret, "code": "PR-4001"},
    }
    answers = [post(known, verb, bodies[verb]) for known in (session.id, UNKNOWN)]
    assert [answer.data for answer in answers] == [answers[0].data] * 2
    is_problem(answers[0], 403, "PR-3001")


@pytest.mark.parametrize("session", ["x", "0" * 31, "0" * 33, "%00" * 32, "A" * 32, "../" + "0" * 32])
def test_an_address_that_is_no_session_reaches_no_database(throw, session):
    is_problem(throw(session, "attach", {}), 404, "PR-5004")


SECRET = "s" * 43
GOOD = {"secret": SECRET, "agent": AGENT}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "secret"),
        ({**GOOD, "secret": 5}, "secret"),
        ({**GOOD, "secret": None}, "secret"),
        ({**GOOD, "secret": "s" * 87}, "secret"),
        ({**GOOD, "secret": "s\u0000" * 20}, "secret"),
        ({**GOOD, "secret": "ｓ" * 43}, "secret"),
        ({**GOOD, "agent": []}, "agent"),
        ({**GOOD, "agent": {**AGENT, "name": "x" * 81}}, "agent.name"),
        ({**GOOD, "agent": {**AGENT, "reader": "a\nb"}}, "agent.reader"),
        ({**GOOD, "agent": {**AGENT, "reader": "a\n"}}, "agent.reader"),
        ({**GOOD, "evil<script>": 1}, "unknown"),
        ({**GOOD, "agent": {**AGENT, "more": 1}}, "agent.unknown"),
        ([], "body"),
        (5, "body"),
        ("text", "body"),
    ],
)
def test_a_body_that_is_not_the_schema_is_refused_by_field(throw, body, where):
    assert is_problem(throw(UNKNOWN, "attach", body), 400, "PR-1001").where == where


RAW = {
    "empty": b"",
    "truncated": b'{"secret": "',
    "two values": b"{}{}",
    "not utf-8": b'{"secret": "\xff\xfe"}',
    "a lone surrogate": b'{"secret": "\\ud800"}',
    "deep nesting": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "not a number": b'{"secret": NaN}',
    "a huge number": b'{"secret": ' + b"9" * 100_000 + b"}",
    "nul bytes": b"\x00" * 1000,
    "a byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
@pytest.mark.parametrize("verb", VERBS)
def test_what_is_no_json_is_refused(one_app, verb, raw):
    answer = one_app.test_client().post(
        f"/companion-api/v1/card-sessions/{UNKNOWN}/{verb}", data=raw, content_type="application/json"
    )
    is_problem(answer, 400, "PR-1001")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_json_under_another_name_is_refused(one_app, kind):
    answer = one_app.test_client().post(
        f"/companion-api/v1/card-sessions/{UNKNOWN}/attach", data=b"{}", content_type=kind
    )
    is_problem(answer, 415, "PR-1001")


@pytest.mark.parametrize(
    "text",
    ["=", "AA==", "A", "AB", "+/+/", "あ", "AA\n", " AA", "A" * 5463, ""],
)
def test_a_binary_value_has_one_spelling(throw, text):
    body = {**result_body(SECRET, bytes(32)), "certificate": text}
    assert is_problem(throw(UNKNOWN, "result", body), 400, "PR-1001").where == "certificate"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def damaged(body):
    """The body with one field, at any depth, replaced by anything."""
    paths = [(name,) for name in body] + [
        (name, inner) for name, value in body.items() if isinstance(value, dict) for inner in value
    ]

    def replaced(path, value):
        if len(path) == 1:
            return {**body, path[0]: value}
        return {**body, path[0]: {**body[path[0]], path[1]: value}}

    return st.builds(replaced, st.sampled_from(paths), anything)


@settings(max_examples=60)
@given(
    st.one_of(
        st.tuples(st.just("attach"), anything | damaged(GOOD)),
        st.tuples(st.just("result"), anything | damaged(result_body(SECRET, bytes(32)))),
        st.tuples(st.just("failure"), anything | damaged({"secret": SECRET, "code": "PR-4001"})),
    )
)
def test_no_json_whatever_gets_more_than_a_problem(one_app, sent):
    verb, body = sent
    answer = one_app.test_client().post(f"/companion-api/v1/card-sessions/{UNKNOWN}/{verb}", json=body)
    found = Problem.model_validate_json(answer.data)
    assert (answer.content_type, found.status) == (PROBLEM, answer.status_code)
    assert 400 <= answer.status_code < 500


@settings(max_examples=40)
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["application/json", "text/plain"]))
def test_no_bytes_whatever_get_more_than_a_problem(one_app, raw, kind):
    answer = one_app.test_client().post(
        f"/companion-api/v1/card-sessions/{UNKNOWN}/attach", data=raw, content_type=kind
    )
    assert (answer.content_type, 400 <= answer.status_code < 500) == (PROBLEM, True)
