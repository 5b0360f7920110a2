"""Municipal staff: names, roles, password hashes, and sessions that the server can end."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, select

from services.domain.errors import NotAllowedNow, SignInRefused
from services.ports import Clock
from services.storage.database import Database
from services.storage.inserting import insert_if_new
from services.storage.rows import first
from services.storage.tables_of_access import StaffRole, staff, staff_sessions

SESSION_LIFE: Final = timedelta(hours=8)  # a working day


@dataclass(frozen=True)
class StaffMember:
    """Somebody who may enter the console."""

    id: str
    name: str
    role: StaffRole


class StaffDirectory:
    """The staff and their sessions. Every method may raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher or PasswordHasher()

    def add(self, name: str, role: StaffRole, password: str) -> StaffMember:
        """Adds a member of staff.

        Raises:
            NotAllowedNow: the name is taken.
        """
        member = StaffMember(id=secrets.token_hex(16), name=name, role=role)
        row = {"id": member.id, "name": name, "role": role, "password_hash": self._hasher.hash(password)}
        with self._database.write() as connection:
            if not insert_if_new(connection, staff, row):
                raise NotAllowedNow
        return member

    def sign_in(self, name: str, password: str) -> str:
        """Opens a session; returns its token, of which only the SHA-256 is kept.

        Raises:
            SignInRefused: name and password are not those of a member of staff; which of them is not told.
        """
        with self._database.read() as connection:
            row = connection.execute(select(staff.c.id, staff.c.password_hash).where(staff.c.name == name)).first()
        # An unknown name costs the same work, so that time does not tell who works here.
        self._verify(self._nobody if row is None else row.password_hash, password)
        if row is None:
            raise SignInRefused
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        session = {"token_hash": _hashed(token), "staff_id": row.id, "created_at": now, "ends_at": now + SESSION_LIFE}
        with self._database.write() as connection:
            connection.execute(staff_sessions.insert().values(session))
        return token

    def signed_in(self, token: str) -> StaffMember:
        """Whose session the token opens.

        Raises:
            SignInRefused: nobody's, or it has ended.
        """
        wanted = (
            select(staff.c.id, staff.c.name, staff.c.role)
            .join(staff_sessions, staff_sessions.c.staff_id == staff.c.id)
            .where(staff_sessions.c.token_hash == _hashed(token), staff_sessions.c.ends_at > self._clock.now())
        )
        with self._database.read() as connection:
            member = first(connection, StaffMember, wanted)
        if member is None:
            raise SignInRefused
        return member

    def sign_out(self, token: str) -> None:
        """Ends the session at once, whoever holds a copy of the token."""
        with self._database.write() as connection:
            connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == _hashed(token)))

    def revoke(self, staff_id: str) -> None:
        """Ends all sessions of this member of staff."""
        with self._database.write() as connection:
            connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))

    def purge(self) -> int:
        """Removes ended sessions; returns how many."""
        with self._database.write() as connection:
            ended = delete(staff_sessions).where(staff_sessions.c.ends_at <= self._clock.now())
            return connection.execute(ended).rowcount

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))

    def _verify(self, password_hash: str, password: str) -> None:
        try:
            self._hasher.verify(password_hash, password)
        except VerifyMismatchError as error:
            raise SignInRefused from error


def _hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()
