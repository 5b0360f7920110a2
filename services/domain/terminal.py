"""Where terminals stand."""

from enum import StrEnum


class PlaceClass(StrEnum):
    """What kind of place a terminal stands in."""

    STORE = "store"
    MUNICIPAL = "municipal"
    REHEARSAL = "rehearsal"
