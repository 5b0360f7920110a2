"""Something else answers in the server's place: nothing is believed, nothing changes, and the next person is served."""

import json
from datetime import timedelta

import httpx
import pytest
from kiosk_world import OLD, S

from services.domain.reservation import ReservationState

GARBAGE = [b"", b"{}", b"[]", b"<html>", b"\xff" * 100, b"x" * 200_000, b'{"code": "PR-1"}', b"null", b"1e999"]
CALLS = ["/challenges", "/claims", "/authorisation"]


def always(path, answer):
    return lambda asked: httpx.Response(*answer) if asked.endswith(path) else None


def until_the_end(world) -> None:
    world.reserve()
    world.to_new_password()
    if world.kiosk.state is S.NEW_PASSWORD:
        world.set_password()


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda octets: repr(octets[:12]))
@pytest.mark.parametrize("call", CALLS)
def test_garbage_ends_at_a_clear_screen_within_ten_seconds(world, call, garbage):
    world.wire.forge = lambda asked: httpx.Response(200, content=garbage) if asked.endswith(call) else None
    until_the_end(world)
    assert (S.FAILED, "PR-7009") == (world.kiosk.state, world.kiosk.code)
    assert world.paused < timedelta(seconds=10)
    assert world.kiosk.screen.unchanged
    assert world.card_has(OLD[world.kind])
    assert world.serves_the_next_person()


def test_garbage_after_the_write_leaves_the_proof_on_disk_and_the_password_promised(world):
    reservation = world.reserve()
    world.wire.forge = lambda asked: httpx.Response(200, content=b"<html>") if asked.endswith("/completion") else None
    assert world.visit() == S.DONE
    assert world.kiosk.screen.pending
    world.mend()
    world.kiosk.outbox.send()
    assert world.state_of(reservation) is ReservationState.COMPLETED


def test_a_gateway_that_says_that_the_server_is_away_is_asked_again(world):
    world.wire.forge = lambda asked: httpx.Response(502, content=b"<html>Bad Gateway") if "/claims" in asked else None
    until_the_end(world)
    assert "PR-7004" == world.kiosk.code
    assert world.paused > timedelta(seconds=50)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("claim_id", "00000000-0000-4000-8000-000000000000"),
        ("kind", "user_authentication"),
        ("code_words", ["<b>", "さくら", "うめ"]),
        ("code_words", ["さくら"]),
        ("expires_at", "tomorrow"),
        ("completion_nonce", 7),
        ("may_authorise", "perhaps"),
    ],
)
def test_a_grant_about_something_else_is_refused(world, field, value):
    world.reserve()
    handle = world.wire.handle_request

    def twisted(request):
        answer = handle(request)
        if not request.url.path.endswith("/claims"):
            return answer
        said = json.loads(answer.read())
        return httpx.Response(answer.status_code, json={**said, field: value})

    world.wire.handle_request = twisted
    assert world.to_new_password() == S.FAILED
    assert "PR-7009" == world.kiosk.code
    assert world.kiosk.screen.unchanged
    world.wire.handle_request = handle
    assert world.serves_the_next_person()


@pytest.mark.parametrize("fact", [{"tries_left": "<script>"}, {"expired_at": "x" * 500}, {"tries_left": 10**9}])
def test_a_refusal_with_facts_that_are_none_is_not_shown(world, fact):
    told = {"code": "PR-5005", **fact}
    world.wire.forge = lambda asked: httpx.Response(404, json=told) if asked.endswith("/claims") else None
    until_the_end(world)
    assert "PR-7009" == world.kiosk.code
