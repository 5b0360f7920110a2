"""Evidence: sealed in the database, bound to its place, gone after its minutes."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from services.domain.errors import StorageUnavailable
from services.domain.policy import EVIDENCE_LIFE
from services.ports import EvidenceKind
from services.storage.evidence import SealedEvidence
from services.storage.tables import evidence as table

KEY = bytes(range(32))
PICTURE = b"a picture of a face, 36 bytes or more" * 500
FRAME, PHOTO = EvidenceKind.FRAME, EvidenceKind.CHIP_PHOTO


@pytest.fixture
def sealed(database, clock) -> SealedEvidence:
    return SealedEvidence(database, clock, KEY)


def test_evidence_is_opened_as_it_was_put(sealed):
    sealed.put("i1", FRAME, PICTURE, label="0")
    assert sealed.get("i1", FRAME, label="0") == PICTURE


@pytest.mark.parametrize(("intake", "kind", "label"), [("i2", FRAME, "0"), ("i1", PHOTO, "0"), ("i1", FRAME, "1")])
def test_evidence_is_found_in_its_own_place_only(sealed, intake, kind, label):
    sealed.put("i1", FRAME, PICTURE, label="0")
    assert sealed.get(intake, kind, label=label) is None


def test_new_evidence_of_the_same_place_replaces_the_old(sealed):
    sealed.put("i1", FRAME, b"old", label="0")
    sealed.put("i1", FRAME, b"new", label="0")
    assert sealed.get("i1", FRAME, label="0") == b"new"
    assert sealed.labels("i1", FRAME) == ["0"]


def test_labels_are_sorted(sealed):
    for label in ("2", "0", "1"):
        sealed.put("i1", FRAME, b"frame", label=label)
    assert sealed.labels("i1", FRAME) == ["0", "1", "2"]
    assert sealed.labels("i1", PHOTO) == []


def test_evidence_is_gone_when_its_minutes_are_over(sealed, clock):
    sealed.put("i1", FRAME, PICTURE)
    clock.advance(EVIDENCE_LIFE)
    assert sealed.get("i1", FRAME) is None
    assert sealed.labels("i1", FRAME) == []


def test_a_purge_removes_what_has_expired_and_nothing_else(sealed, clock, database):
    sealed.put("i1", FRAME, PICTURE)
    clock.advance(EVIDENCE_LIFE / 2)
    sealed.put("i1", PHOTO, b"photo")
    assert sealed.purge(clock.now()) == 0
    clock.advance(EVIDENCE_LIFE / 2)
    assert sealed.purge(clock.now()) == 1
    with database.read() as connection:
        assert list(connection.execute(select(table.c.kind)).scalars()) == [PHOTO]


def test_evidence_is_dropped_by_kind_or_whole(sealed):
    for kind in (FRAME, PHOTO, EvidenceKind.CARD_FRONT):
        sealed.put("i1", kind, b"data")
        sealed.put("i2", kind, b"data")

    def left(intake):
        return [kind for kind in EvidenceKind if sealed.get(intake, kind) is not None]

    sealed.drop("i1", FRAME, PHOTO)
    assert left("i1") == [EvidenceKind.CARD_FRONT]
    sealed.drop("i2")
    assert left("i2") == []
    assert left("i1") == [EvidenceKind.CARD_FRONT]


def test_another_key_opens_nothing(sealed, database, clock):
    sealed.put("i1", FRAME, PICTURE)
    with pytest.raises(StorageUnavailable):
        SealedEvidence(database, clock, bytes(32)).get("i1", FRAME)


def test_sealed_evidence_does_not_open_in_another_place(sealed, database):
    sealed.put("i1", FRAME, PICTURE)
    with database.write() as connection:
        connection.execute(update(table).values(intake_id="i2"))
    with pytest.raises(StorageUnavailable):
        sealed.get("i2", FRAME)


def test_every_change_of_a_sealed_byte_is_noticed(sealed, database):
    sealed.put("i1", FRAME, b"x")
    with database.read() as connection:
        whole = connection.execute(select(table.c.sealed)).scalar_one()
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with database.write() as connection:
            connection.execute(update(table).values(sealed=changed))
        with pytest.raises(StorageUnavailable):
            sealed.get("i1", FRAME)


def test_the_same_evidence_is_never_sealed_the_same_way_twice(sealed, database):
    for intake in ("i1", "i2"):
        sealed.put(intake, FRAME, PICTURE)
    with database.read() as connection:
        assert len(set(connection.execute(select(table.c.sealed)).scalars())) == 2


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(31)])
def test_a_short_key_is_refused(database, clock, key):
    with pytest.raises(ValueError, match="32 bytes"):
        SealedEvidence(database, clock, key)


def test_the_key_is_not_printable(sealed):
    assert KEY.hex() not in repr(sealed)
    assert repr(KEY) not in repr(vars(sealed))


def written(url: str) -> bytes:
    """Everything that the database has on disk, its log included."""
    whole = Path(url.removeprefix("sqlite:///"))
    return b"".join(part.read_bytes() for part in whole.parent.glob(whole.name + "*"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_file_never_holds_the_picture_and_after_the_purge_not_even_the_sealed_one(
    sealed, database, database_url, clock
):
    sealed.put("i1", FRAME, PICTURE)
    with database.read() as connection:
        on_disk = connection.execute(select(table.c.sealed)).scalar_one()
    assert PICTURE[:36] not in written(database_url)
    assert on_disk[-64:] in written(database_url)
    sealed.drop("i1")
    sealed.purge(clock.now())
    assert on_disk[-64:] not in written(database_url)
    assert on_disk[:64] not in written(database_url)


def test_evidence_dropped_in_a_unit_comes_back_when_the_unit_fails(sealed, ledger):
    sealed.put("i1", FRAME, PICTURE)

    def fail():
        with ledger.begin():
            sealed.drop("i1")
            assert sealed.get("i1", FRAME) is None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sealed.get("i1", FRAME) == PICTURE
