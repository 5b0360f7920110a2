"""`pinreset terminal`: what staff do in the console, for an operator on the server's own machine."""

import json
from dataclasses import dataclass
from datetime import datetime

import click

from reset_app.commands.server import said, settings
from services.clock import SystemClock
from services.domain.base64url import base64url
from services.domain.reservation import JAPAN
from services.domain.terminal import PlaceClass
from services.domain.terminal_policy import Trait, Window
from services.pki.policy_signature import PolicySigner
from services.ports import Clock, Ledger
from services.storage.database import open_database
from services.storage.ledger import SQLLedger
from services.usecases import suspend as acts
from services.usecases.enrol_terminal import Place, issue_code

BY = "cli"
WHY = click.option("--why", required=True, help="why, for the log; a suspension's reason is published")


@dataclass(frozen=True)
class Desk:
    """`ports.Office` on the server's database."""

    clock: Clock
    ledger: Ledger
    rehearsal: bool


def _desk() -> Desk:
    found = settings()
    return Desk(SystemClock(), SQLLedger(open_database(found.database_url)), found.rehearsal)


class TraitParam(click.ParamType[Trait]):
    """`scope:value`, such as `store:S-0107`."""

    name = "scope:value"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Trait:
        """The trait."""
        try:
            return Trait.parse(value)
        except ValueError:
            self.fail(
                "scope:value with scope terminal, store, place, cohort, build, card_generation or matcher", param, ctx
            )


TRAIT = TraitParam()


@click.group()
def terminal() -> None:
    """Kiosk terminals: codes, builds, suspensions, maintenance."""


@terminal.command()
@click.argument("name")
@click.option("--store", required=True, help="the store's number")
@click.option("--place", type=click.Choice([place.value for place in PlaceClass]), default=PlaceClass.STORE.value)
@click.option("--cohort", default="general", help="a group that is rolled out, and held back, together")
def code(name: str, store: str, place: str, cohort: str) -> None:
    """Print a one-time code that enrols the terminal NAME within fifteen minutes."""
    wanted = Place(name, PlaceClass(place), store, cohort)
    click.echo(said(lambda: issue_code(_desk(), wanted, by=BY)))


@terminal.command()
@click.argument("terminal_id")
@WHY
def revoke(terminal_id: str, why: str) -> None:
    """Accept nothing more that TERMINAL_ID signs, evidence included: a stolen machine. `suspend` lets it finish."""
    said(lambda: acts.revoke(_desk(), terminal_id, by=BY, why=why))
    click.echo(f"{terminal_id} is revoked")


@terminal.command()
@click.argument("trait", type=TRAIT)
@WHY
def suspend(trait: Trait, why: str) -> None:
    """Suspend a cohort, such as store:S-0107, build:0.1.0+ab12 or card_generation:signature-1."""
    serial = said(lambda: acts.suspend(_desk(), trait, by=BY, why=why))
    click.echo(f"{trait} is suspended, serial {serial}")


@terminal.command()
@click.argument("trait", type=TRAIT)
@WHY
def lift(trait: Trait, why: str) -> None:
    """Lift the suspension of a cohort."""
    desk = _desk()
    with desk.ledger.begin() as unit:
        found = [live.id for live in unit.suspensions() if live.trait == trait]
    if not found:
        raise click.ClickException(f"{trait} is not suspended")
    serial = said(lambda: acts.lift(desk, found[0], by=BY, why=why))
    click.echo(f"{trait} is lifted, serial {serial}")


@terminal.command()
@click.argument("begins", type=click.DateTime(["%Y-%m-%dT%H:%M"]))
@click.argument("ends", type=click.DateTime(["%Y-%m-%dT%H:%M"]))
@WHY
def maintenance(begins: datetime, ends: datetime, why: str) -> None:
    """Plan maintenance from BEGINS until ENDS, Japan time, such as 2026-11-22T02:00."""
    window = Window(begins.replace(tzinfo=JAPAN), ends.replace(tzinfo=JAPAN))
    click.echo(f"serial {said(lambda: acts.plan_maintenance(_desk(), window, by=BY, why=why))}")


@terminal.command()
@WHY
def renew(why: str) -> None:
    """Raise the policy's serial above all that terminals have seen: after a restored backup."""
    click.echo(f"serial {said(lambda: acts.renew(_desk(), by=BY, why=why))}")


@terminal.command()
@click.argument("build_id")
def build(build_id: str) -> None:
    """Make BUILD_ID a known build (`python -m kiosk build` prints it)."""
    desk = _desk()
    with desk.ledger.begin() as unit:
        unit.add_build(build_id, at=desk.clock.now(), by=BY)
    click.echo(f"{build_id} is known")


@terminal.command()
def policy() -> None:
    """Print the policy, its signature and the public key, as anybody may check them."""
    key = settings().policy_key
    if key is None:
        raise click.ClickException("PINRESET_POLICY_KEY is not set")
    signer, desk = PolicySigner(settings().key(key)), _desk()
    with desk.ledger.begin() as unit:
        octets = acts.policy_at(unit, desk.clock.now()).octets
    click.echo(octets.decode())
    told = {"signature": base64url(signer.sign(octets)), "public_key": base64url(signer.public_key)}
    click.echo(json.dumps(told))
