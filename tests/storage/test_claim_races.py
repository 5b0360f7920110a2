"""Sixteen kiosks claim one reservation at once: one winner, a thousand times over, on both databases.

A naive claim (look, then write) runs in the same harness as a control: it shows that the harness can see the fault.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import pbkdf2_hmac
from threading import Barrier

import pytest
from builders import make_world, proof
from sqlalchemy import insert, select, update
from storage_stories import NINE

from services.clock import ManualClock
from services.domain.audit import AuditEvent, first_break
from services.domain.errors import ReservationInUse, StepNotAllowed
from services.domain.password import PasswordKind
from services.domain.reservation import LEASE, Claim, Reservation, ReservationEvent, ReservationState, deadline
from services.ports import RAISE, Guard
from services.storage.database import open_database
from services.storage.ledger import SQLLedger
from services.storage.tables import claims, reservations
from services.usecases.claim import ClaimRequest, claim, open_claim, take

KIOSKS = 16
RACES = 1000
CONTROLS = 40
WARMING_UP = 10
USE_CASE_RACES = 20
KIND = PasswordKind.SIGNATURE


def winners(races: Sequence[Reservation], contend: Callable[[Reservation, int], bool]) -> Counter[int]:
    """How many races had how many winners."""
    start = Barrier(KIOSKS, timeout=60)

    def kiosk(number: int) -> list[bool]:
        won = []
        for reservation in races:
            start.wait()
            won.append(contend(reservation, number))
        return won

    with ThreadPoolExecutor(KIOSKS) as pool:
        outcomes = list(pool.map(kiosk, range(KIOSKS)))
    return Counter(sum(race) for race in zip(*outcomes, strict=True))


def make_reservations(ledger: SQLLedger, count: int) -> list[Reservation]:
    made = [
        Reservation(
            f"r{n}", KIND, f"card {n}", f"key {n}", ReservationState.RESERVED, NINE, deadline(NINE), rehearsal=True
        )
        for n in range(count)
    ]
    with ledger.begin() as unit:
        for reservation in made:
            unit.add_reservation(reservation, actor="resident")
    return made


def taken(ledger: SQLLedger, reservation: Reservation, number: int) -> bool:
    """The ledger's claim: one conditional UPDATE, the claim's row and the entry in one transaction."""
    lease, claim_id, terminal = NINE + LEASE, f"{reservation.id} by {number}", f"t{number}"
    changes = {"claim_id": claim_id, "claimed_at": NINE, "lease_until": lease, "fence": RAISE}
    try:
        with ledger.begin() as unit:
            held = unit.advance(
                reservation.id,
                ReservationEvent.CLAIM,
                at=NINE,
                actor=terminal,
                guard=Guard(unexpired_at=NINE),
                changes=changes,
                audit={"claim": claim_id, "terminal": terminal},
            )
            unit.add_claim(Claim(claim_id, held.id, terminal, held.fence, NINE, lease, b"n" * 32))
    except StepNotAllowed:
        return False
    return True


def assert_one_claim_each(ledger: SQLLedger, races: Sequence[Reservation]) -> None:
    with ledger.begin() as unit:
        for reservation in races:
            found = unit.reservation(reservation.id)
            claims = [entry for entry in unit.audit_of(found.id) if entry.event is AuditEvent.RESERVATION_CLAIMED]
            assert [found.claim_id] == [entry.fields["claim"] for entry in claims]
            assert found == replace(
                reservation,
                state=ReservationState.CLAIMED,
                fence=1,
                claim_id=found.claim_id,
                claimed_at=NINE,
                lease_until=NINE + LEASE,
            )
        assert first_break(unit.audit_links()) is None


def test_every_race_has_one_winner(ledger):
    races = make_reservations(ledger, RACES)
    assert winners(races, lambda reservation, number: taken(ledger, reservation, number)) == {1: RACES}
    assert_one_claim_each(ledger, races)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_processes_without_a_common_lock_have_one_winner_too(ledger, database_url):
    # Four databases opened apart have four write locks, as four processes would: only SQLite itself is between them.
    apart = [open_database(database_url) for _ in range(4)]
    ledgers = [SQLLedger(database) for database in apart]
    races = make_reservations(ledger, CONTROLS)
    assert winners(races, lambda reservation, number: taken(ledgers[number % 4], reservation, number)) == {1: CONTROLS}
    assert_one_claim_each(ledger, races)
    for database in apart:
        database.close()


def test_the_harness_sees_a_naive_claim_fail(ledger, database):
    def look_then_write(reservation: Reservation, number: int) -> bool:
        row = reservations.c.id == reservation.id
        with database.read() as connection:
            if connection.scalar(select(reservations.c.state).where(row)) is not ReservationState.RESERVED:
                return False
        # A server has a card's signature and its revocation to check between looking and writing; this takes a few ms too.
        pbkdf2_hmac("sha256", b"signature", b"card", 10_000)
        with database.write() as connection:
            lease, claim_id = NINE + LEASE, f"{reservation.id} by {number}"
            made = Claim(claim_id, reservation.id, f"t{number}", 1, NINE, lease, b"n" * 32)
            connection.execute(insert(claims).values(vars(made)))
            connection.execute(update(reservations).where(row).values(state="claimed", claim_id=claim_id))
        return True

    made = make_reservations(ledger, WARMING_UP + CONTROLS)
    winners(made[:WARMING_UP], look_then_write)  # while connections are still being opened, the kiosks are not level
    outcomes = winners(made[WARMING_UP:], look_then_write)
    doubles = CONTROLS - outcomes[1]
    assert doubles >= (0.9 * CONTROLS if database.dialect == "postgresql" else 1)


def test_the_whole_use_case_has_one_winner(database_url, ledger, tmp_path):
    world = make_world(tmp_path, database_url=database_url, now=NINE)
    races = [
        replace(
            made,
            id=f"w{n}",
            card_fingerprint=world.proofs.fingerprint(proof(KIND.other, f"{n}", b"").identity_certificate),
            other_key_fingerprint=world.proofs.key_fingerprint(proof(KIND.other, f"{n}", b"").certificate),
        )
        for n, made in enumerate(make_reservations(ledger, USE_CASE_RACES))
    ]
    with ledger.begin() as unit:
        for reservation in races:
            unit.add_reservation(reservation, actor="resident")
    nonces = {
        (n, number): open_claim(world.ports, f"t{number}") for n in range(USE_CASE_RACES) for number in range(KIOSKS)
    }

    def claimed(reservation: Reservation, number: int) -> bool:
        n = int(reservation.id.removeprefix("w"))
        nonce = nonces[n, number]
        request = ClaimRequest(f"{n} by {number}", f"t{number}", KIND, nonce, proof(KIND.other, f"{n}", nonce))
        try:
            return claim(world.ports, request).claim.fence == 1
        except ReservationInUse:
            return False

    outcomes = winners(races, claimed)
    world.ports.ledger._database.close()
    assert outcomes == {1: USE_CASE_RACES}
    assert_one_claim_each(ledger, races)


def test_a_race_at_the_last_second_has_one_winner_and_at_the_deadline_none(ledger):
    clock = ManualClock(NINE)

    def late(reservation: Reservation, number: int) -> bool:
        now, claim_id = clock.now(), f"{reservation.id} at {number} {clock.now()}"
        try:
            with ledger.begin() as unit:
                take(unit, reservation, claim_id, f"t{number}", issued_at=now, now=now)
        except ReservationInUse:
            return False
        return True

    last, gone = make_reservations(ledger, 2)
    clock.advance(timedelta(hours=24, seconds=-1))
    assert winners([last], late) == {1: 1}
    clock.advance(timedelta(seconds=1))
    assert winners([gone], late) == {0: 1}
