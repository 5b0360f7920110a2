"""The guard that every step of an intake begins with."""

from services.domain.errors import IntakeEnded, StepNotAllowed
from services.domain.intake import Intake, IntakeState
from services.ports import Ports


def under_way(ports: Ports, intake_id: str, *states: IntakeState) -> Intake:
    """The intake, when its time has not passed and it is in one of these states.

    Raises:
        IntakeNotFound, IntakeEnded, StepNotAllowed
    """
    with ports.ledger.begin() as unit:
        intake = unit.intake(intake_id)
    if intake.ends_at <= ports.clock.now():
        raise IntakeEnded
    if intake.state not in states:
        raise StepNotAllowed(machine="intake", state=intake.state.value, event="enter")
    return intake
