"""When a reading counts. Refuse rather than guess: a wrong field costs the resident one of ten tries of 照合番号B.

The engine's own confidence is not used, because it hardly tells right from wrong. What is used stands in
`templates/acceptance.json` beside how it was derived.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from services.domain.verdicts import FrontFault
from services.vision.front_decide import Choice, Dates
from services.vision.front_glyph import Wholeness
from services.vision.front_template import DIRECTORY

ACCEPTANCE: Final = DIRECTORY / "acceptance.json"


@dataclass(frozen=True)
class Acceptance:
    """The numbers that decide: margins in nats, supports as log-probabilities."""

    version: str
    engines: tuple[str, ...]
    birth_margin: float
    expiry_margin: float
    code_margin: float  # no other print on the card confirms the code
    unruled_factor: float  # times the margins where the expiry is no birthday, as for holders on a period of stay
    birth_support: float  # below it what is printed is not this text, only the nearest thing to it
    expiry_support: float  # clean expiries are surer than births, whose line holds micro-text too
    code_support: float
    strange_support: float  # below it in every field: what is printed there are no such fields
    digit_likeness: float  # a whole digit is at least so much like itself, drawn again
    digit_oddness: float  # and not so many times as unlike itself as the middle digit of its field
    pad_ink: float  # a cell that should be empty holds less ink
    shine: float  # and a smaller share of a digit's cell shines
    digit_lead: float  # every digit is by so much liker itself than any other digit
    blot: float  # and not so many times as dark as the middle digit of its field


@dataclass(frozen=True)
class Verdict:
    """Why each field does not count; `None` where it does."""

    birth: FrontFault | None
    expiry: FrontFault | None
    code: FrontFault | None


def load_acceptance(path: Path = ACCEPTANCE) -> Acceptance:
    """Reads the numbers; what says how they were derived is for people."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    named = {field.name: data[field.name] for field in fields(Acceptance)}
    return Acceptance(**{**named, "engines": tuple(named["engines"])})


def judge(dates: Dates, code: Choice, acceptance: Acceptance, *, western: bool) -> Verdict:
    """Whether each field counts, by margins, agreement and the birthday rule."""
    code_fault = None if counts(code, acceptance.code_margin, acceptance.code_support) else FrontFault.UNCERTAIN
    birth_support, expiry_support = acceptance.birth_support, acceptance.expiry_support
    if dates.contradicted or not (dates.ruled or western):
        sure = dates.birth.support >= birth_support and dates.expiry.support >= expiry_support
        fault = FrontFault.INCONSISTENT if sure else FrontFault.UNCERTAIN
        return Verdict(fault, fault, code_fault)
    strictness = 1.0 if dates.ruled else acceptance.unruled_factor
    birth = counts(dates.birth, acceptance.birth_margin * strictness, birth_support)
    expiry = counts(dates.expiry, acceptance.expiry_margin * strictness, expiry_support)
    return Verdict(
        None if birth else FrontFault.UNCERTAIN,
        None if expiry else FrontFault.UNCERTAIN,
        code_fault,
    )


def counts(choice: Choice, margin: float, support: float) -> bool:
    """Whether one field is certain enough."""
    return choice.agreed and choice.margin >= margin and choice.support >= support


def stands_whole(found: Wholeness, acceptance: Acceptance) -> bool:
    """Whether every digit stands in the picture as it was read."""
    return (
        found.likeness >= acceptance.digit_likeness
        and found.oddness <= acceptance.digit_oddness
        and found.pad_ink <= acceptance.pad_ink
        and found.shine <= acceptance.shine
        and found.lead >= acceptance.digit_lead
        and found.blot <= acceptance.blot
    )


def strange(dates: Dates, code: Choice, acceptance: Acceptance) -> bool:
    """Whether nothing in any of the three places looks like its field: another document."""
    return max(dates.birth.support, dates.expiry.support, code.support) < acceptance.strange_support
