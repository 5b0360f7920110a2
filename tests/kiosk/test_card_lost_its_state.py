"""The card was lifted and put back faster than PC/SC looks: it is itself, and has forgotten what it was told."""

import pytest
from kiosk_world import S

from kiosk.crash import CrashPoint
from services.card.apdu import Instruction
from services.card.virtual.card import VirtualCard

FILE = 0x02  # P1 of SELECT


class Lifted:
    """Loses its power right after its identity was read again: before the next but one file is selected, once it is armed."""

    def __init__(self, card: VirtualCard) -> None:
        self._card, self.armed, self._selected = card, False, 0

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        if self.armed and command[1] == Instruction.SELECT and command[2] == FILE:
            self._selected += 1
            if self._selected == 2:
                self._card.reset()
        return self._card.transmit(command)

    def reset(self) -> None:
        self._card.reset()


@pytest.mark.parametrize(
    "point", [CrashPoint.CLAIMING_JOURNALLED, CrashPoint.RESETTING_JOURNALLED, CrashPoint.CARD_WRITTEN], ids=str
)
def test_a_card_that_forgot_is_asked_for_again_and_not_said_to_lack_a_certificate(either, point):
    card = Lifted(either.card)

    def arm(passed: CrashPoint) -> None:
        card.armed = card.armed or passed is point

    either.power_on(arm)
    either.reserve()
    either.to_card()
    either.put(card)
    if either.open_card() == S.NEW_PASSWORD:
        either.set_password()
    assert "PR-6004" == either.kiosk.code, "the connection to the card was lost"
