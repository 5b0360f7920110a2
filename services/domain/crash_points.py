"""The named boundaries between two durable effects: where a rehearsal cuts the power, and nothing may be lost.

The terminal's stand in its code where the boundary is. The server's lie around a call of the kiosk API: between them is one
database transaction, which a power cut cannot tear apart.
"""

from enum import StrEnum
from typing import Final


class CrashPoint(StrEnum):
    """The terminal's boundaries, in the order in which a session passes them."""

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


# The calls of one session at the kiosk, by the last segment of their path, in their order.
KIOSK_CALLS: Final = ("challenges", "claims", "authorisation", "completion")

# `PINRESET_CRASH_AT` of a rehearsal's server.
SERVER_POINTS: Final = tuple(f"{when}:{call}" for call in KIOSK_CALLS for when in ("before", "after"))
