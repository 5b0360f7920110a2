"""`python -m services.conformance server URL` tries a server as a terminal would, `terminal` a terminal as a server would."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.card.virtual.card import VirtualCard
from services.clock import SystemClock
from services.conformance.card import NEW_PASSWORDS, Passwords, PracticeCard
from services.conformance.client_trial import ClientTrial, try_client
from services.conformance.console_hand import ConsoleHand
from services.conformance.line import serving
from services.conformance.props import PRACTICE, make_props
from services.conformance.referee import Referee
from services.conformance.report import EXIT_STATUS, Result, as_json, conforms
from services.conformance.server_trial import BUILD, ServerTrial, try_server
from services.conformance.terminal import Terminal
from services.domain.base64url import octets_of
from services.domain.password import PasswordKind

KEY_BYTES: Final = 32
TIMEOUT_S: Final = 30.0
_KINDS: Final = click.Choice([kind.value for kind in PasswordKind])
_PASSWORDS: Final = {
    PasswordKind.SIGNATURE: ("CONFORMANCE_SIGNATURE", "the card's signature password"),
    PasswordKind.USER_AUTHENTICATION: ("CONFORMANCE_PIN", "the card's user-authentication number"),
}
_FILE: Final = click.Path(path_type=Path, dir_okay=False, exists=True)
json_option = click.option("--json", "in_json", is_flag=True, help="one JSON document instead of lines")
kind_option = click.option("--kind", type=_KINDS, default=PasswordKind.SIGNATURE.value, show_default=True)


@click.group()
def conformance() -> None:
    """The kiosk API from outside: any server, any terminal. Exit status 0 where nothing failed."""


@conformance.command()
@click.argument("origin", metavar="URL")
@click.option("--terminal", "keyid", required=True, help="the id of a terminal that is enrolled there")
@click.option("--terminal-key", required=True, type=_FILE, help="its Ed25519 private key, 32 octets")
@click.option("--card", "card_file", required=True, type=_FILE, help="a practice card with a reservation there")
@click.option("--second-terminal", help="the id of another one, and its key: ID:FILE")
@click.option("--policy-key", default="", help="the server's policy key, Ed25519, base64url")
@click.option("--enrolment-code", default="", help="a fresh one-time code; uses it up, and tells the policy key, too")
@click.option("--build", default=BUILD, show_default=True, help="a build that the server knows")
@kind_option
@json_option
def server(  # noqa: PLR0913  # the command's options
    *, origin: str, keyid: str, terminal_key: Path, card_file: Path, second_terminal: str | None, policy_key: str,
    enrolment_code: str, build: str, kind: str, in_json: bool,
) -> None:  # fmt: skip
    """Try the server at URL: its origin. Uses the card's reservation up, and changes the card's password twice.

    The card's two passwords are in CONFORMANCE_SIGNATURE and CONFORMANCE_PIN, or asked for.
    """
    clock = SystemClock()
    wanted = PasswordKind(kind)
    values = {one: _password(one) for one in PasswordKind}
    with httpx.Client(timeout=TIMEOUT_S) as client:
        first = Terminal(client, origin, keyid, _key(terminal_key), clock)
        other = None
        if second_terminal is not None:
            other_id, _, file = second_terminal.rpartition(":")
            other = Terminal(client, origin, other_id, _key(Path(file)), clock, first.heard)
        card = PracticeCard(VirtualCard.from_file(card_file), Passwords(wanted, values))
        trial = ServerTrial(first, card, NEW_PASSWORDS[wanted], other)
        trial.policy_key, trial.enrolment_code, trial.build = octets_of(policy_key), enrolment_code, build
        _report(try_server(trial), in_json=in_json)


@conformance.command()
@click.option("--listen", default="127.0.0.1:8099", show_default=True, metavar="HOST:PORT")
@click.option(
    "--terminal", "keyid", default="", help="the id of a terminal that has one; else enrol it here, any code does"
)
@click.option("--terminal-public-key", default="", help="the Ed25519 public key of such a terminal, base64url")
@click.option(
    "--reader", type=click.Path(path_type=Path), required=True, help="socket of the card's slot: the terminal's reader"
)
@click.option("--directory", type=click.Path(path_type=Path, file_okay=False), default=Path("var/conformance"))
@kind_option
@json_option
def terminal(  # noqa: PLR0913  # the command's options
    *, listen: str, keyid: str, terminal_public_key: str, reader: Path, directory: Path, kind: str, in_json: bool
) -> None:
    """Try the terminal that is pointed at --listen. Says what to do at it, and asks what its screen says."""
    clock, wanted = SystemClock(), PasswordKind(kind)
    props = make_props(directory, now=clock.now())
    referee = Referee(f"http://{listen}", keyid, octets_of(terminal_public_key), props.authority(clock), clock)
    hand = ConsoleHand(reader, told=not in_json)
    with serving(referee, listen):
        trial = ClientTrial(referee, hand, props.contents, Passwords(wanted, dict(PRACTICE)))
        _report(try_client(trial), in_json=in_json)


def _password(kind: PasswordKind) -> str:
    # No option: what is typed behind a command is seen by every process and kept by the shell.
    name, question = _PASSWORDS[kind]
    return os.environ.get(name) or str(click.prompt(question, hide_input=True))


def _key(file: Path) -> Ed25519PrivateKey:
    octets = file.read_bytes()
    if len(octets) != KEY_BYTES:
        raise click.BadParameter(f"{file.name} is no Ed25519 private key of 32 octets")
    return Ed25519PrivateKey.from_private_bytes(octets)


def _report(results: Iterable[Result], *, in_json: bool) -> None:
    found = []
    for result in results:
        found.append(result)
        if not in_json:
            click.echo(result.line)
    if in_json:
        click.echo(as_json(found))
    sys.exit(EXIT_STATUS[conforms(found)])


if __name__ == "__main__":
    conformance()
