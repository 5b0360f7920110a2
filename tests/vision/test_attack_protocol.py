"""Tricks with the session are refused by the use cases; the same server lets an honest resident pass."""

from random import Random

import pytest

from services.rehearsal.attack_protocol import TRICKS, Trick, accepted, honest
from services.rehearsal.attack_stage import stage

REFUSED_WITH = {
    Trick.OLD_NONCES: "PR-1001",
    Trick.FOREIGN_NONCES: "PR-1001",
    Trick.WRONG_STEP: "PR-1001",
    Trick.LATE: "PR-2003",
    Trick.JUDGED_AGAIN: "",
    Trick.KEPT_ORDER: "",
    Trick.REDRAWN: "",
    Trick.READ_AHEAD: "",
    Trick.TOO_OFTEN: "PR-2007",
}


@pytest.fixture(scope="module")
def server():
    with stage(Random(3)) as opened:
        yield opened


def test_an_honest_resident_passes(server) -> None:
    assert (True, "") == accepted(server, honest, Random(0))


@pytest.mark.parametrize("trick", Trick, ids=str)
def test_a_trick_is_refused(trick: Trick, server) -> None:
    ends = [accepted(server, TRICKS[trick][1], Random(seed)) for seed in range(3)]
    assert [(False, REFUSED_WITH[trick])] * 3 == ends


def test_an_honest_resident_passes_after_somebody_s_tricks(server) -> None:
    accepted(server, TRICKS[Trick.JUDGED_AGAIN][1], Random(1))
    assert (True, "") == accepted(server, honest, Random(0))
