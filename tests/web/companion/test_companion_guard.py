"""Any page in any tab can speak to loopback: what the companion takes from whom."""

import pytest
from companion_desk import OWN, PIN, SERVER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reset_app.companion.settings import CompanionSettings
from services.domain.password import PasswordKind

TASK = {"session": "0" * 32, "secret": "s" * 43, "server": SERVER, "return_path": "/card/return"}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("origin", "named"),
    [
        (None, SERVER),
        ("null", SERVER),
        ("https://evil.example", SERVER),
        ("https://evil.example", "https://evil.example"),
        (SERVER, "https://evil.example"),
        (SERVER, ""),
        (f"{SERVER}/", f"{SERVER}/"),
        (f"{SERVER}.evil.example", f"{SERVER}.evil.example"),
        ("http://reset.example", "http://reset.example"),
        (OWN, OWN),
    ],
)
def test_only_a_page_on_the_list_may_hand_over_and_only_for_itself(desk, origin, named):
    refused = desk.start({**TASK, "server": named}, origin=origin)
    assert (refused.status_code, desk.line.sent) == (403, [])
    assert "PR-3402" in refused.get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session", ""),
        ("session", "0" * 31),
        ("session", "../" + "0" * 32),
        ("session", "0" * 32 + "\n"),
        ("session", "A" * 32),
        ("secret", ""),
        ("secret", "s" * 31),
        ("secret", "s" * 300),
        ("secret", "ｓ" * 43),
        ("return_path", ""),
        ("return_path", "card"),
        ("return_path", "//evil.example"),
        ("return_path", "/\\evil.example"),
        ("return_path", "https://evil.example"),
        ("return_path", "/card\r\nSet-Cookie: a=b"),
        ("return_path", "/@evil.example/" + "x" * 300),
        ("return_path", "/a?b=c"),
    ],
)
def test_a_field_that_is_not_in_its_form_goes_nowhere(desk, name, value):
    refused = desk.start({**TASK, name: value})
    assert (refused.status_code, desk.line.sent) == (400, [])


def test_a_field_that_is_missing_or_doubled_goes_nowhere(desk):
    missing = [desk.start({key: value for key, value in TASK.items() if key != name}) for name in TASK]
    doubled = [desk.start({**TASK, name: [TASK[name]] * 2}) for name in TASK]
    assert {answer.status_code for answer in (*missing, *doubled)} == {400}
    assert desk.line.sent == []


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.dictionaries(st.sampled_from([*TASK, "more"]), st.text(max_size=60) | st.sampled_from([*TASK.values()])),
    origin=st.sampled_from([SERVER, OWN, "null", None, "https://evil.example"]),
)
def test_no_form_whatever_gets_more_than_a_page(desk, form, origin):
    answer = desk.start(form, origin=origin)
    assert 400 <= answer.status_code < 500 or form == TASK
    assert "data-code=" in answer.get_data(as_text=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=300), kind=st.sampled_from([FORM, "multipart/form-data; boundary=x", "application/json", ""])
)
def test_no_bytes_whatever_get_more_than_a_page(desk, raw, kind):
    answer = desk.start(raw, content_type=kind)
    assert (answer.status_code, desk.line.sent) == (400, [])


def test_a_body_that_is_too_long_is_refused(desk):
    assert desk.start({**TASK, "more": "x" * 20_000}).status_code == 413


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:24727", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:24727"]
)
@pytest.mark.parametrize("address", ["/visit", "/visit/status", "/static/companion.css"])
def test_another_name_for_this_device_is_refused(desk, host, address):
    desk.hand_over()
    with desk.client.get(address, base_url=f"http://{host}") as answer:
        assert answer.status_code == 403


BUTTONS = ("agree", "next", "password", "back", "stop")


@pytest.mark.parametrize("origin", [SERVER, "https://evil.example", "null", "", "http://localhost:24727"])
def test_no_other_page_presses_a_button(desk, origin):
    desk.to_password()
    answers = {desk.press(name, {"password": PIN, "to": "menu"}, origin=origin).status_code for name in BUTTONS}
    assert (answers, desk.shown(), desk.tries(PasswordKind.USER_AUTHENTICATION)) == ({403}, ("password", None), 3)


def test_another_browser_sees_nothing_of_the_visit(desk):
    desk.to_password()
    stranger = desk.client.application.test_client()
    answers = [
        stranger.get("/visit", base_url=OWN),
        stranger.get("/visit/status", base_url=OWN),
        stranger.post("/visit/password", data={"password": PIN}, base_url=OWN, headers={"Origin": OWN}),
    ]
    stranger.set_cookie("companion", "ｘ" * 43, domain="127.0.0.1", path="/visit")
    answers.append(stranger.get("/visit", base_url=OWN))
    assert [answer.status_code for answer in answers] == [404] * 4


def test_a_session_that_was_attached_already_is_said_with_the_way_back(desk):
    desk.hand_over()
    again = desk.start(desk.task)
    page = again.get_data(as_text=True)
    assert again.status_code == 403
    assert "PR-3001" in page
    assert f'href="{SERVER}/card/return"' in page


def test_a_server_that_is_not_there_is_said_with_the_way_back(desk):
    desk.line.cut = lambda _path: True
    refused = desk.start(TASK)
    assert refused.status_code == 502
    assert f'href="{SERVER}/card/return"' in refused.get_data(as_text=True)


def test_a_server_that_calls_itself_something_else_gets_no_signature(desk):
    desk.client.application.extensions["companion"].settings = CompanionSettings(servers=("https://other.example",))
    desk.hand_over()
    refused = desk.start({**desk.task, "server": "https://other.example"}, origin="https://other.example")
    assert refused.status_code == 403


def test_every_page_carries_the_headers(desk):
    desk.hand_over()
    for address in ("/visit", "/visit/status", "/static/companion.css", "/nothing"):
        with desk.client.get(address, base_url=OWN) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert f"form-action 'self' {SERVER}" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert "Access-Control-Allow-Origin" not in headers


def test_the_cookie_is_for_this_program_and_no_script(desk):
    cookie = desk.hand_over().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/visit" in cookie


@pytest.mark.parametrize(
    "values",
    [
        {"servers": ""},
        {"servers": "http://reset.example"},
        {"servers": "https://reset.example/"},
        {"servers": "https://reset.example, javascript:alert(1)"},
        {"reader": "usb"},
        {"reader": "socket:"},
    ],
)
def test_a_setting_that_opens_the_door_too_far_is_refused(values):
    with pytest.raises(ValidationError):
        CompanionSettings(**values)


def test_servers_are_listed_with_commas(monkeypatch):
    monkeypatch.setenv("COMPANION_SERVERS", "https://a.example, https://b.example:8443")
    assert CompanionSettings().servers == ("https://a.example", "https://b.example:8443")
