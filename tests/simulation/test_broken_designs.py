"""The harness sees what it says it sees: four wrong designs are caught, each with the schedule that shows it."""

import sys

import pytest

from services.domain.password import PasswordKind

from .broken import VARIANTS, broken
from .explore import hunt
from .faults import Schedule
from .minimise import minimised
from .run import run, stage_set


@pytest.mark.parametrize("name", VARIANTS)
def test_a_wrong_design_is_caught(issuance, capsys, name):
    with broken(name), stage_set(issuance) as stage:
        found = hunt(stage, Schedule(PasswordKind.SIGNATURE, "other-second"))
        assert found is not None
        smallest = minimised(stage, found)
        result = run(stage, smallest)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {smallest}: {result.violation}\n")
    assert result.violation is not None
    assert len(smallest.faults) <= len(found.faults)
    with stage_set(issuance) as stage:
        assert run(stage, smallest).violation is None, "the product itself keeps every promise there"
