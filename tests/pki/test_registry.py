"""What the issuer decides about certificates, and that it stays decided."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pki_cards import NOW

from services.domain.errors import NotFound, StepNotAllowed, StorageUnavailable
from services.domain.password import PasswordKind
from services.pki.issuer import VirtualIssuer
from services.pki.registry import STANDINGS, Decision, Reason, Registry, Standing

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("standing", list(Standing))
def test_a_decision_is_possible_or_refused_as_the_table_says(issuer, issue, standing, decision):
    serial = issue().contents.serial
    for before in {Standing.GOOD: [], Standing.HELD: [Decision.HOLD], Standing.REVOKED: [Decision.REVOKE]}[standing]:
        issuer.registry.decide(before, serial, SIGNATURE, at=NOW, reason=Reason.SUPERSEDED)

    if STANDINGS.allows(standing, decision):
        issuer.registry.decide(decision, serial, SIGNATURE, at=NOW)
        expected = STANDINGS.next(standing, decision)
    else:
        with pytest.raises(StepNotAllowed):
            issuer.registry.decide(decision, serial, SIGNATURE, at=NOW)
        expected = standing

    standings = {item.kind: item.standing for item in issuer.registry.of_card(serial)}
    assert standings == {SIGNATURE: expected, USER_AUTHENTICATION: Standing.GOOD}


def test_revoked_is_final():
    assert STANDINGS.terminal() == {Standing.REVOKED}


def test_a_decision_about_both_certificates_happens_to_both_or_to_none(issuer, issue):
    serial = issue().contents.serial
    issuer.revoke(serial, USER_AUTHENTICATION, Reason.SUPERSEDED, at=NOW)

    with pytest.raises(StepNotAllowed):
        issuer.hold(serial, None, at=NOW)

    assert {item.kind: item.standing for item in issuer.registry.of_card(serial)} == {
        SIGNATURE: Standing.GOOD,
        USER_AUTHENTICATION: Standing.REVOKED,
    }


def test_a_card_that_was_never_issued_is_not_found(issuer):
    with pytest.raises(NotFound):
        issuer.revoke("000000000000000", None, Reason.SUPERSEDED, at=NOW)


def test_a_card_is_issued_once(issuer, issue):
    issued = issuer.registry.of_card(issue().contents.serial)

    with pytest.raises(StepNotAllowed):
        issuer.registry.add(*issued)


def test_the_registry_survives_its_process_and_keeps_every_field(issuer, issue):
    serial = issue().contents.serial
    issuer.revoke(serial, SIGNATURE, Reason.AFFILIATION_CHANGED, at=NOW + timedelta(hours=1))

    found = VirtualIssuer(issuer.directory).registry.of_card(serial)

    assert [(item.kind, item.standing, item.reason, item.since) for item in found] == [
        (SIGNATURE, Standing.REVOKED, Reason.AFFILIATION_CHANGED, NOW + timedelta(hours=1)),
        (USER_AUTHENTICATION, Standing.GOOD, None, None),
    ]


def test_of_many_who_revoke_at_once_one_does(issuer, issue):
    serial = issue().contents.serial

    def revoke(_):
        try:
            issuer.revoke(serial, SIGNATURE, Reason.SUPERSEDED, at=NOW)
        except StepNotAllowed:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(revoke, range(8))) == 1


@pytest.mark.parametrize("serial", [0, -1, 1 << 63, 1 << 159])
def test_a_serial_number_of_any_size_is_looked_up(issuer, serial):
    assert issuer.registry.by_serial("signature-2", serial) is None


def test_a_registry_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(StorageUnavailable):
        Registry(tmp_path / "nowhere" / "registry.sqlite3").all()
