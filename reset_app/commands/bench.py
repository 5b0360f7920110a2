"""`pinreset bench`: figures, each beside its reference in the same run. Machines are shared and noisy: read ratios and medians."""

import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from services.logs import configure_logs

PEOPLE = Path(
    "../shared/data/faces/frll"
)  # pictures for benchmarks, beside the project; without them no accuracy is printed


@click.group(invoke_without_command=False)
def bench() -> None:
    """Print figures, each beside its reference in the same run."""
    configure_logs("ERROR")


@bench.command()
def apdu() -> None:
    """APDU round trips and whole card sessions, in process and through pcscd, next to OpenSC's own SELECT."""
    from services.card.bench import Subject, measure  # noqa: PLC0415  # each bench brings only what it needs
    from services.clock import SystemClock  # noqa: PLC0415
    from services.domain.password import Password, PasswordKind  # noqa: PLC0415
    from services.pki.authority import VirtualResetAuthority  # noqa: PLC0415
    from services.pki.issuer import VirtualIssuer  # noqa: PLC0415
    from services.ports import AuthorisationRequest  # noqa: PLC0415
    from services.rehearsal.cards import CardWish, issue_card  # noqa: PLC0415
    from services.rehearsal.person import imagine  # noqa: PLC0415

    _begin("cards")
    with TemporaryDirectory(prefix="pinreset-bench-") as folder:
        now = datetime.now(UTC)
        issuer = VirtualIssuer.create(Path(folder) / "issuer", now=now, public_url="http://127.0.0.1:1")
        person = imagine(1, today=now.date())
        user = Password.parse(PasswordKind.USER_AUTHENTICATION, "1230")
        wish = CardWish(person, bytes(4000), user, Password.parse(PasswordKind.SIGNATURE, "BENCH123"))
        contents = issue_card(issuer, wish, now=now)
        authority = VirtualResetAuthority(issuer.directory, SystemClock())

        def authorise(kind: PasswordKind, challenge: bytes) -> bytes:
            credential = contents.jpki.user_authentication
            assert credential is not None
            identity = credential.certificate
            return authority.authorise(AuthorisationRequest("bench", kind, identity, identity, challenge))

        for figure in measure(Subject(contents, person.front, user, authorise)):
            click.echo(str(figure))


@bench.command()
def claims() -> None:
    """Claims per second: by the ledger, next to pgbench running the same SQL and next to the disk; and over HTTP with proofs."""
    from services.rehearsal.claim_bench import report  # noqa: PLC0415
    from services.storage.bench import main  # noqa: PLC0415

    _begin("claims")
    main(click.echo)
    for line in report():
        click.echo(line)


@bench.command()
@click.option("--cards", default=20, show_default=True, help="cards a tier")
def ocr(cards: int) -> None:
    """Card-front reading: right, refused and wrong per tier, and milliseconds a picture."""
    from services.rehearsal.front_bench import main  # noqa: PLC0415

    _begin("card front")
    if main([str(cards)]):
        raise click.ClickException("a wrong value was given")


@bench.command()
@click.option("--people", type=click.Path(path_type=Path), default=PEOPLE, show_default=True)
def face(people: Path) -> None:
    """Face matching and liveness: milliseconds a stage, and accuracy where pictures of people are to be had."""
    import cv2  # noqa: PLC0415

    from services.domain.liveness import Action  # noqa: PLC0415
    from services.rehearsal.clip import CameraClip  # noqa: PLC0415
    from services.rehearsal.portrait import card_photo, load_portrait  # noqa: PLC0415
    from services.vision.bench_face import report  # noqa: PLC0415

    _begin("face")
    cv2.setNumThreads(1)
    portrait = load_portrait()
    frame = CameraClip(portrait, Path("var/rehearsal")).frames(Action.FRONT, 10, seed=0)[0]
    for line in report(card_photo(portrait), frame, people):
        click.echo(line)


@bench.command(name="all")
@click.pass_context
def everything(context: click.Context) -> None:
    """All of them."""
    for part in (apdu, claims, ocr, face):
        context.invoke(part)


def _begin(name: str) -> None:
    load, *_ = os.getloadavg()
    click.echo(f"\n── {name}: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load:.1f} ──")
