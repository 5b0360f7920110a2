"""What every answer carries, and what no request gets past."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reset_app.security import API_BODY, SAFE_METHODS
from services.domain.policy import IMAGE_BYTES

ENTRIES = {"anyone", "resident", "staff", "terminal", "companion"}
SIGNED = {"terminal", "companion"}
TEMPLATES = Path(__file__).parents[2] / "reset_app" / "templates"


def test_every_blueprint_says_who_may_enter(app):
    assert {
        name: getattr(blueprint, "entry", None) in ENTRIES for name, blueprint in app.blueprints.items()
    } == dict.fromkeys(app.blueprints, True)


def test_every_address_belongs_to_a_blueprint_that_says_who_may_enter(app):
    ours = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    strays = [rule.rule for rule in ours if rule.endpoint.rpartition(".")[0] not in app.blueprints]
    assert strays == []


def test_a_blueprint_that_does_not_say_so_is_found():
    app = Flask("other")
    assert getattr(app, "entry", None) not in ENTRIES


@pytest.mark.parametrize("address", ["/", "/healthz", "/no-such-page", "/kiosk-api/v1/openapi.json"])
def test_every_answer_carries_the_headers(browser, address):
    headers = browser.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "form-action 'self' http://127.0.0.1:24727" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "origin"
    assert headers["Permissions-Policy"].startswith("camera=(self)")
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_page_overrides_the_referrer_policy_that_lets_the_companion_see_who_asks():
    overriding = [path.name for path in TEMPLATES.rglob("*.html") if re.search(r'name="referrer"', path.read_text())]
    assert overriding == []


def unsafe_addresses(app):
    """Every address that a browser may send to, one for each method."""
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints.get(rule.endpoint.rpartition(".")[0])
        if blueprint is None or blueprint.entry in SIGNED:
            continue
        for method in rule.methods - SAFE_METHODS:
            yield method, re.sub(r"<[^>]+>", "0" * 32, rule.rule)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://reset.example"},
        {"Origin": "https://reset.example.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_no_form_of_another_site_gets_in(app, browser, headers):
    client = app.test_client()
    answers = {
        (method, address): client.open(address, method=method, base_url=browser.origin, headers=headers).status_code
        for method, address in unsafe_addresses(app)
    }
    assert answers
    assert set(answers.values()) == {403}


@pytest.mark.parametrize("headers", [{"Origin": "https://reset.example"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_of_our_own_gets_in(app, browser, headers):
    client = app.test_client()
    data = {"kind": "signature", "terms": "yes"}
    assert client.post("/reserve", base_url=browser.origin, headers=headers, data=data).status_code == 303


class Unread(BytesIO):
    """A body that fails the test when somebody reads it."""

    def read(self, *_args):
        raise AssertionError("the body was read")


@pytest.mark.parametrize(
    ("address", "length"),
    [
        ("/front/picture", IMAGE_BYTES + 1_000_000),
        ("/companion-api/v1/card-sessions/" + "0" * 32 + "/attach", API_BODY + 1),
        ("/kiosk-api/v1/claims", API_BODY + 1),
    ],
)
def test_a_body_that_is_too_long_is_refused_unread(app, browser, address, length):
    answer = app.test_client().open(
        address,
        method="POST",
        base_url=browser.origin,
        headers={"Origin": browser.origin, "Accept": "application/json"},
        environ_overrides={"CONTENT_LENGTH": str(length), "wsgi.input": Unread()},
    )
    assert (answer.status_code, answer.json["code"]) == (413, "PR-1002")


def test_a_body_that_hides_its_length_is_read_no_further_than_the_limit(app):
    endless = BytesIO(b"[" * (API_BODY * 3))
    environ = EnvironBuilder(path="/kiosk-api/v1/claims", method="POST", content_type="application/json").get_environ()
    environ.pop("CONTENT_LENGTH", None)
    environ |= {"wsgi.input_terminated": True, "wsgi.input": endless}
    _, status, _ = run_wsgi_app(app, environ)
    assert (status, endless.tell()) == ("403 FORBIDDEN", API_BODY)


def test_health_and_readiness_are_told(browser):
    assert [browser.get(address).json for address in ("/healthz", "/readyz")] == [
        {"status": "alive"},
        {"status": "ready", "free_face_attempts": 5, "pad_report_sha256": None},
    ]
