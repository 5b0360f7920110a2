"""The intent record on disk."""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.crash import CrashPoint
from kiosk.disk import Folder
from kiosk.journal import Journal
from kiosk.record import Evidence, Record, Step, decode, encode
from kiosk.terminal_key import Seal
from services.domain.errors import StorageUnavailable

KEY = Ed25519PrivateKey.generate()
EVIDENCE = Evidence(b"certificate of somebody", b"identity", b"signature", b"identity signature")
UNFINISHED = [Step.CLAIMING, Step.CLAIMED, Step.AUTHORISING, Step.RESETTING]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


def opened(folder, **more) -> Journal:
    journal = Journal(Folder(folder), Seal(KEY), **more)
    journal.recover()
    return journal


@pytest.mark.parametrize("step", UNFINISHED)
def test_an_unfinished_claim_is_dead_after_a_restart(folder, step):
    claim_id = str(uuid4())
    opened(folder).advance(claim_id, step)
    dead = [Record(claim_id, Step.DEAD, why="restart")]
    assert opened(folder).records() == dead
    assert opened(folder).records() == dead


def test_evidence_survives_a_restart(folder):
    claim_id = str(uuid4())
    opened(folder).keep(claim_id, EVIDENCE)
    assert opened(folder).records() == [Record(claim_id, Step.VERIFIED, EVIDENCE)]


def test_evidence_is_not_given_up(folder):
    claim_id = str(uuid4())
    journal = opened(folder)
    journal.keep(claim_id, EVIDENCE)
    journal.give_up(claim_id, "timeout")
    assert journal.records() == [Record(claim_id, Step.VERIFIED, EVIDENCE)]


def test_what_a_session_is_at_work_on_does_not_wait_for_the_outbox(folder):
    claim_id = str(uuid4())
    journal = opened(folder)
    journal.advance(claim_id, Step.CLAIMING)
    journal.keep(claim_id, EVIDENCE)
    assert journal.waiting() == []
    journal.give_up(claim_id, "done")
    assert [record.step for record in journal.waiting()] == [Step.VERIFIED]


def test_evidence_is_sealed_and_another_terminal_cannot_open_it(folder):
    claim_id = str(uuid4())
    opened(folder).keep(claim_id, EVIDENCE)
    octets = next(folder.iterdir()).read_bytes()
    assert b"somebody" not in octets
    with pytest.raises(ValueError, match="seal"):
        decode(octets, Seal(Ed25519PrivateKey.generate()))


def test_sealed_evidence_fits_no_other_claim():
    first, second = str(uuid4()), str(uuid4())
    octets = encode(Record(first, Step.VERIFIED, EVIDENCE), Seal(KEY)).replace(first.encode(), second.encode())
    with pytest.raises(ValueError, match="seal"):
        decode(octets, Seal(KEY))


def test_a_settled_claim_leaves_nothing_of_its_evidence(folder):
    claim_id = str(uuid4())
    journal = opened(folder)
    journal.keep(claim_id, EVIDENCE)
    journal.settle(claim_id)
    assert journal.records() == [Record(claim_id, Step.DONE)]
    journal.forget(claim_id)
    assert list(folder.iterdir()) == []


def test_a_damaged_file_is_set_aside_and_the_others_are_kept(folder):
    claim_id, damaged = str(uuid4()), str(uuid4())
    opened(folder).keep(claim_id, EVIDENCE)
    (folder / f"{damaged}.json").write_bytes(b"{")
    assert [record.claim_id for record in opened(folder).records()] == [claim_id]
    assert (folder / f"{damaged}.damaged").exists()


def test_a_write_that_was_cut_off_leaves_the_record_before_it(folder):
    class Cut(Exception):
        pass

    def cut(point):
        if point is CrashPoint.JOURNAL_WRITTEN_BESIDE and armed:
            raise Cut

    armed, claim_id = [], str(uuid4())
    journal = opened(folder, cut=cut)
    journal.advance(claim_id, Step.RESETTING)
    armed.append(True)
    with pytest.raises(Cut):
        journal.keep(claim_id, EVIDENCE)
    assert opened(folder).records() == [Record(claim_id, Step.DEAD, why="restart")]
    assert [path.suffix for path in folder.iterdir()] == [".json"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable):
        opened(tmp_path / "file" / "journal")


def test_only_the_terminal_may_read_its_journal(folder):
    opened(folder).advance(str(uuid4()), Step.CLAIMING)
    assert [path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())] == [0, 0]


@given(st.binary(max_size=400))
def test_no_bytes_on_disk_stop_the_terminal(octets):
    with pytest.raises(ValueError):  # noqa: PT011  # of whatever kind: the journal sets the file aside
        decode(octets, Seal(KEY))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_record_with_one_byte_changed_is_refused_or_means_the_same_claim(data):
    claim_id = str(uuid4())
    octets = bytearray(encode(Record(claim_id, Step.VERIFIED, EVIDENCE), Seal(KEY)))
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    try:
        found = decode(bytes(octets), Seal(KEY))
    except ValueError:
        return
    assert found.evidence == EVIDENCE
    assert found.claim_id == claim_id
