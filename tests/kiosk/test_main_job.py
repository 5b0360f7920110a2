"""The kiosk's half of the main job, without misfortune."""

from kiosk_world import NEW, OLD, E, S

from services.domain.reservation import ReservationState


def test_a_reservation_becomes_a_new_password(either):
    reservation = either.reserve()
    assert either.visit() == S.DONE
    assert either.state_of(reservation) is ReservationState.COMPLETED
    assert either.card_has(NEW[either.kind])
    assert not either.card_has(OLD[either.kind])


def test_the_session_goes_back_to_the_first_screen_when_the_card_is_taken(either):
    either.reserve()
    either.visit()
    assert either.kiosk.touch(E.FINISH) == S.REMOVE_CARD
    assert either.take() == S.THANKS


def test_without_a_reservation_the_card_is_left_alone(either):
    assert either.to_new_password() == S.FAILED
    assert either.kiosk.code == "PR-5002"
    assert either.card_has(OLD[either.kind])


def test_the_other_kind_of_reservation_is_not_found(world):
    world.reserve()
    world.kind = world.kind.other
    assert world.to_new_password() == S.FAILED
    assert world.kiosk.code == "PR-5002"


def test_a_used_reservation_cannot_be_used_again(either):
    either.reserve()
    either.visit()
    either.kiosk.touch(E.FINISH)
    either.take()
    either.to_card()
    either.put()
    assert either.kiosk.type(OLD[either.kind.other]) == S.FAILED
    assert either.kiosk.code == "PR-5006"
