"""Where each limit of liveness comes from: measured again by the command, taken from a source, or chosen."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from services.vision import liveness_limits as limits


class Origin(StrEnum):
    """How a number came about."""

    MEASURED = "measured again above, line"
    SOURCE = "taken from"
    CHOSEN = "chosen"


ORIGINS: Final[dict[str, tuple[Origin, str]]] = {
    "FEWEST_FRONTAL": (Origin.CHOSEN, "a baseline of one or two frames is noise"),
    "FEWEST_IN_STEP": (Origin.CHOSEN, "one more than `SHOWN_FRAMES`"),
    "USABLE_SHARE": (Origin.CHOSEN, "a swap shall not hide among frames that cannot be judged"),
    "FEWEST_EYE_PIXELS": (Origin.CHOSEN, "what the matcher aligns to has 38"),
    "OUTSIDE_SHARE": (Origin.CHOSEN, "a few landmarks at the edge are no cut"),
    "LARGEST_FACE": (Origin.CHOSEN, "a quarter more must still fit"),
    "PRESENCE": (Origin.CHOSEN, "even odds"),
    "DARKEST": (Origin.MEASURED, "brightness"),
    "BRIGHTEST": (Origin.MEASURED, "brightness"),
    "CLIPPED_AROUND": (Origin.MEASURED, "clipped_around"),
    "AGAINST_AROUND": (Origin.MEASURED, "against_around"),
    "REFLECTING_SHARE": (Origin.MEASURED, "reflecting"),
    "SHARPNESS": (Origin.MEASURED, "sharpness"),
    "COVERING_JUDGED_DEG": (Origin.CHOSEN, "beyond, the eye regions of the aligned face lie elsewhere"),
    "EYE_CONTRAST": (Origin.MEASURED, "eyes"),
    "LIP_CONTRAST": (Origin.MEASURED, "lips"),
    "LONGEST_GAP_MS": (Origin.CHOSEN, "four frames of the page; a busy phone waits for three"),
    "SHORTEST_PAUSE_MS": (Origin.CHOSEN, "less than half of the page's pause"),
    "REVERSAL_DEG": (Origin.CHOSEN, "larger than an overshoot"),
    "REVERSALS": (Origin.CHOSEN, "to the action and back is one"),
    "NEARLY_SAME": (Origin.MEASURED, "quietest three frames"),
    "FROZEN_SHARE": (Origin.MEASURED, "equal blocks"),
    "FROZEN_FRAMES": (Origin.CHOSEN, "half of the pairs"),
    "ALIKE_AHEAD": (Origin.MEASURED, "own face, ahead"),
    "ALIKE_DEG": (Origin.SOURCE, "spec/vision-pad.md, same face through the sequence: it falls from 15 degrees on"),
    "BREAK_AT_ONCE": (Origin.MEASURED, "own face, away"),
    "RISE_JUDGED_DEG": (
        Origin.SOURCE,
        "spec/vision-pad.md, same face through the sequence: low values from pitch -20 down; up as far as a raise counts",
    ),
    "JUMP": (Origin.MEASURED, "jump"),
    "GROWTH": (Origin.MEASURED, "growth at once"),
    "FRONTAL_DEG": (Origin.SOURCE, "spec/vision-pad.md: frontal frames"),
    "LARGEST_TILT_DEG": (Origin.CHOSEN, "a phone held low is looked down on by so much"),
    "SHOWN_FRAMES": (Origin.CHOSEN, "0.7 s of holding"),
    "WRONG_FRAMES": (Origin.CHOSEN, "one frame may be the estimator's"),
    "TURNED_DEG": (
        Origin.SOURCE,
        'spec/vision-pad.md: 20 degrees stop paper, same face holds to 45; line "turn, degrees"',
    ),
    "WAY_BEGINS": (Origin.MEASURED, "way begins, left (and right, up, nearer)"),
    "LEAP": (Origin.MEASURED, "leap, left (and right, up, nearer, and the real clip)"),
    "LEAP_JUDGED_MS": (Origin.CHOSEN, "above the page's 240 ms; at 320 ms a quick head leaps already, see above"),
    "SOLID": (
        Origin.CHOSEN,
        "between drawn heads and the front's still, tilted; its numbers stand in `liveness_limits`",
    ),
    "RAISED_DEG": (Origin.MEASURED, "raise, degrees"),
    "NEARER_BY": (Origin.MEASURED, "growth"),
    "NEARER_IN_STEP": (Origin.CHOSEN, "half of `NEARER_BY`, and a little"),
    "SMILE_RISE": (Origin.MEASURED, "smile"),
    "PARALLAX": (Origin.MEASURED, "parallax"),
    "PRESENCE_TURNED": (Origin.MEASURED, "presence"),
    "NARROWER_THAN_TURN": (Origin.MEASURED, "narrower"),
    "RAISED_BY_DEPTH": (Origin.MEASURED, "depth, up"),
    "NEARER_BY_DEPTH": (Origin.MEASURED, "depth, nearer"),
    "REPLAY_FRAMES": (Origin.SOURCE, "spec/vision-pad.md: session rule, median of 8 frontal frames"),
    "MOST_FRONTAL": (Origin.CHOSEN, "more frames cost time and change no median"),
}


def origin_lines() -> Iterator[str]:
    """A line for each limit."""
    for name, (origin, words) in ORIGINS.items():
        yield f"{name:20} {getattr(limits, name)!s:14} {origin}: {words}"
