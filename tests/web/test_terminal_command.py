"""`pinreset terminal`: an operator on the server's own machine stops and opens cohorts without the console."""

import json

import pytest
from click.testing import CliRunner

from reset_app.cli import main
from services.clock import SystemClock
from services.domain.base64url import octets_of
from services.domain.errors import TerminalRevoked
from services.domain.terminal import terminal_id_of
from services.domain.terminal_policy import TerminalPolicy
from services.pki.policy_signature import opened_policy
from services.storage.database import open_database
from services.storage.terminals import PlaceClass, Terminal, Terminals

WHY = ("--why", "不具合の調査のため")
KEY = bytes(range(32))


@pytest.fixture
def url(world, tmp_path, monkeypatch):
    """The server's settings in the environment, over the world's own database."""
    address = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("PINRESET_DATABASE_URL", address)
    for name in ("FINGERPRINT", "EVIDENCE", "POLICY"):
        monkeypatch.setenv(f"PINRESET_{name}_KEY", "00" * 32)
    return address


def run(*words):
    found = CliRunner().invoke(main, ["terminal", *words])
    return found.exit_code, found.output


def stopped():
    return [str(stop.trait) for stop in policy().stops]


def policy():
    octets = run("policy")[1].splitlines()[0].encode()
    return TerminalPolicy.parse(octets)


def test_a_code_is_printed_once_and_kept_as_a_hash_only(url, tmp_path):
    status, code = run("code", "駅前店", "--store", "S-0107", "--cohort", "pilot")
    assert (0, 1) == (status, len(code.split()))
    assert code.strip().encode() not in (tmp_path / "ledger.db").read_bytes()


def test_a_cohort_is_suspended_and_lifted(url):
    assert 0 == run("suspend", "store:S-0107", *WHY)[0]
    assert ["store:S-0107"] == stopped()
    assert 0 == run("lift", "store:S-0107", *WHY)[0]
    assert [] == stopped()


def test_what_is_not_suspended_cannot_be_lifted(url):
    status, told = run("lift", "store:S-0107", *WHY)
    assert (1, True) == (status, "not suspended" in told)


@pytest.mark.parametrize("trait", ["S-0107", "shop:S-0107", "store:"])
def test_a_trait_without_a_known_scope_is_refused(url, trait):
    assert 2 == run("suspend", trait, *WHY)[0]


def test_nothing_is_stopped_without_a_reason(url):
    assert 2 == run("suspend", "store:S-0107")[0]
    assert [] == stopped()


def test_maintenance_is_planned_in_japan_time(url):
    day = SystemClock().now().year + 1
    assert 0 == run("maintenance", f"{day}-01-02T02:00", f"{day}-01-02T04:00", *WHY)[0]
    planned = policy().maintenance[0]
    assert ("01-01T17:00", "01-01T19:00") == (f"{planned.begins_at:%m-%dT%H:%M}", f"{planned.ends_at:%m-%dT%H:%M}")


def test_renewing_raises_the_serial(url):
    before = policy().serial
    assert 0 == run("renew", *WHY)[0]
    assert before < policy().serial


def test_a_build_is_made_known(url, world):
    assert (0, "0.2.0 is known\n") == run("build", "0.2.0")
    with world.ports.ledger.begin() as unit:
        assert {"0.2.0"} == unit.builds()


def test_a_revoked_terminal_is_refused_from_then_on(url):
    name, terminals = terminal_id_of(KEY), Terminals(open_database(url), SystemClock())
    terminals.enrol(Terminal(name, KEY, "駅前店", PlaceClass.STORE))
    assert name == terminals.active(name).id
    assert 0 == run("revoke", name, *WHY)[0]
    with pytest.raises(TerminalRevoked):
        terminals.active(name)


def test_the_printed_policy_holds_under_the_printed_key(url):
    run("suspend", "cohort:pilot", *WHY)
    octets, told = run("policy")[1].splitlines()
    proof = json.loads(told)
    found = opened_policy(octets.encode(), octets_of(proof["signature"]), octets_of(proof["public_key"]))
    assert ["cohort:pilot"] == [str(stop.trait) for stop in found.stops]


def test_without_a_key_there_is_no_policy_to_print(url, monkeypatch):
    monkeypatch.delenv("PINRESET_POLICY_KEY")
    status, told = run("policy")
    assert (1, True) == (status, "PINRESET_POLICY_KEY" in told)
