"""After the main job: what the card, the reservation and the log say for themselves.

The card is asked directly, as its own holder could: does it accept the new password, and refuse the old one? The log is read from
the database and its chain is computed again.
"""

from dataclasses import dataclass
from pathlib import Path

from services.card.session import MyNumberCard
from services.card.virtual import store
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.domain.audit import AuditEvent, first_break
from services.domain.errors import PasswordLocked, PasswordRejected
from services.domain.password import Password, PasswordKind
from services.domain.reservation import ReservationState, printed
from services.rehearsal.props import Props
from services.rehearsal.stage import Stage
from services.storage.database import open_database
from services.storage.ledger import SQLLedger


@dataclass(frozen=True)
class Proof:
    """What was found; `facts` are for a person to read."""

    completed: bool
    evidence_verified: bool
    facts: tuple[str, ...]


def prove(stage: Stage, props: Props, kind: PasswordKind, deadline: str) -> Proof:
    """Asks the card and the ledger."""
    changed = accepts(props.card_file, kind, props.new_passwords[kind])
    old_gone = not accepts(props.card_file, kind, props.passwords[kind])
    database = open_database(stage.database_url)
    with SQLLedger(database).begin() as unit:
        newest = unit.reservations(limit=1)[0]
        entries = unit.audit_of(newest.id)
        links = unit.audit_links()
    database.close()
    told = [entry.event for entry in entries]
    completed = (
        newest.state is ReservationState.COMPLETED and newest.kind is kind and printed(newest.expires_at) == deadline
    )
    evidence = AuditEvent.RESERVATION_COMPLETED in told and first_break(links) is None
    facts = (
        f"カードは新しい{kind.label}を{'受け付ける' if changed else '受け付けない'}",
        f"古い{kind.label}を{'受け付けない' if old_gone else '受け付ける'}",
        f"予約は {newest.state.value}",
        f"監査ログ {len(links)} 件の連鎖は{'正しい' if first_break(links) is None else '壊れている'}",
    )
    return Proof(completed and changed and old_gone, evidence and changed, facts)


def accepts(card_file: Path, kind: PasswordKind, password: str) -> bool:
    """Whether the card accepts the password. It is asked in memory, so that the question costs the card itself no try."""
    reader = VirtualReader()
    reader.insert(VirtualCard(store.load(card_file)))
    channel = reader.connect()
    try:
        MyNumberCard(channel).verify(Password.parse(kind, password), last_try_confirmed=True)
    except (PasswordRejected, PasswordLocked):
        return False
    finally:
        channel.close()
    return True
