"""The terminals' part of a transaction: one-time codes, enrolment, reports, builds."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update

from services.domain.audit import AuditEvent
from services.domain.errors import NotAllowedNow, TerminalUnknown
from services.domain.terminal import EnrolmentCode, Report, Terminal, TerminalStatus
from services.storage.inserting import conflict_aware, insert_if_new
from services.storage.rows import columns_of, first, values_of
from services.storage.tables_of_access import terminals
from services.storage.tables_of_terminals import builds, enrolment_codes, terminal_reports
from services.storage.unit_audit import AuditRows

_CODE: Final = columns_of(enrolment_codes, EnrolmentCode)
_TERMINAL: Final = columns_of(terminals, Terminal)
_BY_ID: Final = select(*_TERMINAL).where(terminals.c.id == bindparam("id"))
_BUILD_OF: Final = select(terminal_reports.c.build).where(terminal_reports.c.terminal_id == bindparam("id"))


class TerminalRows(AuditRows):
    """Terminals as devices."""

    def add_enrolment_code(self, code: EnrolmentCode, *, at: datetime) -> None:
        self._connection.execute(delete(enrolment_codes).where(enrolment_codes.c.ends_at <= at))
        if not insert_if_new(self._connection, enrolment_codes, values_of(code)):
            raise NotAllowedNow
        event, by = AuditEvent.TERMINAL_CODE_ISSUED, code.issued_by
        self.record(event, f"code {code.selector}", at=at, actor=by, audit=_place(code))

    def enrolment_code(self, selector: str) -> EnrolmentCode | None:
        """Held for update: of two terminals with one code, one comes first."""
        found = select(*_CODE).where(enrolment_codes.c.selector == selector).with_for_update()
        return first(self._connection, EnrolmentCode, found)

    def count_enrolment_try(self, selector: str) -> None:
        counted = update(enrolment_codes).where(enrolment_codes.c.selector == selector)
        self._connection.execute(counted.values(tries=enrolment_codes.c.tries + 1))

    def enrol_terminal(self, terminal: Terminal, code: EnrolmentCode, *, at: datetime) -> None:
        used = update(enrolment_codes).where(enrolment_codes.c.selector == code.selector)
        self._connection.execute(used.values(used_by=terminal.id))
        values = values_of(terminal)
        statement = conflict_aware(self._connection, terminals).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[terminals.c.id], set_=values))
        self.record(AuditEvent.TERMINAL_ENROLLED, terminal.id, at=at, actor=terminal.id, audit=_place(code))

    def terminal(self, terminal_id: str) -> Terminal | None:
        return first(self._connection, Terminal, _BY_ID, {"id": terminal_id})

    def revoke_terminal(self, terminal_id: str, *, at: datetime, by: str, why: str) -> None:
        revoked = update(terminals).where(terminals.c.id == terminal_id).values(status=TerminalStatus.SUSPENDED)
        if self._connection.execute(revoked).rowcount == 0:
            raise TerminalUnknown
        self.record(AuditEvent.TERMINAL_REVOKED, terminal_id, at=at, actor=by, audit={"staff": by, "why": why})

    def note_report(self, terminal_id: str, report: Report, *, at: datetime) -> None:
        said = {field.name: getattr(report, field.name) for field in fields(report)}
        values = {"terminal_id": terminal_id, "seen_at": at, **said}
        statement = conflict_aware(self._connection, terminal_reports).values(values)
        known = [terminal_reports.c.terminal_id]
        self._connection.execute(statement.on_conflict_do_update(index_elements=known, set_=values))

    def reported_build(self, terminal_id: str) -> str | None:
        found: str | None = self._connection.execute(_BUILD_OF, {"id": terminal_id}).scalar_one_or_none()
        return found

    def add_build(self, build: str, *, at: datetime, by: str) -> None:
        if insert_if_new(self._connection, builds, {"id": build, "added_at": at, "added_by": by}):
            self.record(AuditEvent.BUILD_ADDED, build, at=at, actor=by, audit={"staff": by})

    def builds(self) -> frozenset[str]:
        return frozenset(self._connection.execute(select(builds.c.id)).scalars())


def _place(code: EnrolmentCode) -> Mapping[str, str]:
    return {"staff": code.issued_by, "store": code.store, "place": code.place.value, "cohort": code.cohort}
