"""When a reading counts. Refuse rather than guess: a wrong field costs the resident one of ten tries of 照合番号B.

The thresholds are those found on damaged and natural synthetic pictures with several engines (margin 5: 0 wrong of 419 accepted);
the engine's own confidence is not used, because it hardly tells right from wrong.
"""

from dataclasses import dataclass
from typing import Final

from services.domain.verdicts import FrontFault
from services.vision.front_decide import Choice, Dates

MARGIN: Final = 5.0  # nats, for what no other print on the card confirms: birth date and code
EXPIRY_MARGIN: Final = 3.0  # 0.6 of it: month and day stand on the card twice
UNRULED: Final = (
    1.5  # times as much where the expiry is no birthday (holders on a period of stay); clean print reaches 9 nats
)
DATE_SUPPORT: Final = -6.0  # log-probability below which a date is not what is printed, only the nearest thing to it
CODE_SUPPORT: Final = -2.0
STRANGE_SUPPORT: Final = -15.0  # below it in every field: what is printed there are no such fields


@dataclass(frozen=True)
class Verdict:
    """Why each field does not count; `None` where it does."""

    birth: FrontFault | None
    expiry: FrontFault | None
    code: FrontFault | None


def judge(dates: Dates, code: Choice, *, western: bool) -> Verdict:
    """Whether each field counts, by margins, agreement and the birthday rule."""
    code_fault = None if counts(code, MARGIN, CODE_SUPPORT) else FrontFault.UNCERTAIN
    if dates.contradicted or not (dates.ruled or western):
        sure = min(dates.birth.support, dates.expiry.support) >= DATE_SUPPORT
        fault = FrontFault.INCONSISTENT if sure else FrontFault.UNCERTAIN
        return Verdict(fault, fault, code_fault)
    strictness = 1.0 if dates.ruled else UNRULED
    birth = counts(dates.birth, MARGIN * strictness, DATE_SUPPORT)
    expiry = counts(dates.expiry, EXPIRY_MARGIN * strictness, DATE_SUPPORT)
    return Verdict(
        None if birth else FrontFault.UNCERTAIN,
        None if expiry else FrontFault.UNCERTAIN,
        code_fault,
    )


def counts(choice: Choice, margin: float, support: float) -> bool:
    """Whether one field is certain enough."""
    return choice.agreed and choice.margin >= margin and choice.support >= support


def strange(dates: Dates, code: Choice) -> bool:
    """Whether nothing in any of the three places looks like its field: another document."""
    return max(dates.birth.support, dates.expiry.support, code.support) < STRANGE_SUPPORT
