"""Named points between two durable effects, where a rehearsal can cut the power.

The terminal promises that nothing is lost wherever it dies. So every boundary has a name, the name stands in the code where the
boundary is, and the tests go through all of them: in process with an exception that nothing catches, and for real with `os._exit`.
"""

import os
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class CrashPoint(StrEnum):
    """The boundaries, in the order in which a session passes them."""

    JOURNAL_WRITTEN_BESIDE = "journal_written_beside"  # the record is on disk under its temporary name only
    CLAIMING_JOURNALLED = "claiming_journalled"
    CLAIM_SIGNED = "claim_signed"
    CLAIM_ANSWERED = "claim_answered"
    CLAIMED_JOURNALLED = "claimed_journalled"
    AUTHORISING_JOURNALLED = "authorising_journalled"
    CHALLENGE_TAKEN = "challenge_taken"
    AUTHORISATION_ANSWERED = "authorisation_answered"
    RESETTING_JOURNALLED = "resetting_journalled"
    CARD_WRITTEN = "card_written"
    EVIDENCE_SIGNED = "evidence_signed"
    EVIDENCE_JOURNALLED = "evidence_journalled"
    COMPLETION_ANSWERED = "completion_answered"
    DONE_JOURNALLED = "done_journalled"


PowerCut: TypeAlias = Callable[[CrashPoint], None]

KILLED = 128 + 9  # what a shell reports for a process that was killed by signal 9


def no_power_cut(_: CrashPoint) -> None:
    """The hook of every terminal that is not rehearsing its own death."""


def power_cut_at(wanted: CrashPoint) -> PowerCut:
    """A hook that ends the process at this point as kill -9 would: no handler, no flush, no farewell."""

    def passing(point: CrashPoint) -> None:
        if point is wanted:
            os._exit(KILLED)

    return passing
