from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.card.apdu import Command, tries_in

BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("command", "octets"),
    [
        (Command(0x00, 0x20, 0x00, 0x80), "00200080"),
        (Command(0x00, 0xB0, 0x00, 0x00, answer=256), "00b0000000"),
        (Command(0x00, 0xB0, 0x01, 0x00, answer=4), "00b0010004"),
        (Command(0x00, 0x20, 0x00, 0x80, b"1234"), "002000800431323334"),
        (Command(0x80, 0x2A, 0x00, 0x80, b"\x30\x31", 256), "802a0080023031" + "00"),
        (Command(0x00, 0xB0, 0x8A, 0x00, answer=65536), "00b08a00000000"),
        (Command(0x00, 0x82, 0x00, 0x00, b"a" * 290), "00820000" + "000122" + "61" * 290),
    ],
)
def test_a_command_is_written_as_the_standard_says(command, octets):
    assert command.octets.hex() == octets


COMMANDS = st.builds(Command, BYTE, BYTE, BYTE, BYTE, st.binary(max_size=300), st.none() | st.integers(1, 65536))


@given(COMMANDS)
def test_what_was_written_is_read(command):
    assert Command.parse(command.octets) == command


@given(st.binary(max_size=300))
def test_garbage_is_refused_or_means_what_it_says(octets):
    with suppress(ValueError):
        command = Command.parse(octets)
        assert octets[:4] == bytes([command.cla, command.ins, command.p1, command.p2])
        assert command.data in octets


def test_a_commands_data_is_not_printed():
    assert "1234" not in repr(Command(0x00, 0x20, 0x00, 0x80, b"1234"))
    assert "31323334" not in repr(Command(0x00, 0x20, 0x00, 0x80, b"1234"))


def test_what_fits_no_apdu_is_not_written():
    for command in (Command(0, 0, 0, 0, bytes(65536)), Command(0, 0, 0, 0, answer=65537)):
        with pytest.raises(ValueError, match="fit"):
            _ = command.octets


@pytest.mark.parametrize(
    ("status", "tries"), [(0x63C3, 3), (0x63C0, 0), (0x6300, None), (0x9000, None), (0x6984, None)]
)
def test_the_last_digit_counts_tries(status, tries):
    assert tries_in(status) == tries
