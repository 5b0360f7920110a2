"""`pinreset receipt` and `pinreset log`: what a resident kept, held against the audit log, on any machine."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import click

from services.domain.errors import RequestMalformed
from services.domain.receipt import LARGEST_RECEIPT, Verdict, read_receipt, verify
from services.settings import Settings
from services.storage.database import open_database
from services.storage.ledger import SQLLedger

LARGEST_ENTRY: Final = 16_384
_STATUS: Final = {Verdict.VALID: 0, Verdict.CHANGED: 1, Verdict.NOT_IN_THIS_LOG: 3}
_WORDS: Final = {
    Verdict.VALID: "valid: the log says the same, and nothing before the entry was changed since",
    Verdict.CHANGED: "changed: receipt and log disagree in {differing}",
    Verdict.NOT_IN_THIS_LOG: "not in this log: it is another server's, or ends before this reset",
}


@click.group()
def receipt() -> None:
    """A resident's receipt of a reset."""


@receipt.command("verify")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--log", "export", type=click.File("rb"), help="what `pinreset log export` wrote; else this server's own log"
)
def verify_receipt(file: BinaryIO, export: BinaryIO | None) -> None:
    """Say whether FILE is valid (status 0), changed (1) or not in this log (3); 2 where it is no receipt at all.

    With --log nothing else is needed: no server, no database, no key.
    """
    try:
        kept = read_receipt(file.read(LARGEST_RECEIPT + 1))
        finding = verify(kept, _own_log() if export is None else _exported(export))
    except RequestMalformed as malformed:
        raise click.UsageError(f"not a receipt, or not a log, in its exact form ({malformed})") from malformed
    click.echo(_WORDS[finding.verdict].format(differing=", ".join(finding.differing)))
    sys.exit(_STATUS[finding.verdict])


@click.group()
def log() -> None:
    """The audit log."""


@log.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(file: Path) -> None:
    """Write the log's entries to FILE, one a line, each in the very octets that are hashed."""
    count = 0
    with file.open("xb") as out:
        for octets in _own_log():
            out.write(octets + b"\n")
            count += 1
    click.echo(f"{file}: {count} entries")


def _own_log() -> Iterator[bytes]:
    database = open_database(Settings().database_url)  # type: ignore[call-arg]  # the environment fills it
    try:
        with SQLLedger(database).begin() as unit:
            links = unit.audit_links()
    finally:
        database.close()
    return (octets for octets, _ in links)


def _exported(export: BinaryIO) -> Iterator[bytes]:
    number = 0
    while line := export.readline(LARGEST_ENTRY + 1):
        if not line.endswith(b"\n"):
            raise RequestMalformed(where=str(number))
        yield line[:-1]
        number += 1
