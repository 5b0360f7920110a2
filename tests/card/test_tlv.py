from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.card.tlv import LONGEST_VALUE, DataObject, announced_length, encode, parse, parse_one, parse_sequence
from services.domain.errors import ProofMalformed

TAGS = st.sampled_from([0xFF10, 0xFF20, 0xDF11, 0xDF21, 0xDF2A, 0x7F21, 0x5F4E, 0x5F37, 0x90, 0x91, 0xA1, 0x30])


def test_a_low_number_has_the_cards_two_byte_tag():
    assert encode(0xFF10, b"abc").hex() == "ff1003616263"


@pytest.mark.parametrize(
    ("length", "header"),
    [(0, "df1100"), (127, "df117f"), (128, "df11820080"), (256, "df11820100"), (65535, "df1182ffff")],
)
def test_a_length_has_one_form(length, header):
    assert encode(0xDF11, bytes(length))[: len(header) // 2].hex() == header


def test_the_test_cards_attributes_are_read_as_published():
    # Published by the author of soltia48/myna-card, a J-LIS test card; the address is shortened here.
    octets = bytes.fromhex("df220fe9bb92e6a190e38080e5b9b9e4b99f" + "df240831393830" + "30323137" + "df250131")
    name, birth, sex = parse_sequence(octets, (0xDF22, 0xDF24, 0xDF25))
    assert (name.decode(), birth, sex) == ("黒桐　幹也", b"19800217", b"1")


@pytest.mark.parametrize("filler", ["", "ff", "ffff", "00", "ff00ff", "ff" * 32])
def test_filler_behind_an_object_is_skipped(filler):
    assert parse(encode(0xFF10, b"x") + bytes.fromhex(filler)) == [DataObject(0xFF10, b"x")]


def test_filler_between_objects_is_skipped_although_ff_begins_a_tag_too():
    data = encode(0xFF10, b"x") + b"\xff\xff\x00" + encode(0xFF20, b"y") + b"\xff"
    assert [item.tag for item in parse(data)] == [0xFF10, 0xFF20]


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        ("df", "a tag without its second byte"),
        ("df11", "no length"),
        ("df1103aabb", "a value cut short"),
        ("df1180", "an indefinite length"),
        ("df118105aabbccddee", "a length in another form"),
        ("df1182007f" + "00" * 127, "a long form where the short one fits"),
        ("df118300ffff", "a three-byte length"),
        ("df9101aa", "a tag of three bytes"),
        ("ff8101aa", "a constructed tag of three bytes"),
        ("df118201", "half a length"),
        ("df1100" * 33, "more objects than any card has"),
    ],
)
def test_what_no_card_writes_is_refused(octets, what):
    with pytest.raises(ProofMalformed):
        parse(bytes.fromhex(octets))


def test_a_sequence_is_exact():
    octets = encode(0xDF22, b"a") + encode(0xDF23, b"b")
    for tags in [(0xDF22,), (0xDF23, 0xDF22), (0xDF22, 0xDF23, 0xDF24)]:
        with pytest.raises(ProofMalformed):
            parse_sequence(octets, tags)


def test_one_object_is_one():
    with pytest.raises(ProofMalformed):
        parse_one(encode(0x30, b"") * 2, 0x30)


def test_a_value_beyond_two_length_bytes_is_not_written():
    with pytest.raises(ValueError, match="65,535"):
        encode(0x30, bytes(LONGEST_VALUE + 1))


def test_a_value_is_not_printed():
    assert "secret" not in repr(DataObject(0xDF22, b"secret"))


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=8))
def test_what_was_written_is_read(objects):
    octets = b"".join(encode(tag, value) for tag, value in objects)
    parsed = parse(octets)
    assert [(item.tag, item.value) for item in parsed] == objects
    assert b"".join(item.octets for item in parsed) == octets


@given(TAGS, st.binary(max_size=700), st.binary(max_size=4))
def test_the_header_announces_the_whole_object(tag, value, rest):
    octets = encode(tag, value)
    assert announced_length(octets[:6] + rest) == len(octets)


@given(st.binary(max_size=600))
def test_garbage_is_refused_or_read_and_nothing_else(octets):
    with suppress(ProofMalformed):
        assert all(item.octets in octets for item in parse(octets))
    with suppress(ProofMalformed):
        assert announced_length(octets) > 0
