"""Guessing at the console's door."""

from datetime import timedelta

import pytest

from services.domain.errors import TooManyAttempts
from services.usecases.sign_in import count_sign_in, note_sign_in


def test_after_five_wrong_tries_a_staff_number_waits_whether_it_exists_or_not(world):
    for _ in range(5):
        count_sign_in(world.ports, "2001")
    with pytest.raises(TooManyAttempts):
        count_sign_in(world.ports, "2001")
    count_sign_in(world.ports, "2002")
    world.clock.advance(timedelta(seconds=30))
    count_sign_in(world.ports, "2001")


def test_a_right_password_forgets_the_wrong_ones(world):
    for _ in range(4):
        count_sign_in(world.ports, "2001")
    note_sign_in(world.ports, "2001")
    for _ in range(5):
        count_sign_in(world.ports, "2001")
