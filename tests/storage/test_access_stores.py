"""Terminals and staff: who may come in from outside."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from services.domain.errors import NotAllowedNow, RequestReplayed, SignInRefused, TerminalRevoked, TerminalUnknown
from services.domain.policy import REQUEST_AGE
from services.domain.terminal import PlaceClass, Terminal, TerminalStatus
from services.storage.staff import SESSION_LIFE, StaffDirectory
from services.storage.tables_of_access import StaffRole, staff, staff_sessions
from services.storage.terminals import Terminals

KIOSK = Terminal("t1", b"public key", "駅前店 1号機", PlaceClass.STORE)


@pytest.fixture
def terminals(database, clock) -> Terminals:
    found = Terminals(database, clock)
    found.enrol(KIOSK)
    return found


def test_an_enrolled_terminal_is_found(terminals):
    assert terminals.active("t1") == KIOSK
    assert terminals.everyone() == [KIOSK]


def test_an_unknown_terminal_is_refused(terminals):
    with pytest.raises(TerminalUnknown):
        terminals.active("t2")


def test_a_revoked_terminal_is_refused_until_it_is_enrolled_again(terminals):
    terminals.enrol(replace(KIOSK, status=TerminalStatus.SUSPENDED))
    with pytest.raises(TerminalRevoked):
        terminals.active("t1")
    assert TerminalStatus.SUSPENDED is terminals.everyone()[0].status
    renewed = replace(KIOSK, public_key=b"new key")
    terminals.enrol(renewed)
    assert renewed == terminals.active("t1")


def test_a_request_is_accepted_once(terminals):
    terminals.remember("t1", b"nonce")
    terminals.remember("t1", b"another")
    with pytest.raises(RequestReplayed):
        terminals.remember("t1", b"nonce")


def test_terminals_do_not_take_each_others_nonces(terminals):
    terminals.enrol(replace(KIOSK, id="t2"))
    terminals.remember("t1", b"nonce")
    terminals.remember("t2", b"nonce")


def test_of_one_request_sent_many_times_at_once_one_is_accepted(terminals):
    def send(_number):
        try:
            terminals.remember("t1", b"nonce")
        except RequestReplayed:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(16))) == 1


def test_a_request_is_forgotten_only_when_its_age_alone_refuses_it(terminals, clock):
    terminals.remember("t1", b"nonce")
    clock.advance(REQUEST_AGE)
    assert terminals.purge(clock.now()) == 0
    clock.advance(REQUEST_AGE)
    assert terminals.purge(clock.now()) == 1


class CountingHasher(PasswordHasher):
    """Argon2 with the smallest cost, and how often it was asked."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0

    def verify(self, hash, password):  # noqa: A002  # the library's name
        self.verified += 1
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def directory(database, clock, hasher) -> StaffDirectory:
    return StaffDirectory(database, clock, hasher)


@pytest.fixture
def member(directory):
    return directory.add("1001", StaffRole.OPERATOR, "correct horse")


def test_staff_sign_in_with_their_password(directory, member):
    assert member == directory.signed_in(directory.sign_in("1001", "correct horse"))


@pytest.mark.parametrize(("name", "password"), [("1001", "wrong"), ("1002", "correct horse"), ("", "")])
def test_name_and_password_are_refused_alike_and_cost_the_same(directory, member, hasher, name, password):
    with pytest.raises(SignInRefused) as caught:
        directory.sign_in(name, password)
    assert caught.value.detail == {}
    assert hasher.verified == 1


def test_a_name_is_given_once(directory, member):
    with pytest.raises(NotAllowedNow):
        directory.add("1001", StaffRole.VIEWER, "another")


def test_neither_password_nor_token_is_in_the_database(directory, member, database):
    token = directory.sign_in("1001", "correct horse")
    with database.read() as connection:
        kept = connection.execute(select(staff.c.password_hash)).scalar_one()
        hashed = connection.execute(select(staff_sessions.c.token_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert "horse" not in kept
    assert sha256(token.encode()).digest() == hashed


def test_a_session_ends_with_the_working_day(directory, member, clock):
    token = directory.sign_in("1001", "correct horse")
    clock.advance(SESSION_LIFE)
    with pytest.raises(SignInRefused):
        directory.signed_in(token)
    assert (directory.purge(), directory.purge()) == (1, 0)


def test_a_signed_out_token_is_dead(directory, member):
    first, second = directory.sign_in("1001", "correct horse"), directory.sign_in("1001", "correct horse")
    directory.sign_out(first)
    with pytest.raises(SignInRefused):
        directory.signed_in(first)
    assert member == directory.signed_in(second)


def test_revoking_ends_every_session_of_a_member(directory, member):
    other = directory.add("1002", StaffRole.AUDITOR, "battery staple")
    tokens = [directory.sign_in("1001", "correct horse") for _ in range(2)]
    theirs = directory.sign_in("1002", "battery staple")
    directory.revoke(member.id)
    for token in tokens:
        with pytest.raises(SignInRefused):
            directory.signed_in(token)
    assert other == directory.signed_in(theirs)


def test_the_default_cost_is_argon2ids_own(database, clock):
    member = StaffDirectory(database, clock)
    member.add("1001", StaffRole.VIEWER, "correct horse")
    with database.read() as connection:
        assert "m=65536" in connection.execute(select(staff.c.password_hash)).scalar_one()
