"""Limits and times, in one place, each with its reason."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

INTAKE_LIFE: Final = timedelta(minutes=30)  # from the choice of the kind to the reservation
NONCE_LIFE: Final = timedelta(minutes=5)  # a card session: find the card, type, hold it still
CLAIM_NONCE_LIFE: Final = timedelta(minutes=2)
EVIDENCE_LIFE: Final = timedelta(minutes=15)  # images wait for their check no longer than this
CHECK_TIME: Final = timedelta(seconds=60)  # after it, a check counts as lost
REQUEST_AGE: Final = timedelta(seconds=60)  # clock difference that a terminal's signed request may show
AUTHORISATIONS_PER_RESERVATION: Final = 6  # card removed and put back; more is not an accident

IMAGE_BYTES: Final = 8_000_000
IMAGE_PIXELS: Final = 12_000_000
FRAMES_PER_STEP: Final = 16
CHIP_PHOTO_BYTES: Final = 65_536
CHIP_PHOTO_PIXELS: Final = 1_000_000


class Attempt(StrEnum):
    """What is counted, per card (by fingerprint) or per staff number (by its hash)."""

    FACE = "face"
    STAFF_SIGN_IN = "staff_sign_in"


FREE_ATTEMPTS: Final = 5  # NIST SP 800-63B: 5 without tested presentation-attack detection
FIRST_WAIT: Final = timedelta(seconds=30)  # and at least 30 s before each further one
LONGEST_WAIT: Final = timedelta(hours=1)


def next_attempt(failures: int, last_failure: datetime) -> datetime:
    """When the next attempt is allowed after so many consecutive failures.

    | failures | wait   |
    |----------|--------|
    | 0 to 4   | none   |
    | 5        | 30 s   |
    | 6        | 60 s   |
    | 7        | 120 s  |
    | 12       | 1 h    |
    """
    if failures < FREE_ATTEMPTS:
        return last_failure
    doublings = min(failures - FREE_ATTEMPTS, 10)
    return last_failure + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
