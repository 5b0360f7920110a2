"""The terminal as a device: how often it is heard, and which policies it takes and obeys. The hand says what its screen shows."""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from services.conformance.client_trial import ClientTrial, Shown, Told, requires
from services.conformance.office import Wrong
from services.conformance.report import NotTried, demand
from services.domain.terminal_policy import Scope, Trait

DEVICE: Final = "docs/protocols.md, The terminal as a device"
MINUTE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(seconds=25)  # twenty, and the time that an answer takes
_OTHERS: Final = (
    Trait(Scope.TERMINAL, "t-another"),
    Trait(Scope.STORE, "S-9999"),
    Trait(Scope.BUILD, "another"),
    Trait(Scope.CARD_GENERATION, "another"),
)


@requires("A heartbeat comes every 20 seconds, each with a fresh nonce and every field of the document", DEVICE)
def heartbeats(trial: ClientTrial) -> None:
    trial.begin()
    before = len(trial.referee.office.beats)
    trial.let_pass(MINUTE)
    beats = trial.referee.office.beats[before:]
    demand(len(beats) > 1, f"{len(beats)} heartbeats in their form came in a minute")
    longest = max(later.at - earlier.at for earlier, later in pairwise(beats))
    demand(longest <= LONGEST_PAUSE, f"{longest.total_seconds():.0f} seconds passed between two heartbeats")
    demand(len({beat.nonce for beat in beats}) == len(beats), "two heartbeats have one nonce")


@requires(
    "Suspended by its id, store or build it says so within the minute, and begins no claim",
    f"{DEVICE}: PR-3411, PR-3412",
)
def suspended(trial: ClientTrial) -> None:
    _demand_serving(trial)
    office = trial.referee.office
    for trait in office.traits(trial.referee.keyid):
        trial.begin()
        office.tell(trait)
        trial.let_pass(MINUTE)
        shown = trial.hand.look()
        demand(shown is Shown.SUSPENDED, f"suspended by its {trait.scope.value}, it shows {shown.value}")
        trial.visit()
        demand(not trial.bodies("claims"), f"suspended by its {trait.scope.value}, it began a claim")


@requires("After the lift it serves again", DEVICE)
def lifted(trial: ClientTrial) -> None:
    _demand_serving(trial)
    trial.referee.office.tell(*trial.referee.office.traits(trial.referee.keyid))
    trial.let_pass(MINUTE)
    trial.begin()
    trial.let_pass(MINUTE)
    shown = trial.hand.look()
    demand(shown is Shown.OPEN, f"after the lift it shows {shown.value}")
    trial.demand_done(trial.visit())


@requires("A suspension of others leaves it alone", DEVICE)
def others_suspended(trial: ClientTrial) -> None:
    _demand_serving(trial)
    trial.referee.office.tell(*_OTHERS)
    trial.let_pass(MINUTE)
    shown = trial.hand.look()
    demand(shown is Shown.OPEN, f"while others are suspended it shows {shown.value}")


def _not_taken(wrong: Wrong) -> None:
    def judged(trial: ClientTrial) -> None:
        _demand_serving(trial)
        trial.referee.office.tell(wrong=wrong)
        trial.let_pass(MINUTE)
        shown = trial.hand.look()
        demand(shown is not Shown.OPEN, "a minute after the last policy that counts it is still open")
        told = trial.visit()
        demand(told is not Told.DONE and not trial.bodies("claims"), "it began a claim")

    requires(f"A policy that is {wrong.value} is not taken: with no other, it closes within the minute", DEVICE)(judged)


for _wrong in Wrong:
    _not_taken(_wrong)


def _demand_serving(trial: ClientTrial) -> None:
    """The policy is a right one again, and the terminal is open, or opens by it."""
    trial.begin()
    if trial.hand.look() is not Shown.OPEN:
        trial.let_pass(MINUTE)
        if trial.hand.look() is not Shown.OPEN:
            raise NotTried("under a policy that stops nothing it is not open")
