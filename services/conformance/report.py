"""What was asked of the one under test, and what came of it: one line a requirement, JSON, an exit status."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True)
class Requirement:
    """One thing that the protocol demands; `source` is where it does."""

    number: str
    text: str
    source: str


class Outcome(StrEnum):
    """What came of it. What could not be tried was not shown to hold, and passes only where the protocol lets it."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Result:
    """One requirement's. `why` says what was seen instead, never a secret."""

    requirement: Requirement
    outcome: Outcome
    why: str = ""

    @property
    def line(self) -> str:
        """For people."""
        reason = f": {self.why}" if self.why else ""
        asked = self.requirement
        return f"{self.outcome.value:9}  {asked.number}  {asked.text} [{asked.source}]{reason}"


class NotMet(Exception):
    """The one under test did something else. Says what."""


class NotTried(Exception):
    """Nothing to try it with, or what it builds upon was not met. `is_allowed`: the operator left the means out."""

    def __init__(self, why: str, *, is_allowed: bool = False) -> None:
        self.is_allowed = is_allowed
        super().__init__(why)


def demand(holds: object, why: str) -> None:
    """Raises NotMet where it does not hold."""
    if not holds:
        raise NotMet(why)


def tried(requirement: Requirement, trial: Callable[[], None]) -> Result:
    """The trial's result; a fault of the trial itself is a failure to meet the requirement, too, and named."""
    try:
        trial()
    except NotMet as other:
        return Result(requirement, Outcome.FAILED, str(other))
    except NotTried as missing:
        outcome = Outcome.NOT_TRIED if missing.is_allowed else Outcome.FAILED
        return Result(requirement, outcome, str(missing))
    except Exception as fault:  # noqa: BLE001  # whatever the other side sends must not end the trials after it
        return Result(
            requirement, Outcome.FAILED, f"the trial broke off with {type(fault).__name__}: {str(fault)[:200]}"
        )
    return Result(requirement, Outcome.PASSED)


EXIT_STATUS: Final = {True: 0, False: 1}


def conforms(results: Iterable[Result]) -> bool:
    """Whether nothing failed."""
    return all(result.outcome is not Outcome.FAILED for result in results)


def as_json(results: Sequence[Result]) -> str:
    """For programs."""
    told = [{**asdict(result.requirement), "outcome": result.outcome.value, "why": result.why} for result in results]
    return json.dumps({"conforms": conforms(results), "requirements": told}, ensure_ascii=False)
