"""The server's settings: two modes and nothing between them; a test report that exists."""

from hashlib import sha256

import pytest
from pydantic import ValidationError

from services.settings import Settings

KEYS = {"fingerprint_key": bytes(32).hex(), "evidence_key": bytes(32).hex()}
HTTPS = "https://reset.example"
POLICY = bytes(32).hex()


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"production": True, "rehearsal": True, "origin": HTTPS}, "no rehearsal cards"),
        ({"production": True, "rehearsal": False, "origin": "http://reset.example"}, "https"),
        (
            {
                "production": True,
                "rehearsal": False,
                "origin": HTTPS,
                "policy_key": POLICY,
                "crash_at": "before:claims",
            },
            "crash points",
        ),
        ({"production": True, "rehearsal": False, "origin": HTTPS}, "policy key"),
        ({"production": False, "rehearsal": False, "origin": HTTPS}, "no third mode"),
        ({"rehearsal": False}, "no third mode"),
        ({"production": True}, "no rehearsal cards"),
    ],
)
def test_a_mixture_of_the_two_modes_does_not_start(chosen, why):
    with pytest.raises(ValidationError, match=why):
        Settings(**KEYS, **chosen)


@pytest.mark.parametrize(
    ("chosen", "production"),
    [({}, False), ({"production": True, "rehearsal": False, "origin": HTTPS, "policy_key": POLICY}, True)],
)
def test_a_server_is_for_rehearsals_or_for_production(chosen, production):
    settings = Settings(**KEYS, **chosen)
    assert (settings.production, settings.rehearsal) == (production, not production)


def test_a_test_report_that_is_there_allows_ten_attempts_and_is_told_by_its_digest(tmp_path, monkeypatch):
    report = tmp_path / "report.pdf"
    report.write_bytes(b"tested")
    monkeypatch.setenv("PINRESET_PAD_REPORT", str(report))
    settings = Settings(**KEYS)
    assert (10, sha256(b"tested").hexdigest()) == (settings.free_face_attempts, settings.pad_report_sha256)


def test_without_a_test_report_five_attempts_are_free(monkeypatch):
    monkeypatch.setenv("PINRESET_PAD_REPORT", "")
    settings = Settings(**KEYS)
    assert (5, None) == (settings.free_face_attempts, settings.pad_report_sha256)


@pytest.mark.parametrize("named", ["yes", "", "empty.pdf"])
def test_a_test_report_that_is_not_there_does_not_start(tmp_path, named):
    (tmp_path / "empty.pdf").touch()
    with pytest.raises(ValidationError, match="PAD_REPORT is the path of a report"):
        Settings(**KEYS, pad_report=str(tmp_path / named))
