"""What must hold of one reservation, its card, its holder and the log, whatever happened on the way."""

from collections import Counter
from collections.abc import Iterator

from services.domain.audit import AuditEvent, first_break
from services.domain.reservation import ReservationState
from services.rehearsal.booking import Story
from services.rehearsal.holder import Holder


def broken(holder: Holder, story: Story) -> Iterator[str]:
    """The sentences that are not true, after recovery: the reservation is completed by then, or something was lost."""
    reservation = story.reservation
    completed = reservation.state is ReservationState.COMPLETED
    yield from holder.lies
    if not completed:
        yield f"not completed after recovery: {reservation.state.value}"
    if holder.told is not None and not holder.card_has(holder.told):
        yield "the card does not have the password that was told last"
    if holder.told is not None and not completed:
        yield "told that it is set, and not completed"
    if completed and not any(holder.card_has(word) for word in holder.typed[-1:]):
        yield "completed, and the card does not have the password typed last"
    if reservation.authorisations == 0 and any(holder.card_has(word) for word in holder.typed):
        yield "the card was changed without an authorisation on record"
    yield from _unlogged(story)


def _unlogged(story: Story) -> Iterator[str]:
    """Where state and log tell different stories."""
    reservation, counts = story.reservation, Counter(entry.event for entry in story.entries)
    completions = counts[AuditEvent.RESERVATION_COMPLETED]
    if completions > 1:
        yield f"completed {completions} times"
    if (reservation.state is ReservationState.COMPLETED) != (completions > 0):
        yield "the log does not hold the state's last transition"
    if counts[AuditEvent.RESERVATION_CLAIMED] + counts[AuditEvent.RESERVATION_SUPERSEDED] != reservation.fence:
        yield "the log does not hold every claim"
    if counts[AuditEvent.RESERVATION_AUTHORISED] != reservation.authorisations:
        yield "the log does not hold every authorisation"
    if (position := first_break(story.links)) is not None:
        yield f"the audit chain is broken at entry {position}"
