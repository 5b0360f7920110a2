"""The companion's interface fed with garbage: a problem document, never a fault."""

import pytest
from api_site import make_site
from companion_bodies import AGENT, UNKNOWN, VERBS, is_problem, result_body, sender
from hypothesis import given, settings
from hypothesis import strategies as st

from reset_app.errors import PROBLEM, Problem


@pytest.fixture(scope="module")
def one_app(tmp_path_factory):
    """One application for all that changes nothing in it."""
    return make_site(tmp_path_factory.mktemp("site")).app


@pytest.fixture(scope="module")
def throw(one_app):
    return sender(one_app)


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
