"""No entry, no write; and whoever changes the log afterwards is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, text, update
from storage_stories import empty

from services.domain.audit import GENESIS, AuditEntry, AuditEvent, first_break
from services.domain.errors import StepNotAllowed, StorageUnavailable
from services.domain.reservation import ReservationEvent, ReservationState
from services.storage.tables import audit_entries, reservations

BROKEN_LOG = {
    "sqlite": [
        "CREATE TRIGGER broken BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'the disk of the log'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk of the log'; END $$",
        "CREATE TRIGGER broken BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION broken()",
    ],
}
MENDED_LOG = {
    "sqlite": ["DROP TRIGGER broken"],
    "postgresql": ["DROP TRIGGER broken ON audit_entries", "DROP FUNCTION broken"],
}


@pytest.fixture
def broken_log(database):
    def change(statements):
        with database.write() as connection:
            for statement in statements:
                connection.execute(text(statement))

    change(BROKEN_LOG[database.dialect])
    yield
    change(MENDED_LOG[database.dialect])


@pytest.fixture
def made(story):
    return story.reservation()


def test_without_its_entry_a_reservation_does_not_move(story, made, broken_log):
    with pytest.raises(StorageUnavailable):
        story.claim(made.id, "c1")
    with story.ledger.begin() as unit:
        assert made == unit.reservation(made.id)
        assert unit.claim("c1") is None


def test_without_its_entry_a_reservation_is_not_made(story, broken_log):
    with pytest.raises(StorageUnavailable):
        story.reservation()
    with story.ledger.begin() as unit:
        assert unit.reservations() == []


def test_without_its_move_an_entry_is_not_written(story, made):
    def fail():
        with story.ledger.begin() as unit:
            unit.advance(made.id, ReservationEvent.CANCEL, at=story.clock.now(), actor="resident")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with story.ledger.begin() as unit:
        assert [entry.event for entry in unit.audit_of(made.id)] == [AuditEvent.RESERVATION_MADE]


def test_a_refused_move_writes_nothing(story, made):
    with story.ledger.begin() as unit:
        before = unit.audit_head()
    with pytest.raises(StepNotAllowed), story.ledger.begin() as unit:
        unit.advance(made.id, ReservationEvent.COMPLETE, at=story.clock.now(), actor="t1")
    with story.ledger.begin() as unit:
        assert before == unit.audit_head()


def test_an_entry_is_read_back_as_it_was_written(story, made):
    at = story.clock.now() + timedelta(microseconds=1)
    with story.ledger.begin() as unit:
        unit.record(AuditEvent.STAFF_LOOKED, made.id, at=at, actor="staff", audit={"staff": "s1", "why": "照会"})
        written = unit.audit_of(made.id)[-1]
    expected = AuditEntry(1, at, AuditEvent.STAFF_LOOKED, made.id, "staff", {"staff": "s1", "why": "照会"})
    assert expected == written


def test_an_entry_has_only_the_fields_of_the_catalogue(story, made):
    with pytest.raises(ValueError, match="no field"), story.ledger.begin() as unit:
        unit.advance(made.id, ReservationEvent.CANCEL, at=story.clock.now(), actor="x", audit={"name": "桜"})
    assert ReservationState.RESERVED is story.found(made.id).state


def test_an_empty_log_holds(ledger):
    with ledger.begin() as unit:
        assert unit.audit_head() == (0, GENESIS)
        assert first_break(unit.audit_links()) is None


def test_the_chain_holds_when_many_write_at_once(story):
    made = [story.reservation() for _ in range(32)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda item: story.claim(item.id, f"c of {item.id}"), made))
    with story.ledger.begin() as unit:
        links = unit.audit_links()
        assert (64, links[-1][1]) == unit.audit_head()
    assert len(links) == 64
    assert first_break(links) is None


ENTRIES = 12
position = st.integers(0, ENTRIES - 1)


@pytest.fixture
def long_log(database, story):
    """A log that each example changes in a transaction of its own, rolled back afterwards."""
    for _ in range(ENTRIES):
        story.reservation()
    yield database
    empty(database)


def log_after(database, *changes) -> bool:
    """Whether the log still holds against its head after the changes."""
    with database.engine.connect() as connection:
        for change in changes:
            connection.execute(change)
        rows = connection.execute(
            select(audit_entries.c.octets, audit_entries.c.chain).order_by(audit_entries.c.position)
        ).all()
        size, head = connection.execute(text("SELECT size, chain FROM audit_head")).one()
        connection.rollback()
    links = [(octets, stored) for octets, stored in rows]
    return first_break(links) is None and len(links) == size and links[-1][1] == head


each = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
place = audit_entries.c.position


def test_an_untouched_log_holds(long_log):
    assert log_after(long_log)


@each
@given(at=position, octets=st.binary(max_size=20))
def test_an_edited_entry_is_found(long_log, at, octets):
    assert not log_after(long_log, update(audit_entries).where(place == at).values(octets=octets))


@each
@given(at=position, chain=st.binary(min_size=32, max_size=32))
def test_an_edited_chain_hash_is_found(long_log, at, chain):
    assert not log_after(long_log, update(audit_entries).where(place == at).values(chain=chain))


@each
@given(at=position)
def test_a_removed_entry_is_found_the_last_one_too(long_log, at):
    assert not log_after(long_log, delete(audit_entries).where(place == at))


@each
@given(at=position, chain=st.binary(min_size=32, max_size=32))
def test_an_inserted_entry_is_found(long_log, at, chain):
    apart = update(audit_entries).where(place >= at).values(position=place + 1000)
    forged = {"position": at, "subject": "r0", "octets": b"{}", "chain": chain}
    assert not log_after(long_log, apart, insert(audit_entries).values(forged))


@each
@given(pair=st.lists(position, min_size=2, max_size=2, unique=True))
def test_exchanged_entries_are_found(long_log, pair):
    one, other = pair
    assert not log_after(
        long_log,
        update(audit_entries).where(place == one).values(position=1000),
        update(audit_entries).where(place == other).values(position=one),
        update(audit_entries).where(place == 1000).values(position=other),
    )


def test_no_column_could_hold_who_the_resident_is(database):
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(reservations)) == 0
    personal = {"name", "address", "birth", "birth_date", "sex", "my_number", "number_a", "number_b", "pin", "password"}
    assert not personal & {column.name for column in reservations.columns}
