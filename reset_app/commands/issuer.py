"""`pinreset issuer`: the virtual issuer, its OCSP responder, and what it decides about cards."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import waitress

from services.clock import SystemClock
from services.domain.errors import ResetError
from services.domain.password import PasswordKind
from services.pki.answers import Answers
from services.pki.issuer import VirtualIssuer
from services.pki.registry import Reason
from services.pki.responder import LARGEST_REQUEST, Responder

DEFAULT_DIRECTORY: Final = Path("var/issuer")
DEFAULT_LISTEN: Final = "127.0.0.1:8089"
THREADS: Final = 8
LARGEST_HEADER: Final = 8192
_BOTH: Final = "both"
_KINDS: Final = [_BOTH, *(kind.value for kind in PasswordKind)]
_REASONS: Final = [reason.value for reason in Reason if reason is not Reason.CERTIFICATE_HOLD]

directory_option = click.option(
    "--directory",
    envvar="PINRESET_ISSUER",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DIRECTORY,
    show_default=True,
)
kind_option = click.option(
    "--kind", type=click.Choice(_KINDS), default=_BOTH, show_default=True, help="which certificate"
)


@click.group()
def issuer() -> None:
    """The virtual issuer: certificates, OCSP, CRL. A stand-in for rehearsals, not a government CA."""


@issuer.command()
@directory_option
@click.option("--url", default=f"http://{DEFAULT_LISTEN}", show_default=True, help="where `issuer serve` is reached")
def init(directory: Path, url: str) -> None:
    """Make the issuer; where it is already, only its address is written anew."""
    try:
        VirtualIssuer.create(directory, now=SystemClock().now(), public_url=url)
    except FileExistsError:
        _open(directory).publish_trust(url)
        click.echo(f"{directory}: kept, revocation is told at {url}")
    else:
        click.echo(f"{directory}: made, revocation is told at {url}")


@issuer.command()
@directory_option
@click.option("--listen", default=DEFAULT_LISTEN, show_default=True, metavar="HOST:PORT")
def serve(directory: Path, listen: str) -> None:
    """Answer OCSP requests and publish CRLs."""
    responder = Responder(Answers(_open(directory)), SystemClock())
    click.echo(f"OCSP and CRL of {directory} at http://{listen}")
    waitress.serve(
        responder,
        listen=listen,
        threads=THREADS,
        max_request_body_size=LARGEST_REQUEST + 1,  # waitress refuses a body of just this size
        max_request_header_size=LARGEST_HEADER,
        ident=None,
    )


@issuer.command()
@directory_option
def show(directory: Path) -> None:
    """List the issued cards and how their certificates stand."""
    for item in _open(directory).registry.all():
        why = f" ({item.reason.value})" if item.reason else ""
        click.echo(f"{item.card_serial}  {item.kind.value:<20} {item.authority:<22} {item.standing.value}{why}")


@issuer.command()
@directory_option
@kind_option
@click.option("--reason", type=click.Choice(_REASONS), default=Reason.CESSATION_OF_OPERATION.value, show_default=True)
@click.argument("card_serial")
def revoke(directory: Path, kind: str, reason: str, card_serial: str) -> None:
    """Revoke a card's certificates for good."""
    now = SystemClock().now()
    _decide(
        lambda: _open(directory).revoke(card_serial, _kind(kind), Reason(reason), at=now), f"{card_serial}: revoked"
    )


@issuer.command()
@directory_option
@kind_option
@click.argument("card_serial")
def hold(directory: Path, kind: str, card_serial: str) -> None:
    """Suspend a card's certificates."""
    now = SystemClock().now()
    _decide(lambda: _open(directory).hold(card_serial, _kind(kind), at=now), f"{card_serial}: held")


@issuer.command()
@directory_option
@kind_option
@click.argument("card_serial")
def release(directory: Path, kind: str, card_serial: str) -> None:
    """End a suspension."""
    now = SystemClock().now()
    _decide(lambda: _open(directory).release(card_serial, _kind(kind), at=now), f"{card_serial}: good")


def _open(directory: Path) -> VirtualIssuer:
    if not (directory / "registry.sqlite3").exists():
        raise click.ClickException(f"there is no issuer in {directory}; make one with: pinreset issuer init")
    return VirtualIssuer(directory)


def _kind(text: str) -> PasswordKind | None:
    return None if text == _BOTH else PasswordKind(text)


def _decide(decision: Callable[[], None], done: str) -> None:
    try:
        decision()
    except ResetError as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(done)
