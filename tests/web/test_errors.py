"""Every refusal in the same shape, for programs and for people; faults of ours without a word of what was typed."""

import json

import pytest
from structlog.testing import capture_logs

from reset_app.errors import PROBLEM, Problem, problem, status_of
from services.domain.errors import PasswordRejected, TooManyAttempts, catalogue

SECRET = "AB12CD34 123456789018"


@pytest.fixture
def breaking(app):
    """The application with three addresses that fail in their own ways."""

    def broken():
        raise ValueError(SECRET) from KeyError(SECRET)

    def waiting():
        raise TooManyAttempts(next_allowed_at="2026/11/21 09:05:00", wait_s=300)

    def rejected():
        raise PasswordRejected(kind="署名用パスワード", tries_left=2)

    for name, view in (("broken", broken), ("waiting", waiting), ("rejected", rejected)):
        app.add_url_rule(f"/{name}", name, view)
    return app


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_problem_document(kind):
    found = problem(kind())
    assert found == Problem.model_validate_json(found.model_dump_json())
    assert found.code == kind.code
    assert 400 <= status_of(kind()) <= 599


def test_what_is_used_up_and_when_it_may_be_tried_again_is_told(breaking, browser):
    answer = breaking.test_client().get("/waiting", headers={"Accept": "application/json"})
    assert answer.content_type == PROBLEM
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert {name: answer.json[name] for name in ("code", "next_allowed_at", "wait_s")} == {
        "code": "PR-2007",
        "next_allowed_at": "2026/11/21 09:05:00",
        "wait_s": 300,
    }


def test_a_wrong_password_tells_the_tries_that_are_left(breaking):
    answer = breaking.test_client().get("/rejected", headers={"Accept": PROBLEM})
    assert (answer.json["tries_left"], answer.json["cost"]) == (2, "1回分の入力を消費しました。")


def test_people_get_a_page_and_programs_a_document(breaking):
    client = breaking.test_client()
    page, document = client.get("/waiting"), client.get("/waiting", headers={"Accept": "application/json"})
    assert (page.content_type, document.content_type) == ("text/html; charset=utf-8", PROBLEM)
    assert "PR-2007" in page.get_data(as_text=True)


def test_the_page_of_an_error_is_whole(breaking):
    with capture_logs() as logs:
        page = breaking.test_client().get("/rejected").get_data(as_text=True)
    assert [entry["event"] for entry in logs] == ["request_refused"]
    assert "PR-3601" in page
    assert "<main" in page


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_fault_of_ours_shows_its_number_and_logs_no_word_of_it(breaking, accept):
    with capture_logs() as logs:
        answer = breaking.test_client().get("/broken", headers={"Accept": accept})
    text = answer.get_data(as_text=True)
    (entry,) = [entry for entry in logs if entry["event"] == "unexpected"]
    assert answer.status_code == 500
    assert entry["incident"] in text
    assert "PR-7999" in text
    assert "ValueError" not in text
    assert "ValueError" in entry["trace"]
    assert "KeyError" in entry["trace"]
    assert SECRET not in text + json.dumps(logs)


def test_an_unknown_page_and_a_wrong_method_are_told_in_our_words(browser):
    missing = browser.get("/no-such-page", headers={"Accept": "application/json"})
    wrong = browser.get("/kiosk-api/v1/claims")
    assert (missing.status_code, missing.json["code"]) == (404, "PR-5004")
    assert (wrong.status_code, wrong.json["code"], set(wrong.allow)) == (405, "PR-5004", {"OPTIONS", "POST"})


def test_a_refusal_is_logged_by_code_alone(breaking):
    with capture_logs() as logs:
        breaking.test_client().get("/rejected")
    assert [entry["code"] for entry in logs if entry["event"] == "request_refused"] == ["PR-3601"]
