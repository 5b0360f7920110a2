"""`pinreset bench`: figures, each beside its reference in the same run. Machines are shared and noisy: read ratios and medians."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from reset_app.commands.bench_face import face
from reset_app.commands.bench_heading import heading
from reset_app.commands.bench_liveness import liveness
from reset_app.commands.bench_ocr import ocr
from reset_app.commands.bench_reliability import reliability
from reset_app.commands.bench_service import service
from services.logs import configure_logs


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

    heading("cards")
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

    heading("claims")
    main(click.echo)
    for line in report():
        click.echo(line)


for part in (ocr, face, liveness, service, reliability):
    bench.add_command(part)


@bench.command(name="all")
@click.pass_context
def everything(context: click.Context) -> None:
    """All of them."""
    for part in (apdu, claims, ocr, face, service):
        context.invoke(part)
