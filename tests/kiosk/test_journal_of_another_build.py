"""An update keeps the journal: files of the first format stay readable, and those of a newer one stay as they are."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.disk import Folder
from kiosk.journal import Journal
from kiosk.record import Evidence, Step
from kiosk.terminal_key import Seal

KEPT = Path(__file__).parent / "journal_format_1"  # written once by the first build; never written again
SEAL = Seal(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(KEPT, tmp_path / "journal"))


def recovered(folder):
    journal = Journal(Folder(folder), SEAL)
    journal.recover()
    return journal


def test_the_first_format_is_read_with_its_evidence(folder):
    found = recovered(folder).records()
    assert [record.step for record in found] == [Step.VERIFIED, Step.DEAD, Step.DEAD]
    assert found[0].evidence == Evidence(b"c", b"i", b"s", b"t")


def test_a_newer_format_is_counted_and_left_untouched_beside_the_others(folder):
    newer = folder / "0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f09.json"
    newer.write_bytes(b'{"format":"kiosk-journal:2","sealed":"x"}')
    journal = recovered(folder)
    assert (journal.counts(), newer.read_bytes()) == ((3, 0, 1), b'{"format":"kiosk-journal:2","sealed":"x"}')


@pytest.mark.parametrize("octets", [b"", b"[]", b'{"format":"kiosk-journal:0"}', b'{"format":"other:2"}', b"[" * 9000])
def test_what_claims_no_newer_format_is_damage(folder, octets):
    (folder / "0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f09.json").write_bytes(octets)
    assert recovered(folder).counts() == (3, 1, 0)
