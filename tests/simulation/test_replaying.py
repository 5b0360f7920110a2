"""A schedule is one line, and the line is all that is needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.password import PasswordKind

from .__main__ import main
from .broken import broken
from .explore import hunt
from .faults import STORIES, Misfit, Schedule
from .minimise import minimised
from .run import run, stage_set

FAULTS = st.lists(st.tuples(st.integers(0, 9999), st.from_regex(r"[a-z]+(-[a-z0-9]+)*", fullmatch=True)), max_size=6)


@given(kind=st.sampled_from(PasswordKind), story=st.sampled_from(STORIES), late=st.booleans(), faults=FAULTS)
def test_the_line_says_everything(kind, story, late, faults):
    schedule = Schedule(kind, story, late, tuple(faults))
    assert schedule == Schedule.parse(str(schedule))


@pytest.mark.parametrize("line", ["", "signature", "signature/never-first:", "signature/same-first:5", "x/same-first:"])
def test_another_line_is_refused(line):
    with pytest.raises(ValueError, match="schedule"):
        Schedule.parse(line)


def test_a_fault_that_its_point_does_not_offer_is_no_schedule(stage):
    with pytest.raises(Misfit):
        run(stage, Schedule(PasswordKind.SIGNATURE, faults=((0, "torn-before"),)))


def test_the_command_tells_every_point(capsys):
    assert 0 == main(["replay", "signature/same-first:5.torn-before"])
    told = capsys.readouterr().out
    assert "card select_application   <- torn-before" in told
    assert "every promise is kept" in told


def test_what_does_not_matter_is_left_out_of_a_failing_schedule(issuance):
    with broken("tell the user early"), stage_set(issuance) as stage:
        found = hunt(stage, Schedule(PasswordKind.SIGNATURE))
        assert found is not None
        (number, fault), *_ = found.faults
        padded = Schedule(PasswordKind.SIGNATURE, "other-second", faults=((0, "outbox"), (number, fault)))
        assert 1 == len(minimised(stage, padded).faults)
