"""Whatever somebody lays on the reader: a clear screen, nothing asked of the server, and the next person is served."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from kiosk_world import S

from services.card.apdu import Command, Instruction
from services.card.applications import TOKEN_LABEL
from services.card.pcsc import LONGEST_SILENCE_S
from services.card.virtual.card import VirtualCard
from services.domain.errors import CardConnectionLost

OK, NOT_FOUND = 0x9000, 0x6A82


class Thing:
    """A card that answers every command by this rule."""

    def __init__(self, rule: Callable[[Command], tuple[bytes, int]]) -> None:
        self._rule = rule

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        return self._rule(Command.parse(command))

    def reset(self) -> None:
        return


def with_label(label: bytes) -> Callable[[Command], tuple[bytes, int]]:
    return lambda command: (label[:32].ljust(32), OK) if command.ins == Instruction.READ_BINARY else (b"", OK)


def longer_than_asked(command: Command) -> tuple[bytes, int]:
    return b"\x30" * ((command.answer or 0) + 1), OK


def announces_the_world(command: Command) -> tuple[bytes, int]:
    if command.ins == Instruction.READ_BINARY and command.answer != len(TOKEN_LABEL):
        return b"\x30\x84\x7f\xff\xff\xff".ljust(256, b"\x00"), OK
    return with_label(TOKEN_LABEL)(command)


THINGS = {
    "another set of applications": (lambda _: (b"", NOT_FOUND), "PR-6003"),
    "an old resident card": (with_label(b"JPKIAPICCTOKEN"), "PR-6003"),
    "a phone": (with_label(b"JPKIAPGPSETOKEN"), "PR-6003"),
    "no file behind the application": (
        lambda command: (b"", NOT_FOUND if command.p1 == 0x02 else OK),
        "PR-6003",
    ),
    "61 for ever": (lambda _: (b"", 0x6110), "PR-6005"),
    "6C for ever": (lambda _: (b"", 0x6C10), "PR-6005"),
    "another class": (lambda _: (b"", 0x6E00), "PR-6005"),
    "no status": (lambda _: (b"", 0), "PR-6005"),
    "more than was asked": (longer_than_asked, "PR-6005"),
    "a certificate of two gigabytes": (announces_the_world, "PR-6005"),
    "a certificate of nothing": (with_label(TOKEN_LABEL), "PR-6005"),
}


@pytest.mark.parametrize("name", THINGS)
def test_what_is_no_my_number_card_is_told_so_and_nobody_is_asked(world, name):
    rule, code = THINGS[name]
    world.to_card()
    assert world.put(Thing(rule)) == S.FAILED
    assert (code, True) == (world.kiosk.code, world.kiosk.screen.unchanged)
    assert [] == world.wire.sent
    assert world.serves_the_next_person()


def test_a_card_that_says_nothing_at_all_is_asked_for_again_and_given_up(world):
    """The connection ends it after a few seconds: no thing on the reader may hold the terminal for ten."""

    def silent(_):
        world.clock.advance(timedelta(seconds=LONGEST_SILENCE_S))
        raise CardConnectionLost

    world.to_card()
    began = world.clock.now()
    assert world.put(Thing(silent)) == S.PLACE_CARD
    assert "PR-6004" == world.kiosk.code
    assert world.clock.now() - began < timedelta(seconds=10)
    assert [] == world.wire.sent
    assert world.serves_the_next_person()


def test_a_card_that_says_nothing_does_not_keep_the_screen_from_ending(world):
    def silent(_):
        raise CardConnectionLost

    world.to_card()
    for _ in range(4):
        world.put(Thing(silent))
        world.clock.advance(timedelta(seconds=20))
        world.kiosk.wait()
    assert S.IDLE == world.kiosk.state


def test_a_genuine_card_under_a_strange_name_is_served(world):
    """A contactless reader makes the ATR up: garbage in it says nothing about the card, and nothing here reads it."""
    world.slot.name = "\x00\xff 不明なリーダー"
    assert world.serves_the_next_person()
    assert isinstance(world.card, VirtualCard)
