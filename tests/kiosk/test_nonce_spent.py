"""A claim's nonce is refused: because the answer before it was lost, or for no good reason."""

from datetime import timedelta

import pytest
from kiosk_world import S

from kiosk.claiming import NONCES
from kiosk.patience import PATIENCE
from kiosk.server import KioskServer
from services.domain.errors import NonceUsed, RevocationUnavailable


@pytest.fixture
def server(world) -> KioskServer:
    world.reserve()
    return world.kiosk.controller._bench.server


def revocation_fails(server: KioskServer, times: int) -> list[bytes]:
    """Lets the server spend a nonce and then not find out about the certificate, so often; the nonces of its claims."""
    answers, seen = server.claim, []

    def claim(claim_id, kind, nonce, proof):
        known = nonce in seen
        seen.append(nonce)
        if known:
            raise NonceUsed
        if len(set(seen)) <= times:
            raise RevocationUnavailable
        return answers(claim_id, kind, nonce, proof)

    server.claim = claim
    return seen


def test_whoever_is_waited_for_in_vain_reads_the_reason_and_not_that_the_nonce_was_spent(world, server):
    nonces = revocation_fails(server, times=1000)
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == RevocationUnavailable.code
    assert timedelta(seconds=45) < world.paused <= PATIENCE
    assert len(set(nonces)) > NONCES


def test_a_server_that_recovers_within_the_patience_gets_a_fresh_nonce(world, server):
    nonces = revocation_fails(server, times=2 * NONCES)
    assert world.to_new_password() == S.NEW_PASSWORD
    assert len(set(nonces)) == 2 * NONCES + 1


def test_nonces_that_are_refused_without_any_silence_are_no_accident(world, server):
    asked = []

    def claim(_id, _kind, nonce, _proof):
        asked.append(nonce)
        raise NonceUsed

    server.claim = claim
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == NonceUsed.code
    assert len(set(asked)) == NONCES
    assert world.paused == timedelta(0)
