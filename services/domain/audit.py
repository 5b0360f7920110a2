"""The audit log's words and its chain.

An entry is canonical JSON. Its leaf hash is RFC 9162's (`SHA-256(0x00 ‖ entry)`), so that Merkle proofs can be made over the
very same entries later; its chain hash is `SHA-256(0x01 ‖ previous chain hash ‖ leaf hash)`, which makes any change, removal,
insertion or reordering visible to whoever holds a later chain hash.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Final

from services.domain.canonical import canonical_json

GENESIS: Final = bytes(32)
_NO_FIELDS: Final[frozenset[str]] = frozenset()


class AuditEvent(Enum):
    """The catalogue: name, meaning, and the only fields that an entry of it may have."""

    def __init__(self, label: str, meaning: str, fields: frozenset[str]) -> None:
        self.label = label
        self.meaning = meaning
        self.fields = fields

    INTAKE_STARTED = ("intake.started", "手続きの開始", frozenset({"kind", "rehearsal"}))
    INTAKE_FRONT_ACCEPTED = ("intake.front_accepted", "券面情報の確認", frozenset({"method"}))
    INTAKE_CARD_ACCEPTED = ("intake.card_accepted", "カードの確認", frozenset({"card", "revocation"}))
    INTAKE_FACE_ACCEPTED = ("intake.face_accepted", "顔認証の成功", frozenset({"engine", "threshold_milli"}))
    INTAKE_RESERVED = ("intake.reserved", "予約の完了", frozenset({"reservation"}))
    INTAKE_ABANDONED = ("intake.abandoned", "手続きの中止", frozenset({"why"}))
    CHECK_FAILED = ("check.failed", "確認の失敗", frozenset({"check", "code", "reason"}))
    ORDER_SEEN = ("liveness.order_seen", "判定を受けずに指示の順序を繰り返し見た(失敗1回)", frozenset({"reveals"}))
    CARD_REFUSED = ("card.refused", "カードの読み取りの失敗", frozenset({"code"}))
    RESERVATION_MADE = ("reservation.made", "予約の作成", frozenset({"kind", "card", "expires_at", "rehearsal"}))
    RESERVATION_CLAIMED = ("reservation.claimed", "端末での受付", frozenset({"claim", "terminal", "fence"}))
    RESERVATION_SUPERSEDED = ("reservation.superseded", "別の端末での受付", frozenset({"claim", "terminal", "fence"}))
    RESERVATION_AUTHORISED = ("reservation.authorised", "初期化の許可", frozenset({"claim", "terminal", "number"}))
    RESERVATION_COMPLETED = (
        "reservation.completed",
        "初期化の完了",
        frozenset({"claim", "terminal", "key", "kind", "place"}),
    )
    RESERVATION_RELEASED = ("reservation.released", "端末による解放", frozenset({"claim", "terminal", "why"}))
    RESERVATION_LEASE_ENDED = ("reservation.lease_ended", "端末での有効時間の終了", frozenset({"claim"}))
    RESERVATION_EXPIRED = ("reservation.expired", "有効期限の終了", _NO_FIELDS)
    RESERVATION_CANCELLED = ("reservation.cancelled", "予約の取消", frozenset({"why"}))
    RESERVATION_REPLACED = ("reservation.replaced", "新しい予約による置換", _NO_FIELDS)
    RESERVATION_REVIEWED = ("reservation.reviewed", "職員による確認", frozenset({"staff", "why"}))
    EVIDENCE_LATE = ("evidence.late", "遅れて届いた証拠", frozenset({"claim", "terminal"}))
    STAFF_SIGNED_IN = ("staff.signed_in", "職員のサインイン", frozenset({"staff"}))
    TERMINAL_CODE_ISSUED = (
        "terminal.code_issued",
        "端末の登録コードの発行",
        frozenset({"staff", "store", "place", "cohort"}),
    )
    TERMINAL_ENROLLED = ("terminal.enrolled", "端末の登録", frozenset({"staff", "store", "place", "cohort"}))
    TERMINAL_REVOKED = ("terminal.revoked", "端末の登録の取消", frozenset({"staff", "why"}))
    BUILD_ADDED = ("build.added", "端末プログラムの承認", frozenset({"staff"}))
    POLICY_SUSPENDED = ("policy.suspended", "対象の休止", frozenset({"staff", "cohort", "why", "serial"}))
    POLICY_LIFTED = ("policy.lifted", "休止の解除", frozenset({"staff", "cohort", "why", "serial"}))
    POLICY_PLANNED = ("policy.planned", "点検の予定", frozenset({"staff", "begins_at", "ends_at", "why", "serial"}))
    POLICY_RENEWED = ("policy.renewed", "方針の番号の更新", frozenset({"staff", "why", "serial"}))
    STAFF_LOOKED = ("staff.looked", "職員の閲覧", frozenset({"staff", "what", "why"}))


_BY_LABEL: Final = {event.label: event for event in AuditEvent}


@dataclass(frozen=True)
class AuditEntry:
    """One entry. `subject` is an intake, a reservation or a member of staff, by id."""

    index: int
    at: datetime
    event: AuditEvent
    subject: str
    actor: str
    fields: Mapping[str, str | int]

    def __post_init__(self) -> None:
        strange = set(self.fields) - self.event.fields
        if strange:
            raise ValueError(f"{self.event.label} has no field {sorted(strange)}")

    @property
    def octets(self) -> bytes:
        """The canonical bytes that are hashed and exported."""
        return canonical_json(
            {
                "index": self.index,
                "at": self.at.isoformat(timespec="microseconds"),
                "event": self.event.label,
                "subject": self.subject,
                "actor": self.actor,
                "fields": dict(self.fields),
            },
        )


def read_entry(octets: bytes) -> AuditEntry:
    """The entry in these octets.

    Raises:
        ValueError: not the canonical octets of an entry of the catalogue.
    """
    try:
        kept = json.loads(octets)
        entry = AuditEntry(
            index=kept["index"],
            at=datetime.fromisoformat(kept["at"]),
            event=_BY_LABEL[kept["event"]],
            subject=kept["subject"],
            actor=kept["actor"],
            fields=kept["fields"],
        )
        same = entry.octets == octets
    except (KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise ValueError("not an entry") from exc
    if not same:
        raise ValueError("not an entry's canonical octets")
    return entry


def leaf_hash(octets: bytes) -> bytes:
    """The RFC 9162 leaf hash of an entry."""
    return sha256(b"\x00" + octets).digest()


def chain(previous: bytes, octets: bytes) -> bytes:
    """The chain hash after the entry."""
    return sha256(b"\x01" + previous + leaf_hash(octets)).digest()


def first_break(links: Iterable[tuple[bytes, bytes]]) -> int | None:
    """The position of the first entry whose stored chain hash does not follow; `None` when the chain holds.

    `links` are (entry octets, stored chain hash) in the order of the log.
    """
    head = GENESIS
    for position, (octets, stored) in enumerate(links):
        head = chain(head, octets)
        if head != stored:
            return position
    return None
