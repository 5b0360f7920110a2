"""Every fault at every point, alone: no promise breaks, and faults that are declared alike lead to the same."""

import pytest

from services.domain.password import PasswordKind

from .explore import Tally, disagreements, singles
from .faults import Schedule

SIGNATURE, USER = PasswordKind
BEGINNINGS = [  # of sixteen; the others are run by `python -m tests.simulation run`
    Schedule(SIGNATURE, "other-second"),
    Schedule(SIGNATURE, "other-second", late=True),
    Schedule(USER, "other-second"),
]


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=str)
def test_no_single_fault_breaks_a_promise(stage, beginning):
    tally = Tally()
    found = singles(stage, beginning, tally)
    assert [] == tally.violations
    assert [] == disagreements(found)
