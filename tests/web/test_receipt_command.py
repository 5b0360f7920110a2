"""`pinreset receipt verify`: on the server's own log, and on an export far from any server."""

import pytest
from builders import make_world
from click.testing import CliRunner
from receipts_of_web import reset_once

from reset_app.cli import main
from services.domain.audit import AuditEvent


@pytest.fixture
def kept(world, tmp_path, monkeypatch):
    """A receipt's file, with the server's settings in the environment."""
    monkeypatch.setenv("PINRESET_DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    for name in ("FINGERPRINT", "EVIDENCE"):
        monkeypatch.setenv(f"PINRESET_{name}_KEY", "00" * 32)
    file = tmp_path / "receipt.json"
    file.write_bytes(reset_once(world).octets)
    return file


def run(*words):
    found = CliRunner().invoke(main, [str(word) for word in words])
    return found.exit_code, found.output.partition(":")[0]


def test_the_servers_own_log_knows_the_receipt(kept):
    assert run("receipt", "verify", kept) == (0, "valid")


def test_an_export_is_enough(kept, tmp_path, monkeypatch):
    export = tmp_path / "log.jsonl"
    assert run("log", "export", export)[0] == 0
    monkeypatch.delenv("PINRESET_DATABASE_URL")
    assert run("receipt", "verify", kept, "--log", export) == (0, "valid")


def test_a_changed_receipt_is_found(kept):
    kept.write_bytes(kept.read_bytes().replace(b'"store"', b'"municipal"'))
    assert run("receipt", "verify", kept) == (1, "changed")


def test_a_receipt_of_another_log_is_refused(kept, tmp_path):
    (tmp_path / "other").mkdir()
    other = make_world(tmp_path / "other")
    kept.write_bytes(reset_once(other, card="momiji").octets)
    assert run("receipt", "verify", kept) == (3, "not in this log")


@pytest.mark.parametrize("octets", [b"", b"{}", b"\xff" * 5000, b"\x00"])
def test_what_is_no_receipt_is_said_to_be_none(kept, octets):
    kept.write_bytes(octets)
    assert run("receipt", "verify", kept)[0] == 2


@pytest.mark.parametrize(
    "change", [lambda log: log[:-1], lambda _: b"x" * 20_000, lambda log: log.replace(b"\n", b"\r\n")]
)
def test_an_export_that_was_cut_or_is_none_is_refused(kept, tmp_path, change):
    export = tmp_path / "log.jsonl"
    run("log", "export", export)
    export.write_bytes(change(export.read_bytes()))
    assert run("receipt", "verify", kept, "--log", export)[0] != 0


def test_an_export_names_the_event_and_overwrites_nothing(kept, tmp_path):
    export = tmp_path / "log.jsonl"
    run("log", "export", export)
    assert AuditEvent.RESERVATION_COMPLETED.label in export.read_text()
    assert run("log", "export", export)[0] == 1
