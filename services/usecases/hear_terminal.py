"""A terminal's heartbeat: what it says of itself is kept, and it is told what it may do."""

from services.domain.terminal import Report
from services.domain.terminal_policy import TerminalPolicy
from services.ports import Office
from services.usecases.suspend import policy_at
from services.usecases.suspended import demand_known_build


def hear_terminal(ports: Office, terminal_id: str, report: Report, *, nonce: str) -> TerminalPolicy:
    """Keeps the report; returns the policy that answers this heartbeat.

    Raises:
        BuildSuspended: the build is not known; the report is kept, so that staff see which one it is.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        unit.note_report(terminal_id, report, at=now)
    with ports.ledger.begin() as unit:
        demand_known_build(ports, unit, report.build)
        return policy_at(unit, now, answers=nonce)
