"""`pinreset demo`: the main job once, with a virtual resident; then everything stays up to be tried by hand."""

import signal
import sys
import time
from pathlib import Path
from threading import Event

import click

from services.domain.password import PasswordKind
from services.logs import configure_logs
from services.rehearsal.demo import Wish, build, perform, summary, told_when_it_fails
from services.rehearsal.desk_page import serve_desk_page
from services.rehearsal.enrolment import STAFF_NAME
from services.rehearsal.processes import free_port
from services.rehearsal.props import Props
from services.rehearsal.stage import Stage
from services.rehearsal.telling import Telling


@click.command()
@click.option("--once", is_flag=True, help="end after the one run")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in PasswordKind]),
    default=PasswordKind.SIGNATURE.value,
    show_default=True,
    help="the forgotten password",
)
@click.option("--portrait", type=click.Path(path_type=Path, exists=True), help="a picture with one face, for the card")
@click.option("--directory", type=click.Path(path_type=Path), default=Path("var/stage"), show_default=True)
@click.option("--database", help="a PostgreSQL address; SQLite in the directory where none is given")
@click.option("--without-pcsc", is_flag=True, help="cards go over a local socket even where PC/SC is to be had")
def demo(  # noqa: PLR0913, PLR0917  # click gives each option as a parameter
    once: bool,  # noqa: FBT001
    kind: str,
    portrait: Path | None,
    directory: Path,
    database: str | None,
    without_pcsc: bool,  # noqa: FBT001
) -> None:
    """Do the main job once, then leave everything running."""
    began = time.monotonic()
    configure_logs("ERROR")  # this process tells a story; the programs have their own log files
    telling = Telling()
    # Ended like an interruption, so that the programs are stopped and no card stays on a reader.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wish = Wish(
        directory.resolve(),
        kind=PasswordKind(kind),
        portrait=portrait,
        database_url=database,
        without_pcsc=without_pcsc,
    )
    with told_when_it_fails(telling, wish.directory / "logs", began):
        _rehearse(wish, telling, began, once=once)


def _rehearse(wish: Wish, telling: Telling, began: float, *, once: bool) -> None:
    stage, props = build(wish, telling)
    try:
        proof = perform(stage, props, wish.kind, telling)
        if not once:
            _invite(stage, props, wish.kind, telling)
        telling.last(summary(telling, proof, began))
        if not once:
            Event().wait()
        sys.exit(0 if proof.completed and proof.evidence_verified else 1)
    except KeyboardInterrupt:
        telling.note("終了します。")
    finally:
        stage.close()


def _invite(stage: Stage, props: Props, kind: PasswordKind, telling: Telling) -> None:
    desk = serve_desk_page(stage, props, free_port(8060), kind)
    telling.chapter("手で試す(Ctrl+C で終了)")
    telling.note(f"練習用カードの机       {desk}/   カードを置く・パスワードを見る")
    telling.note(f"スマートフォンの画面   {stage.addresses.server}/")
    telling.note(f"コンパニオン           {stage.addresses.companion}/   (スマートフォンの画面から開きます)")
    telling.note(f"キオスク端末           {stage.addresses.kiosk}/")
    telling.note(f"職員用コンソール       {stage.addresses.server}/console/")
    telling.note(f"                       職員番号 {STAFF_NAME}  パスワード {stage.staff_password}")
