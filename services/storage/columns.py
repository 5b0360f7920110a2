"""What all tables share: how constraints are named, column lengths, aware times, and words from an enum."""

import json
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import DateTime, Dialect, Enum, MetaData, String, TypeDecorator

from services.domain.liveness import Action, LivenessChallenge, Step

ID = 64  # characters
FINGERPRINT = 128
WORD = 32  # characters; longer than any state, so that a new one needs no change of type


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, kept and returned in UTC. SQLite has no time zones: there the same instant is kept without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuses a naive time: nobody can say which instant it is."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a time without a zone does not go into the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Makes the time aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ChallengeText(TypeDecorator[LivenessChallenge]):
    """A liveness challenge as JSON: pairs of action and nonce, in order."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: LivenessChallenge | None, _dialect: Dialect) -> str | None:
        """Writes the pairs."""
        return None if value is None else json.dumps([[step.action.value, step.nonce] for step in value.steps])

    def process_result_value(self, value: str | None, _dialect: Dialect) -> LivenessChallenge | None:
        """Reads the pairs."""
        if value is None:
            return None
        return LivenessChallenge(tuple(Step(Action(action), nonce) for action, nonce in json.loads(value)))


def word(enum: type[StrEnum], name: str) -> Enum:
    """A column that holds a member's value, with a CHECK of this name that no other word passes."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        length=WORD,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    },
)
