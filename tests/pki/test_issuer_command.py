import pytest
from click.testing import CliRunner

from reset_app.commands.issuer import issuer as command
from services.pki.trust import TrustStore


@pytest.fixture
def run(issuer):
    def run(*arguments, directory=issuer.directory):
        return CliRunner().invoke(command, [arguments[0], "--directory", str(directory), *arguments[1:]])

    return run


def standings(run, serial):
    lines = [line.split() for line in run("show").output.splitlines() if line.startswith(serial)]
    return {kind: " ".join(standing) for _, kind, _, *standing in lines}


def test_a_card_is_held_released_and_revoked(run, issue):
    serial = issue().contents.serial

    assert run("hold", serial).output == f"{serial}: held\n"
    assert set(standings(run, serial).values()) == {"held (certificateHold)"}
    assert run("release", "--kind", "signature", serial).exit_code == 0
    assert run("revoke", "--kind", "user_authentication", "--reason", "keyCompromise", serial).exit_code == 0

    assert standings(run, serial) == {"signature": "good", "user_authentication": "revoked (keyCompromise)"}


def test_what_cannot_be_decided_is_told_with_its_code(run, issue):
    serial = issue().contents.serial

    found = run("release", serial)

    assert (found.exit_code, "PR-2001" in found.output) == (1, True)


def test_an_issuer_is_made_once_and_its_address_can_be_told_anew(run, tmp_path):
    directory = tmp_path / "issuer"

    assert run("init", "--url", "http://127.0.0.1:1", directory=directory).exit_code == 0
    key = (directory / "unblock.key.pem").read_bytes()
    assert run("init", "--url", "http://127.0.0.1:2", directory=directory).exit_code == 0

    assert (directory / "unblock.key.pem").read_bytes() == key
    assert {one.ocsp_url for one in TrustStore.load(directory / "trust").generations} == {"http://127.0.0.1:2/ocsp"}


@pytest.mark.parametrize("part", ["show", "serve"])
def test_where_there_is_no_issuer_the_way_to_make_one_is_told(run, tmp_path, part):
    found = run(part, directory=tmp_path)

    assert (found.exit_code, "pinreset issuer init" in found.output) == (1, True)
