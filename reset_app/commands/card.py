"""`pinreset card`: a virtual card, made, looked at, and put on a reader."""

import secrets
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click
from cryptography import x509

from services.card.face_record import FaceRecord
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import TRIES, CardContents, Credential
from services.card.virtual.socket_slot import serve_socket
from services.card.virtual.store import MARK, load, save
from services.card.virtual.vpcd import serve_vpcd
from services.clock import SystemClock
from services.domain.errors import PasswordMalformed, ResetError
from services.domain.password import Password, PasswordKind

if TYPE_CHECKING:
    from services.rehearsal.person import Person

DEFAULT_ISSUER: Final = Path("var/issuer")
_JAPAN: Final = ZoneInfo("Asia/Tokyo")
_LARGEST_SEED: Final = 2**31

card_file_argument = click.argument("card_file", type=click.Path(path_type=Path, dir_okay=False))


class AddressType(click.ParamType[tuple[str, int]]):
    """`HOST:PORT`."""

    name = "HOST:PORT"

    def convert(
        self, value: str | tuple[str, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Both halves, or a usage error."""
        if isinstance(value, tuple):
            return value
        host, _, port = value.rpartition(":")
        if not (host and port.isdecimal() and int(port) <= 0xFFFF):
            self.fail("an address is HOST:PORT", param, ctx)
        return host, int(port)


def _asked_for(kind: PasswordKind) -> Password:
    """Asked for, never an argument: arguments are read by every process of the machine."""

    def parsed(text: str) -> Password:
        try:
            return Password.parse(kind, text)
        except PasswordMalformed as problem:
            raise click.BadParameter(kind.rule.explanation) from problem

    question = f"{kind.label} ({kind.rule.explanation})"
    password: Password = click.prompt(question, hide_input=True, value_proc=parsed)
    return password


@click.group()
def card() -> None:
    """A virtual My Number Card, for practice only."""


@card.command()
@click.option(
    "--issuer",
    "issuer_directory",
    envvar="PINRESET_ISSUER",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=DEFAULT_ISSUER,
    show_default=True,
)
@click.option(
    "--portrait", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="a picture with one face"
)
@click.option("--seed", type=click.IntRange(0, _LARGEST_SEED), help="the same seed imagines the same resident")
@card_file_argument
def issue(issuer_directory: Path, portrait: Path | None, seed: int | None, card_file: Path) -> None:
    """Issue a card to a resident who does not exist; the two passwords are asked for."""
    # These bring the vision libraries, which no other command of this group needs.
    from services.pki.issuer import VirtualIssuer  # noqa: PLC0415
    from services.rehearsal.cards import CardWish, issue_card_file  # noqa: PLC0415
    from services.rehearsal.person import imagine  # noqa: PLC0415
    from services.rehearsal.portrait import card_photo, load_portrait  # noqa: PLC0415

    if card_file.exists():
        raise click.ClickException(f"{card_file} is there already")
    now = SystemClock().now()
    person = imagine(secrets.randbelow(_LARGEST_SEED) if seed is None else seed, today=now.astimezone(_JAPAN).date())
    wish = CardWish(
        person=person,
        photo_jp2=card_photo(load_portrait(portrait)),
        user_authentication=_asked_for(PasswordKind.USER_AUTHENTICATION),
        signature=_asked_for(PasswordKind.SIGNATURE),
    )
    contents = issue_card_file(card_file, VirtualIssuer(issuer_directory), wish, now=now)
    click.echo(f"{card_file}: virtual card {contents.serial}")
    _print_front(person)


def _print_front(person: "Person") -> None:
    """What a holder reads off the card's front to type it in."""
    front = person.front
    click.echo(f"{MARK}\n{person.name}  生年月日 {front.birth}  有効期限 {front.expiry}  {front.security_code}")


@card.command()
@card_file_argument
def show(card_file: Path) -> None:
    """Say what is on a card, without its secrets."""
    contents = _loaded(card_file)
    face = FaceRecord.parse(contents.visual.face_record)
    click.echo(f"{MARK}\nserial {contents.serial}  municipality {contents.municipality}  expiry {contents.expiry}")
    click.echo(f"card face: {len(contents.visual.face_record)} bytes, photo {len(face.face.photo_jp2)} bytes")
    _print_certificate("user_authentication", contents.jpki.user_authentication)
    _print_certificate("signature", contents.jpki.signature)
    for pin, state in contents.pins.items():
        click.echo(f"{pin.value:<20} {state.tries_left} of {TRIES[pin]} tries left")


def _print_certificate(name: str, credential: Credential | None) -> None:
    if credential is None:
        click.echo(f"{name:<20} certificate absent")
        return
    certificate = x509.load_der_x509_certificate(credential.certificate)
    until = certificate.not_valid_after_utc.date()
    click.echo(f"{name:<20} certificate {certificate.serial_number:x}, valid until {until}")


@card.command()
@click.option("--vpcd", type=AddressType(), help="the slot of a pcscd with vpcd")
@click.option("--socket", type=click.Path(path_type=Path), help="a slot without PC/SC, for `SocketReader`")
@card_file_argument
def serve(vpcd: tuple[str, int] | None, socket: Path | None, card_file: Path) -> None:
    """Put a card on a reader until interrupted."""
    if (vpcd is None) == (socket is None):
        raise click.UsageError("one of --vpcd and --socket says where")
    engine = VirtualCard(_loaded(card_file), lambda contents: save(contents, card_file))
    click.echo(f"{card_file} is on the reader; interrupt takes it off")
    with suppress(KeyboardInterrupt):
        try:
            if vpcd:
                serve_vpcd(engine, *vpcd, Event())
            elif socket:
                serve_socket(engine, socket, Event())
        except ResetError as problem:
            raise click.ClickException(str(problem)) from problem
    click.echo("taken off")


def _loaded(card_file: Path) -> CardContents:
    try:
        return load(card_file)
    except ResetError as problem:
        raise click.ClickException(f"{card_file} is not a virtual card's file") from problem
