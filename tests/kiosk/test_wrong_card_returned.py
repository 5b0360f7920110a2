"""Another card lies on the reader than the one that began."""

import pytest
from kiosk_world import NEW, E, S

from kiosk.crash import CrashPoint
from services.card.apdu import Instruction
from services.card.virtual.card import VirtualCard
from services.card.virtual.faults import Fault, Moment, Torn, instruction
from services.domain.reservation import ReservationState

WRITE = instruction(Instruction.RESET_RETRY_COUNTER)


@pytest.fixture
def stranger(issuance) -> VirtualCard:
    return VirtualCard(issuance.second)


def test_another_card_put_back_is_refused_untouched(either, stranger, issuance):
    reservation = either.reserve()
    either.plan(Fault(Torn(Moment.BEFORE), matches=WRITE))
    assert either.visit() == S.RETURN_CARD
    assert either.put(stranger) == S.FAILED
    assert either.kiosk.code == "PR-3109"
    assert stranger.contents == issuance.second
    either.kiosk.outbox.send()
    assert either.state_of(reservation) is ReservationState.UNKNOWN


def test_the_right_card_can_still_finish_after_a_wrong_one(either, stranger):
    reservation = either.reserve()
    either.plan(Fault(Torn(Moment.BEFORE), matches=WRITE))
    either.visit()
    either.put(stranger)
    either.kiosk.touch(E.FINISH)
    either.take()
    assert either.visit() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(NEW[either.kind])


def test_a_stranger_under_the_open_entry_is_not_sent_the_password(either, stranger):
    sent = []

    class Watched:
        def transmit(self, command: bytes) -> tuple[bytes, int]:
            sent.append(command[1])
            return stranger.transmit(command)

        def reset(self) -> None:
            stranger.reset()

    either.reserve()
    either.to_card()
    either.put()
    either.slot.swap(Watched())
    assert either.open_card() == S.FAILED
    assert either.kiosk.code == "PR-6004", "the card without its state, not one without a certificate"
    assert Instruction.SELECT in sent
    assert Instruction.VERIFY not in sent


SWAPS = [point for point in CrashPoint if point not in (CrashPoint.JOURNAL_WRITTEN_BESIDE, CrashPoint.DONE_JOURNALLED)]


@pytest.mark.parametrize("point", SWAPS, ids=str)
def test_a_swap_too_fast_for_the_reader_never_changes_the_stranger(either, stranger, issuance, point):
    """PC/SC does not see a swap under 400 ms: the connection lives on, with another card at its end."""
    swapped = []

    def swap(passed: CrashPoint) -> None:
        if passed is point and not swapped:
            swapped.append(passed)
            either.slot.swap(stranger)

    either.power_on(swap)
    either.reserve()
    result = either.visit()
    assert stranger.contents == issuance.second
    told_done = result == S.DONE
    assert told_done <= either.card_has(NEW[either.kind])


def test_a_card_that_is_no_my_number_card_is_told_apart(world):
    class Mute:
        def transmit(self, command: bytes) -> tuple[bytes, int]:
            return b"", 0x6A82

        def reset(self) -> None:
            return

    world.to_card()
    assert world.put(Mute()) == S.FAILED
    assert world.kiosk.code == "PR-6003"


@pytest.mark.parametrize(
    "answer", [(b"\xff" * 300, 0x9000), (b"", 0x6100), (b"", 0), (b"\x30\x84\x7f\xff\xff\xff", 0x9000)]
)
def test_a_card_that_answers_nonsense_ends_at_a_clear_screen_and_frees_the_terminal(world, answer):
    class Babbler:
        def transmit(self, command: bytes) -> tuple[bytes, int]:
            return answer

        def reset(self) -> None:
            return

    world.to_card()
    assert world.put(Babbler()) == S.FAILED
    assert world.kiosk.code in ("PR-6003", "PR-6005")
    world.kiosk.touch(E.FINISH)
    assert world.take() == S.THANKS
    world.reserve()
    world.to_card()
    world.put()
    assert world.open_card() == S.NEW_PASSWORD
