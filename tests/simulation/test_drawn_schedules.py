"""Three to six faults in one run, drawn. The campaign, `python -m tests.simulation run`, draws many more."""

from .explore import Tally, draw


def test_no_drawn_schedule_breaks_a_promise(stage):
    tally = Tally()
    draw(stage, "1.0", 100, tally)
    assert [] == tally.violations
