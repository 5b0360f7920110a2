"""`pinreset migrate`, `jobs`, `terminal` and `staff`: what an operator does to a server."""

import base64
import binascii
import sys
from collections.abc import Callable

import click

from services.clock import SystemClock
from services.domain.errors import ResetError
from services.domain.terminal import PlaceClass
from services.logs import configure_logs
from services.settings import Settings
from services.storage.database import Database, open_database
from services.storage.migrations import migrate as migrate_database
from services.storage.staff import StaffDirectory
from services.storage.tables_of_access import StaffRole
from services.storage.terminals import Terminal, Terminals

PUBLIC_KEY_BYTES = 32  # Ed25519, RFC 8032


def _settings() -> Settings:
    return Settings()  # type: ignore[call-arg]  # the environment fills it


def _database() -> Database:
    return open_database(_settings().database_url)


@click.command()
def migrate() -> None:
    """Bring the database to this version."""
    migrate_database(_settings().database_url)


@click.command()
def jobs() -> None:
    """Run what happens by the clock, in a process of its own."""
    from services.bootstrap import open_services  # noqa: PLC0415  # brings everything; the other commands need little
    from services.jobs.scheduler import run  # noqa: PLC0415

    settings = _settings()
    configure_logs(settings.log_level)
    run(open_services(settings, with_workers=False))


@click.group()
def terminal() -> None:
    """Kiosk terminals that may send requests."""


@terminal.command()
@click.argument("terminal_id")
@click.argument("public_key")
@click.option("--name", default="", help="what staff call it; the id where none is given")
@click.option("--place", type=click.Choice([place.value for place in PlaceClass]), default=PlaceClass.STORE.value)
def enrol(terminal_id: str, public_key: str, name: str, place: str) -> None:
    """Accept signed requests of TERMINAL_ID with this Ed25519 PUBLIC_KEY (base64, as `python -m kiosk enrol` prints it)."""
    try:
        octets = base64.b64decode(public_key, validate=True)
    except binascii.Error:
        octets = b""
    if len(octets) != PUBLIC_KEY_BYTES:
        raise click.BadParameter("an Ed25519 public key is 32 bytes in base64")
    terminals = Terminals(_database(), SystemClock())
    _said(lambda: terminals.enrol(Terminal(terminal_id, octets, name or terminal_id, PlaceClass(place))))
    click.echo(f"{terminal_id} is enrolled")


@terminal.command()
@click.argument("terminal_id")
def suspend(terminal_id: str) -> None:
    """Refuse TERMINAL_ID from now on."""
    _said(lambda: Terminals(_database(), SystemClock()).suspend(terminal_id))
    click.echo(f"{terminal_id} is suspended")


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
    _said(lambda: StaffDirectory(_database(), SystemClock()).add(name, StaffRole(role), password))
    click.echo(f"{name} may sign in")


def _said(act: Callable[[], object]) -> None:
    try:
        act()
    except ResetError as refusal:
        raise click.ClickException(f"{refusal.code} {refusal.message}") from refusal
