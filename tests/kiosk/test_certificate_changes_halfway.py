"""A card that shows another card's certificate in the middle: it is another card, whatever else it can do."""

import pytest
from kiosk_world import NEW, OLD, S

from services.card.apdu import Command, Instruction
from services.card.applications import JPKIFile
from services.card.virtual.card import VirtualCard
from services.domain.reservation import ReservationState

CERTIFICATE = JPKIFile.USER_AUTHENTICATION_CERTIFICATE.to_bytes(2, "big")


class TwoFaced:
    """The person's own card, which from the nth look on shows the stranger's certificate."""

    def __init__(self, own: VirtualCard, stranger: VirtualCard, nth: int) -> None:
        self._own, self._stranger, self._left, self._shows_stranger = own, stranger, nth, False

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        parsed = Command.parse(command)
        if parsed.ins == Instruction.SELECT:
            looked = parsed.data == CERTIFICATE
            self._left -= looked
            self._shows_stranger = looked and self._left <= 0
            self._stranger.transmit(command)
        if parsed.ins == Instruction.READ_BINARY and self._shows_stranger:
            return self._stranger.transmit(command)
        return self._own.transmit(command)

    def reset(self) -> None:
        self._own.reset()
        self._stranger.reset()


@pytest.mark.parametrize("nth", range(2, 8))
def test_it_is_refused_and_nobody_is_told_a_password_that_is_not_there(world, issuance, nth):
    reservation = world.reserve()
    stranger = VirtualCard(issuance.second)
    world.to_card()
    world.put(TwoFaced(world.card, stranger, nth))
    world.open_card()
    if world.kiosk.state is S.NEW_PASSWORD:
        world.set_password()
    assert S.FAILED == world.kiosk.state
    assert stranger.contents == issuance.second
    assert world.kiosk.screen.unchanged <= world.card_has(OLD[world.kind])
    assert world.state_of(reservation) is not ReservationState.COMPLETED
    if not world.kiosk.screen.unchanged:
        assert world.kiosk.screen.doubt, "the card was told to change: the screen says what to do about it"
        return
    # Where the certificate is part of what the server is shown, the server sees it first.
    assert world.kiosk.code in ("PR-3109", "PR-3002")


def test_seen_right_before_the_write_it_leaves_no_doubt(world, issuance):
    world.reserve()
    world.to_card()
    world.put(TwoFaced(world.card, VirtualCard(issuance.second), 6))
    world.open_card()
    assert S.FAILED == world.set_password()
    assert ("PR-3109", True) == (world.kiosk.code, world.kiosk.screen.unchanged)
    assert 1 == world.calls("/authorisation"), "nothing but the write was left"


def test_the_next_person_is_served_after_it(world, issuance):
    world.to_card()
    world.put(TwoFaced(world.card, VirtualCard(issuance.second), 2))
    world.open_card()
    assert S.FAILED == world.kiosk.state
    assert world.serves_the_next_person()


def test_the_holder_gets_there_afterwards_with_a_card_that_does_not_lie(world, issuance):
    reservation = world.reserve()
    world.to_card()
    world.put(TwoFaced(world.card, VirtualCard(issuance.second), 6))
    world.open_card()
    world.set_password()
    world.take()
    world.restart()
    assert world.visit() == S.DONE
    assert world.state_of(reservation) is ReservationState.COMPLETED
    assert world.card_has(NEW[world.kind])
