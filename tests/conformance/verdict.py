"""What a test asks of the kit's results."""

from services.conformance.report import Outcome


def failed(found) -> dict[str, str]:
    """What was not met, and why."""
    return {one.requirement.number: one.why for one in found if one.outcome is Outcome.FAILED}
