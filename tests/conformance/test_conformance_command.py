"""The kit as a command: what it prints, its exit status, and that it tells no password."""

import json

import pytest
from click.testing import CliRunner
from kiosk_backend import OLD

from reset_app.cli import main
from services.card.virtual.store import save
from services.domain.password import PasswordKind
from services.rehearsal.processes import free_port

pytestmark = [pytest.mark.enable_socket]

CODE = "ABCDE-FGHJK-MNPQR-STVWX"


def test_a_server_that_nobody_finds_meets_no_requirement(tmp_path, issuance):
    card, key = tmp_path / "card.json", tmp_path / "terminal.key"
    save(issuance.first, card)
    key.write_bytes(bytes(32))
    passwords = {
        "CONFORMANCE_SIGNATURE": OLD[PasswordKind.SIGNATURE],
        "CONFORMANCE_PIN": OLD[PasswordKind.USER_AUTHENTICATION],
    }
    command = [
        "conformance",
        "server",
        f"http://127.0.0.1:{free_port(0)}",
        "--terminal",
        "t",
        "--terminal-key",
        str(key),
    ]
    given = ["--card", str(card), "--enrolment-code", CODE, "--json"]
    ended = CliRunner().invoke(main, [*command, *given], env=passwords)
    report = json.loads(ended.stdout)
    assert 1 == ended.exit_code
    assert report["conforms"] is False
    assert {"failed"} == {one["outcome"] for one in report["requirements"]}
    assert not any(secret in ended.output for secret in (CODE, *OLD.values()))


def test_no_password_stands_behind_the_command():
    options = CliRunner().invoke(main, ["conformance", "server", "--help"]).stdout
    assert not any(option in options for option in ("--signature", "--pin"))


def test_passwords_that_are_not_given_are_asked_for_and_not_shown(tmp_path, issuance):
    card, key = tmp_path / "card.json", tmp_path / "terminal.key"
    save(issuance.first, card)
    key.write_bytes(bytes(32))
    given = ["--terminal", "t", "--terminal-key", str(key), "--card", str(card)]
    command = ["conformance", "server", f"http://127.0.0.1:{free_port(0)}", *given]
    ended = CliRunner().invoke(main, command, input="".join(f"{OLD[kind]}\n" for kind in PasswordKind))
    assert 1 == ended.exit_code
    assert "signature password" in ended.output
    assert not any(secret in ended.output for secret in OLD.values())
