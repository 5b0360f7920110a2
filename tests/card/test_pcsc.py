"""The same card behind pcscd: our own reader, and OpenSC's tools, which nobody here wrote."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import monotonic

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sample_card import FRONT, SIGN_PASSWORD, USER_PIN

from services.card.pcsc import PCSCReader, reader_names
from services.card.pcscd import READERS, environment, missing_for_pcscd, private_pcscd
from services.card.session import MyNumberCard
from services.card.virtual.contents import Pin
from services.card.virtual.desk import DeskClient
from services.card.virtual.store import load, save
from services.domain.errors import (
    CardAnswerUnexpected,
    CardConnectionLost,
    CardMissing,
    PasswordRejected,
    ReaderMissing,
)
from services.domain.password import Password, PasswordKind

pytestmark = [
    pytest.mark.pcsc,
    pytest.mark.skipif(bool(missing_for_pcscd()), reason=f"a private pcscd needs {', '.join(missing_for_pcscd())}"),
]

USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
OPENSC_MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
SIGNERS = [("0", "01", USER_PIN, "authentication"), ("1", "02", SIGN_PASSWORD, "signature")]


@pytest.fixture(scope="module")
def folder():
    path = Path(tempfile.mkdtemp(prefix="pcscd"))  # a socket's path has at most 107 bytes
    with private_pcscd(path):
        yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def in_environment(folder):
    before = os.environ.copy()
    os.environ.update(environment(folder))
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def desk(folder, in_environment):
    client = DeskClient(folder)
    yield client
    for slot in range(2):
        client.remove(slot)


@pytest.fixture(scope="module")
def readers(in_environment):
    readers = [PCSCReader(name, longest_silence_s=2.0) for name in READERS]
    yield readers
    for reader in readers:
        reader.close()


@pytest.fixture
def put_on(desk, readers, contents, tmp_path):
    """Puts a fresh sample card on a slot and waits until PC/SC has noticed."""

    def put(slot=0, faults=()):
        path = tmp_path / f"card{slot}.json"
        save(contents, path)
        take_off(desk, readers, slot)
        desk.insert(slot, path, faults)
        wait_until(readers[slot], present=True)
        return path

    return put


def take_off(desk, readers, slot):
    desk.remove(slot)
    wait_until(readers[slot], present=False)


def wait_until(reader, *, present):
    """PC/SC looks every 0.4 s."""
    give_up = monotonic() + 10
    while reader.card_present() is not present:
        assert monotonic() < give_up, f"present is not {present} yet"


def test_pcsc_names_both_readers_and_they_are_virtual(readers, desk):
    assert reader_names() == list(READERS)
    assert [reader.is_virtual for reader in readers] == [True, True]
    assert [slot["reader"] for slot in desk.status()] == list(READERS)


def test_a_whole_session_runs_over_pcsc(readers, put_on, contents, authorise):
    path = put_on(1)
    channel = readers[1].connect()
    card = MyNumberCard(channel)
    card.identify()
    card.verify_number_b(FRONT)
    assert card.card_face().record == contents.visual.face_record
    assert len(card.sign_card_challenge(bytes(32))) == 256
    assert card.identity_certificate() == contents.jpki.user_authentication.certificate
    card.verify(Password.parse(USER, USER_PIN))
    new = Password.parse(SIGNATURE, "NEWONE1")
    card.reset(SIGNATURE, authorise(SIGNATURE, card.get_challenge()), new)
    card.verify(new)
    assert card.certificate(SIGNATURE) == contents.jpki.signature.certificate
    channel.close()
    assert load(path).pins[Pin.SIGNATURE].value == b"NEWONE1"


def test_no_security_status_survives_a_connection(readers, put_on):
    put_on()
    channel = readers[0].connect()
    MyNumberCard(channel).verify(Password.parse(USER, USER_PIN))
    channel.close()
    with pytest.raises(CardConnectionLost):
        channel.transmit(bytes.fromhex("00200080"))
    channel = readers[0].connect()
    with pytest.raises(CardAnswerUnexpected):
        MyNumberCard(channel).sign(USER, bytes(32))
    channel.close()


def test_a_connection_is_exclusive(readers, put_on):
    put_on()
    channel = readers[0].connect()
    other = PCSCReader(READERS[0])
    with pytest.raises(CardConnectionLost):
        other.connect()
    other.close()
    MyNumberCard(channel).identify()
    channel.close()


def test_an_empty_reader_and_a_missing_one_are_told_apart(readers, desk):
    take_off(desk, readers, 0)
    assert not readers[0].card_present()
    with pytest.raises(CardMissing):
        readers[0].connect()
    missing = PCSCReader("No such reader")
    for use in (missing.card_present, missing.connect):
        with pytest.raises(ReaderMissing):
            use()
    missing.close()


def test_a_card_taken_off_is_lost(readers, desk, put_on):
    put_on()
    channel = readers[0].connect()
    card = MyNumberCard(channel)
    card.identify()
    take_off(desk, readers, 0)
    for _ in range(2):
        with pytest.raises(CardConnectionLost):
            card.common_record()
    channel.close()


@pytest.mark.parametrize(("moment", "left"), [("before", 3), ("after_commit", 2), ("after", 2)])
def test_a_card_torn_out_during_an_entry_is_lost_and_remembers(readers, put_on, moment, left):
    path = put_on(faults=[{"torn": moment, "instruction": 0x20}])
    channel = readers[0].connect()
    with pytest.raises(CardConnectionLost):
        MyNumberCard(channel).verify(Password.parse(USER, "0000"))
    channel.close()
    assert load(path).pins[Pin.USER_AUTHENTICATION].tries_left == left


def test_a_hanging_card_is_given_up_and_the_reader_lives_on(readers, put_on, desk):
    put_on(faults=[{"mute": 60, "instruction": 0x20}])
    channel = readers[0].connect()
    card = MyNumberCard(channel)
    with pytest.raises(CardConnectionLost):
        card.verify(Password.parse(USER, USER_PIN))
    with pytest.raises(CardConnectionLost):
        card.identify()
    channel.close()
    put_on()
    channel = readers[0].connect()
    MyNumberCard(channel).identify()
    channel.close()


def opensc(*words, **more):
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=30, **more)


@pytest.mark.skipif(shutil.which("opensc-tool") is None, reason="OpenSC is not installed")
class TestOpenSC:
    def test_the_driver_recognises_the_card(self, put_on):
        put_on()
        assert opensc("opensc-tool", "--reader", READERS[0], "-n").stdout.strip() == "jpki"

    def test_the_directory_lists_pins_keys_and_certificates(self, put_on):
        put_on()
        listing = opensc("pkcs15-tool", "--reader", READERS[0], "-D").stdout
        titles = [line.split("[")[0].strip() for line in listing.splitlines() if line and not line.startswith("\t")]
        kinds = ("PIN", "Private RSA Key", "Public RSA Key", "X.509 Certificate")
        assert [titles.count(title) for title in kinds] == [2, 2, 2, 4]
        assert [line.strip() for line in listing.splitlines() if "Tries left" in line] == [
            "Tries left     : 3",
            "Tries left     : 5",
        ]

    @pytest.mark.parametrize(("slot", "key_id", "pin", "key"), SIGNERS)
    def test_openssl_verifies_what_pkcs11_signed(self, put_on, keys, tmp_path, slot, key_id, pin, key):
        put_on()
        data, signature, public = (tmp_path / name for name in ("data", "signature", "public.pem"))
        data.write_bytes(b"to be signed")
        public_key = getattr(keys, key).public_key()
        public.write_bytes(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        words = ["--module", OPENSC_MODULE, "--slot", slot, "--login", "--pin", pin, "--sign", "--id", key_id]
        files = ["-m", "SHA256-RSA-PKCS", "--input-file", str(data), "--output-file", str(signature)]
        signed = opensc("pkcs11-tool", *words, *files)
        assert signed.returncode == 0, signed.stderr
        verified = opensc("openssl", "dgst", "-sha256", "-verify", str(public), "-signature", str(signature), str(data))
        assert verified.stdout.strip() == "Verified OK"

    def test_a_wrong_pin_is_counted(self, put_on):
        path = put_on()
        words = ["--module", OPENSC_MODULE, "--slot", "0", "--login", "--pin", "0000", "-O"]
        assert "CKR_PIN_INCORRECT" in opensc("pkcs11-tool", *words).stderr
        assert load(path).pins[Pin.USER_AUTHENTICATION].tries_left == 2
        assert "Tries left     : 2" in opensc("pkcs15-tool", "--reader", READERS[0], "-D").stdout

    def test_our_reader_works_again_after_other_programs(self, put_on, readers):
        put_on()
        opensc("opensc-tool", "--reader", READERS[0], "-n")
        channel = readers[0].connect()
        card = MyNumberCard(channel)
        with pytest.raises(PasswordRejected):
            card.verify(Password.parse(USER, "0000"))
        channel.close()


def test_nothing_listens_outside_the_namespace(folder):
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    assert [port for port in (":8C7B", ":8C7C") if port in listening] == []
