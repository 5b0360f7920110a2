"""Whatever is sent to the virtual card, it answers, and nothing opens."""

from hypothesis import given
from hypothesis import strategies as st

from services.card.apdu import Command
from services.card.applications import Application
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin


@given(st.lists(st.binary(max_size=40), max_size=12))
def test_garbage_gets_an_answer(contents, commands):
    card = VirtualCard(contents)
    for command in commands:
        answer, status = card.transmit(command)
        assert 0x6000 <= status <= 0x9FFF
        assert len(answer) <= 65536


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x00, 0x80, 0x0C]),
            st.sampled_from([0x20, 0x24, 0x2A, 0x2C, 0x32, 0x82, 0x84, 0xA2, 0xA4, 0xB0, 0xB2, 0xCA, 0x99]),
            st.sampled_from([0, 1, 2, 4, 0x80, 0x8A, 0xFF]),
            st.sampled_from([0, 0x0C, 0x80, 0x98, 0x9B, 0x97, 0xFF]),
            st.sampled_from([b"", b"\x00\x18", b"1234", Application.JPKI.value, bytes(290)]),
            st.sampled_from([None, 1, 256, 65536]),
        ),
        max_size=15,
    )
)
def test_no_sequence_of_plausible_commands_opens_the_card(contents, parts):
    card = VirtualCard(contents)
    for part in parts:
        command = Command(*part)
        answer, status = card.transmit(command.octets)
        assert 0x6000 <= status <= 0x9FFF
        assert not (command.ins == 0x20 and command.data and status == 0x9000)
        assert contents.jpki.signature.certificate[:64] not in answer
    assert card.contents.pins[Pin.SIGNATURE].value == contents.pins[Pin.SIGNATURE].value
