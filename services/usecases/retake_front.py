"""A refused picture of the card front: what was wrong with it, how often it may be taken again, and when the resident types.

Refused pictures are counted by the ledger's own checks, per intake; a check that was lost or came to a full queue is no picture's
fault. Nothing that was read from a refused picture is filled in: only pieces of it are shown, so that the resident sees why.
"""

from collections.abc import Mapping

from services.domain import policy
from services.domain.errors import CardFrontUnreadable, FrontByHand, WrongSide
from services.domain.intake import Check, CheckKind, CheckState
from services.domain.verdicts import FieldReading
from services.ports import Ports, Unit
from services.usecases.sealed_reading import sealed_fields

REFUSALS = (CardFrontUnreadable.code, WrongSide.code)


def pictures_left(ports: Ports, intake_id: str) -> int:
    """How many pictures the resident may still take; after the last refusal the fields are typed."""
    with ports.ledger.begin() as unit:
        return _left(unit, intake_id)


def require_picture_left(unit: Unit, intake_id: str) -> None:
    """Raises FrontByHand when too many pictures were refused."""
    if _left(unit, intake_id) == 0:
        raise FrontByHand(pictures=policy.FRONT_PICTURES)


def refused_fields(ports: Ports, check: Check | None) -> Mapping[str, FieldReading]:
    """The fields that this check's picture was refused for, in the card's order; they carry no value."""
    if check is None or check.state is not CheckState.FAILED:
        return {}
    return sealed_fields(ports.evidence, check)


def strip_of(ports: Ports, intake_id: str, check_id: str, field: str) -> bytes | None:
    """The piece of the newest picture that a field was read from, or could not be; `None` for any other check's."""
    with ports.ledger.begin() as unit:
        newest = unit.newest_check(intake_id, CheckKind.FRONT)
    if newest is None or newest.id != check_id:
        return None
    found = sealed_fields(ports.evidence, newest).get(field)
    return None if found is None else found.strip or None


def _left(unit: Unit, intake_id: str) -> int:
    checks = unit.checks_of(intake_id, CheckKind.FRONT)
    return max(0, policy.FRONT_PICTURES - sum(check.failure in REFUSALS for check in checks))
