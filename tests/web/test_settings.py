"""The server's settings: two modes, and nothing between them."""

import pytest
from pydantic import ValidationError

from services.settings import Settings

KEYS = {"fingerprint_key": bytes(32).hex(), "evidence_key": bytes(32).hex()}
HTTPS = "https://reset.example"


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"production": True, "rehearsal": True, "origin": HTTPS}, "no rehearsal cards"),
        ({"production": True, "rehearsal": False, "origin": "http://reset.example"}, "https"),
        ({"production": True, "rehearsal": False, "origin": HTTPS, "crash_at": "before:claims"}, "crash points"),
        ({"production": False, "rehearsal": False, "origin": HTTPS}, "no third mode"),
        ({"rehearsal": False}, "no third mode"),
        ({"production": True}, "no rehearsal cards"),
    ],
)
def test_a_mixture_of_the_two_modes_does_not_start(chosen, why):
    with pytest.raises(ValidationError, match=why):
        Settings(**KEYS, **chosen)


@pytest.mark.parametrize(
    ("chosen", "production"), [({}, False), ({"production": True, "rehearsal": False, "origin": HTTPS}, True)]
)
def test_a_server_is_for_rehearsals_or_for_production(chosen, production):
    settings = Settings(**KEYS, **chosen)
    assert (settings.production, settings.rehearsal) == (production, not production)
