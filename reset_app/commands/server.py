"""`pinreset migrate`, `jobs` and `staff`: what an operator does to a server."""

import sys
from collections.abc import Callable
from typing import TypeVar

import click

from services.clock import SystemClock
from services.domain.errors import ResetError
from services.logs import configure_logs
from services.settings import Settings
from services.storage.database import Database, open_database
from services.storage.migrations import migrate as migrate_database
from services.storage.staff import StaffDirectory
from services.storage.tables_of_access import StaffRole

T = TypeVar("T")


def settings() -> Settings:
    """The server's settings."""
    return Settings()  # type: ignore[call-arg]  # the environment fills it


def _database() -> Database:
    return open_database(settings().database_url)


@click.command()
def migrate() -> None:
    """Bring the database to this version."""
    migrate_database(settings().database_url)


@click.command()
def jobs() -> None:
    """Run what happens by the clock, in a process of its own."""
    from services.bootstrap import open_services  # noqa: PLC0415  # brings everything; the other commands need little
    from services.jobs.scheduler import run  # noqa: PLC0415

    found = settings()
    configure_logs(found.log_level)
    run(open_services(found, with_workers=False))


@click.group()
def staff() -> None:
    """Municipal staff who may sign in."""


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in StaffRole]), default=StaffRole.VIEWER.value)
@click.option("--password-stdin", is_flag=True, help="read the password from standard input instead of asking for it")
def add(name: str, role: str, password_stdin: bool) -> None:  # noqa: FBT001  # click gives flags so
    """Add NAME, who may then sign in to the console."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else click.prompt("password", hide_input=True)
    said(lambda: StaffDirectory(_database(), SystemClock()).add(name, StaffRole(role), password))
    click.echo(f"{name} may sign in")


def said(act: Callable[[], T]) -> T:
    """What the act returns; a refusal becomes the command's error, with its code."""
    try:
        return act()
    except ResetError as refusal:
        raise click.ClickException(f"{refusal.code} {refusal.message}") from refusal
