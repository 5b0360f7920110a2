"""An authorisation that is not the issuer's, or not for this card and moment: the card refuses it, and nothing has changed."""

import json
import secrets

import httpx
import pytest
from kiosk_world import NEW, OLD, S

from services.domain.base64url import base64url, octets_of
from services.domain.reservation import ReservationState


def forged(word: bytes) -> bytes:
    return word[:-256] + secrets.token_bytes(256)


def cut(word: bytes) -> bytes:
    return word[:-1]


def of_an_earlier_moment(word: bytes) -> bytes:
    return KEPT.setdefault("word", word)


KEPT: dict[str, bytes] = {}


def answering(world, twist):
    handle = world.wire.handle_request

    def twisted(request):
        answer = handle(request)
        if not request.url.path.endswith("/authorisation"):
            return answer
        word = octets_of(json.loads(answer.read())["authorisation"])
        return httpx.Response(200, json={"authorisation": base64url(twist(word))})

    world.wire.handle_request = twisted
    return handle


@pytest.mark.parametrize("twist", [forged, cut], ids=["another key", "cut short"])
def test_a_word_that_the_card_does_not_take_changes_nothing(either, twist):
    reservation = either.reserve()
    honest = answering(either, twist)
    assert either.visit() == S.FAILED
    assert either.kiosk.code in ("PR-3501", "PR-6005")
    assert either.card_has(OLD[either.kind])
    assert not either.card_has(NEW[either.kind])
    either.wire.handle_request = honest
    assert either.state_of(reservation) is not ReservationState.COMPLETED


def test_a_word_for_an_earlier_challenge_changes_nothing(world):
    KEPT.clear()
    world.reserve()
    honest = answering(world, of_an_earlier_moment)
    assert world.visit() == S.DONE
    world.take()
    world.restart()
    world.reserve()
    assert world.visit("WAKAME59") == S.FAILED
    assert "PR-3501" == world.kiosk.code
    assert world.card_has(NEW[world.kind])
    world.wire.handle_request = honest
