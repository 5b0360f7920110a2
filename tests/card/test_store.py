import json
import stat
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_card import USER_PIN, personalise

from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import TRIES, Pin, PinState
from services.card.virtual.faults import Fault, FaultScript, Moment, Torn, instruction_with_data
from services.card.virtual.reader import VirtualReader
from services.card.virtual.store import load, save
from services.domain.errors import CardConnectionLost, NotMyNumberCard, PasswordRejected
from services.domain.password import Password, PasswordKind

USER = PasswordKind.USER_AUTHENTICATION


@pytest.mark.parametrize("has_signature", [True, False])
def test_a_card_is_read_as_it_was_kept(keys, tmp_path, has_signature):
    contents = personalise(keys, has_signature=has_signature)
    save(contents, tmp_path / "card.json")
    assert load(tmp_path / "card.json") == contents


def test_the_file_is_its_owners_alone_and_says_what_it_is(card_file):
    assert stat.S_IMODE(card_file.stat().st_mode) == 0o600
    assert "練習" in card_file.read_text("utf-8")
    assert list(card_file.parent.iterdir()) == [card_file]


def test_a_rewritten_file_is_its_owners_alone_too(card_file, contents):
    card_file.chmod(0o644)
    save(contents, card_file)
    assert stat.S_IMODE(card_file.stat().st_mode) == 0o600


def test_what_was_counted_survives_the_process(card_file):
    reader = VirtualReader()
    reader.insert(VirtualCard.from_file(card_file))
    with pytest.raises(PasswordRejected):
        MyNumberCard(reader.connect()).verify(Password.parse(USER, "0000"))
    assert load(card_file).pins[Pin.USER_AUTHENTICATION].tries_left == 2


def test_a_try_is_on_disk_before_it_is_compared(card_file):
    script = FaultScript([Fault(Torn(Moment.AFTER_COMMIT), 1, instruction_with_data(0x20))])
    reader = VirtualReader()
    reader.insert(script.around(VirtualCard.from_file(card_file, script.committed)))
    with pytest.raises(CardConnectionLost):
        MyNumberCard(reader.connect()).verify(Password.parse(USER, USER_PIN))
    assert load(card_file).pins[Pin.USER_AUTHENTICATION] == PinState(USER_PIN.encode(), 2)


def test_a_save_that_was_cut_short_leaves_the_old_card(card_file, contents):
    beside = card_file.with_name(card_file.name + ".new")
    beside.write_text('{"format": "virtual-my-number-card:1", "ser')
    assert load(card_file) == contents
    save(contents, card_file)
    assert not beside.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "1", '{"format": "other"}', "\x00", '{"format": '])
def test_what_is_no_card_is_no_card(tmp_path, text):
    path = tmp_path / "card.json"
    path.write_text(text)
    with pytest.raises(NotMyNumberCard):
        load(path)


def test_a_missing_file_is_no_card(tmp_path):
    with pytest.raises(NotMyNumberCard):
        load(tmp_path / "nothing.json")


@pytest.fixture(scope="session")
def record(contents, tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "card.json"
    save(contents, path)
    return path, json.loads(path.read_text("utf-8"))


FIELDS = st.sampled_from(["serial", "expiry", "jpki", "visual", "text", "pins", "unblock_key"])
LEAVES = st.none() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(LEAVES, lambda leaf: st.lists(leaf) | st.dictionaries(st.text(max_size=5), leaf))


@given(FIELDS, VALUES)
def test_a_damaged_file_is_no_card_and_nothing_worse(record, field, value):
    path, fields = record
    path.write_text(json.dumps(fields | {field: value}))
    with suppress(NotMyNumberCard):
        load(path)


def test_every_pin_has_its_tries(contents):
    assert {pin: state.tries_left for pin, state in contents.pins.items()} == TRIES
    assert [TRIES[pin] for pin in (Pin.USER_AUTHENTICATION, Pin.SIGNATURE, Pin.TEXT, Pin.VISUAL_NUMBER_B)] == [
        3,
        5,
        3,
        10,
    ]
