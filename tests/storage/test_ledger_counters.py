"""Nonces are consumed once; failures are counted, all of them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.domain.errors import NonceUsed
from services.domain.policy import Attempt
from services.ports import Purpose

SECOND = timedelta(seconds=1)


@pytest.fixture
def nonce(ledger, clock):
    with ledger.begin() as unit:
        unit.add_nonce(b"nonce", Purpose.CLAIM, "t1", issued_at=clock.now(), ends_at=clock.now() + SECOND)
    return b"nonce"


def test_a_nonce_is_consumed_once(ledger, clock, nonce):
    with ledger.begin() as unit:
        assert clock.now() == unit.consume_nonce(nonce, Purpose.CLAIM, "t1", at=clock.now())
        with pytest.raises(NonceUsed):
            unit.consume_nonce(nonce, Purpose.CLAIM, "t1", at=clock.now())


def test_one_of_many_consumes_a_nonce(ledger, clock, nonce):
    def consume(_number):
        try:
            with ledger.begin() as unit:
                unit.consume_nonce(nonce, Purpose.CLAIM, "t1", at=clock.now())
        except NonceUsed:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(consume, range(8))) == 1


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ((b"other", Purpose.CLAIM, "t1"), timedelta()),
        ((b"nonce", Purpose.COMPLETE, "t1"), timedelta()),
        ((b"nonce", Purpose.CLAIM, "t2"), timedelta()),
        ((b"nonce", Purpose.CLAIM, "t1"), SECOND),
    ],
)
@pytest.mark.usefixtures("nonce")
def test_a_nonce_serves_its_purpose_subject_and_time_only(ledger, clock, asked, after):
    with ledger.begin() as unit, pytest.raises(NonceUsed):
        unit.consume_nonce(*asked, at=clock.now() + after)


def test_ended_nonces_are_purged(ledger, clock, nonce):
    with ledger.begin() as unit:
        assert (unit.purge_nonces(clock.now()), unit.purge_nonces(clock.now() + SECOND)) == (0, 1)


def test_failures_are_counted_per_card_and_attempt(ledger, clock):
    now = clock.now()
    with ledger.begin() as unit:
        assert unit.failures("sakura", Attempt.FACE) == (0, None)
        counted = [unit.count_failure("sakura", Attempt.FACE, at=now + number * SECOND) for number in range(3)]
        assert counted == [1, 2, 3]
        assert (3, now + 2 * SECOND) == unit.failures("sakura", Attempt.FACE)
        assert unit.failures("sakura", Attempt.STAFF_SIGN_IN) == (0, None)
        unit.forget_failures("sakura", Attempt.FACE)
        assert unit.failures("sakura", Attempt.FACE) == (0, None)


def test_failures_at_the_same_time_are_all_counted(ledger, clock):
    def fail(_number):
        with ledger.begin() as unit:
            unit.count_failure("sakura", Attempt.FACE, at=clock.now())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fail, range(24)))
    with ledger.begin() as unit:
        assert unit.failures("sakura", Attempt.FACE)[0] == 24


def test_a_failure_taken_back_was_never_dated(ledger, clock):
    now = clock.now()
    with ledger.begin() as unit:
        unit.count_failure("sakura", Attempt.FACE, at=now)
        unit.count_failure("sakura", Attempt.FACE, at=now + 9 * SECOND)
        unit.take_back_failure("sakura", Attempt.FACE, counted_at=now + 9 * SECOND, before=now + SECOND)
        assert (1, now + SECOND) == unit.failures("sakura", Attempt.FACE)


def test_a_later_failure_keeps_its_date_when_an_earlier_one_is_taken_back(ledger, clock):
    now = clock.now()
    with ledger.begin() as unit:
        unit.count_failure("sakura", Attempt.FACE, at=now)
        unit.count_failure("sakura", Attempt.FACE, at=now + 9 * SECOND)
        unit.take_back_failure("sakura", Attempt.FACE, counted_at=now, before=now - SECOND)
        assert (1, now + 9 * SECOND) == unit.failures("sakura", Attempt.FACE)
