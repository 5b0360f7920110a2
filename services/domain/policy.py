"""Limits and times, in one place, each with its reason."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.domain.intake import CheckKind

INTAKE_LIFE: Final = timedelta(minutes=30)  # from the choice of the kind to the reservation
NONCE_LIFE: Final = timedelta(minutes=5)  # a card session: find the card, type, hold it still
CLAIM_NONCE_LIFE: Final = timedelta(minutes=2)
EVIDENCE_LIFE: Final = timedelta(minutes=15)  # images wait for their check no longer than this
CHECK_TIME: Final = timedelta(seconds=60)  # after it, a check counts as lost
QUEUE_TIME: Final = timedelta(seconds=25)  # a check that would wait longer is not taken: it would be lost
# How long judging may take before its process is ended: more than ten times what a check takes on an idle core, because a shared
# machine may be slow (with ten processes for two cores a face took 17 s); after the longest wait, it still ends within CHECK_TIME.
JUDGING_TIME: Final[Mapping[CheckKind, timedelta]] = {
    CheckKind.FRONT: timedelta(seconds=15),
    CheckKind.FACE: timedelta(seconds=30),
}
FRONT_PICTURES: Final = 3  # a picture and two retakes; after the third refusal the fields are typed
REQUEST_AGE: Final = timedelta(seconds=60)  # clock difference that a terminal's signed request may show
AUTHORISATIONS_PER_RESERVATION: Final = 6  # card removed and put back; more is not an accident

IMAGE_BYTES: Final = 8_000_000
IMAGE_PIXELS: Final = 12_000_000
FRAMES_PER_STEP: Final = 16
FRAME_BYTES: Final = 500_000
FRAME_PIXELS: Final = 1_000_000  # the page sends 640 by 480; a film of 64 frames must be judged in JUDGING_TIME
CHIP_PHOTO_BYTES: Final = 65_536
CHIP_PHOTO_PIXELS: Final = 1_000_000


class Attempt(StrEnum):
    """What is counted, per card (by fingerprint) or per staff number (by its hash)."""

    FACE = "face"
    STAFF_SIGN_IN = "staff_sign_in"


FREE_ATTEMPTS: Final = 5  # NIST SP 800-63B: 5 without tested presentation-attack detection
FREE_ATTEMPTS_WITH_PAD: Final = 10  # with it, tested by ISO/IEC 30107-3; the settings name the report
FREE_REVEALS: Final = 3  # looks at one whole order of actions that end unjudged; then a start costs an attempt
ORDER_LIFE: Final = timedelta(
    hours=24
)  # after a rest as long, looks are forgotten and another order is drawn (ADR 0012)
FIRST_WAIT: Final = timedelta(seconds=30)  # and at least 30 s before each further one
LONGEST_WAIT: Final = timedelta(hours=1)


def wait_after(failures: int, free: int = FREE_ATTEMPTS) -> timedelta:
    """How long to wait after so many consecutive failures.

    | failures | wait   |
    |----------|--------|
    | 0 to 4   | none   |
    | 5        | 30 s   |
    | 6        | 60 s   |
    | 7        | 120 s  |
    | 12       | 1 h    |

    With ten free attempts the same begins at ten.
    """
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def next_attempt(failures: int, last_failure: datetime, free: int = FREE_ATTEMPTS) -> datetime:
    """When the next attempt is allowed after so many consecutive failures."""
    return last_failure + wait_after(failures, free)
