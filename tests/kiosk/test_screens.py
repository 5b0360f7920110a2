"""The pages as HTTP."""

import re

import pytest
from kiosk_world import NEW, OLD, S
from screen_gallery import GALLERY, ScriptedFront

from kiosk.screens import create_screens
from kiosk.settings import KioskSettings

OWN = "http://127.0.0.1:8090"


@pytest.fixture
def client(world):
    return create_screens(world.kiosk, KioskSettings(), world.clock).test_client()


def post(client, address, **fields):
    step = client.get("/state", base_url=OWN).json["step"]
    return client.post(address, data={"step": step, **fields}, base_url=OWN)


def test_the_whole_session_by_plain_http(client, world):
    world.reserve()
    post(client, "/touch")
    post(client, "/service")
    post(client, "/kind", kind="signature")
    post(client, "/agree")
    world.put()
    assert client.get("/state", base_url=OWN).json["tries_left"] == 3
    post(client, "/password", password=OLD[world.kind.other])
    assert client.get("/state", base_url=OWN).json["deadline"] == "2026/11/22 09:00"
    post(client, "/go_on")
    for _ in range(2):
        post(client, "/password", password=NEW[world.kind])
    post(client, "/go_on")
    assert client.get("/state", base_url=OWN).json["state"] == "done"
    post(client, "/finish")
    world.take()
    assert client.get("/state", base_url=OWN).json["state"] == "thanks"


def test_every_post_answers_with_the_page(client):
    answer = post(client, "/touch")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:80", "http://localhost.evil:8090"])
def test_a_post_from_another_origin_changes_nothing(client, world, origin):
    step = world.kiosk.screen.step
    answer = client.post("/touch", data={"step": step}, base_url=OWN, headers={"Origin": origin})
    assert answer.status_code == 403
    assert world.kiosk.state == S.IDLE


def test_a_post_from_the_own_page_is_taken(client, world):
    step = world.kiosk.screen.step
    client.post("/touch", data={"step": step}, base_url=OWN, headers={"Origin": OWN})
    assert world.kiosk.state == S.SERVICES


@pytest.mark.parametrize("step", ["", "x", None])
def test_a_post_that_has_not_seen_the_page_changes_nothing(client, world, step):
    client.post("/touch", data={} if step is None else {"step": step}, base_url=OWN)
    assert world.kiosk.state == S.IDLE


def test_another_name_for_this_machine_is_refused(client):
    """A page of another site whose name was turned to 127.0.0.1 reads nothing."""
    assert client.get("/state", base_url="http://rebound.example:8090").status_code == 400


def test_a_post_that_is_too_large_is_refused(client, world):
    assert post(client, "/password", password="x" * 5000).status_code == 413
    assert world.kiosk.state == S.IDLE


@pytest.mark.parametrize("address", ["/", "/state", "/static/kiosk.css", "/nowhere"])
def test_every_answer_is_kept_by_nobody_and_loads_nothing_foreign(client, address):
    answer = client.get(address, base_url=OWN)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    answer.close()


@pytest.mark.parametrize("name", GALLERY)
def test_every_screen_names_itself_and_has_no_inline_code(world, name):
    screen = GALLERY[name]
    page = create_screens(ScriptedFront(screen), KioskSettings(), world.clock).test_client().get("/", base_url=OWN).text
    assert f'data-state="{screen.state.value}"' in page
    assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|\sstyle=", page)
    assert page.count("<h1>") == 1
    assert screen.fault is None or screen.fault.code in page or screen.state is S.RETURN_CARD


@pytest.mark.parametrize("name", [name for name in GALLERY if "failed" in name])
def test_a_failure_says_what_it_cost_what_to_do_and_who_can_help(world, name):
    fault = GALLERY[name].fault
    front = ScriptedFront(GALLERY[name])
    page = create_screens(front, KioskSettings(), world.clock).test_client().get("/", base_url=OWN).text
    assert [
        text for text in (fault.message, fault.cost, fault.remedy, fault.helper, fault.code) if text not in page
    ] == []


def test_a_rehearsal_says_so_on_every_page(world):
    settings = KioskSettings(rehearsal=True)
    for screen in GALLERY.values():
        page = create_screens(ScriptedFront(screen), settings, world.clock).test_client().get("/", base_url=OWN).text
        assert "練習用の端末です" in page
