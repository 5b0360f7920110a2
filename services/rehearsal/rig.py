"""A stage that may be broken: real programs, a line that can be cut, a disk that can be full, a database that can be crashed."""

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from services.card.pcscd import missing_for_pcscd
from services.clock import SystemClock
from services.domain.password import PasswordKind
from services.pki.issuer import VirtualIssuer
from services.rehearsal.booking import Book
from services.rehearsal.holder import Holder
from services.rehearsal.line import Line
from services.rehearsal.network import Network
from services.rehearsal.processes import quiet_port
from services.rehearsal.props import Props, bare_props
from services.rehearsal.small_disk import SmallDisk, small_disk
from services.rehearsal.stage import Addresses, Stage
from services.rehearsal.telling import Telling
from services.storage.throwaway import PostgreSQLServer, throwaway_server

SETTINGS: Final = {"PINRESET_VISION_WORKERS": "0", "KIOSK_RESEND_S": "1"}


@dataclass(frozen=True)
class Rig:
    """Everything runs; `holder` brings somebody with a card. A stage alone is enough for kills."""

    stage: Stage
    book: Book
    line: Line | None = None
    disk: SmallDisk | None = None
    postgres: PostgreSQLServer | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def line_there(self) -> Line:
        """The line, of a rig that has one."""
        assert self.line is not None
        return self.line

    @property
    def disk_there(self) -> SmallDisk:
        """The terminal's disk, of a rig that has one of its own."""
        assert self.disk is not None
        return self.disk

    def disarm(self) -> None:
        """Nothing waits to strike any more."""
        if self.line is not None:
            self.line.relay.trap = None

    def holder(self, kind: PasswordKind) -> Holder:
        """Somebody new, with a card of their own."""
        number = next(self._numbers)
        card = self.stage.directory / "cards" / f"{number}.json"
        card.parent.mkdir(exist_ok=True)
        issuer = VirtualIssuer(self.stage.issuer_directory)
        props: Props = bare_props(issuer, card, now=SystemClock().now(), seed=number)
        return Holder(self.stage, self.book, props, kind, Telling(io.StringIO()))

    @property
    def journal(self) -> list[Path]:
        """What the terminal still has to settle."""
        return sorted((self.stage.directory / "kiosk" / "journal").glob("*.json"))

    @property
    def folders(self) -> list[Path]:
        """Everywhere that the programs write."""
        return [self.stage.directory] + ([] if self.postgres is None else [self.postgres.home])

    @property
    def card_places(self) -> list[Path]:
        """Where cards and the issuer have their files, which hold what is secret."""
        return [self.stage.directory / "cards", self.stage.issuer_directory]


@contextmanager
def open_rig(directory: Path, database: str, *, plain: bool = False) -> Iterator[Rig]:
    """Builds and starts everything on `sqlite` or `postgresql`; a `plain` one needs no root and nothing that is not installed.

    Raises:
        FileNotFoundError: no PostgreSQL is installed.
        ProgramFailed: a program did not start.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(throwaway_server(durable=True)) if database == "postgresql" else None
        addresses = Addresses.quiet()
        network = None if plain else Network.build()
        line = Line(
            addresses.server.removeprefix("http://"), addresses.issuer.removeprefix("http://"), network, quiet_port()
        )
        stack.callback(line.close)
        pcsc = not plain and not missing_for_pcscd()
        stage = Stage.build(
            directory,
            pcsc=pcsc,
            database_url=None if postgres is None else postgres.url,
            addresses=addresses,
            far_end=line,
            settings=SETTINGS,
        )
        stack.callback(stage.close)
        disk = small_disk(directory / "kiosk", lambda: stage.programs.running["kiosk"].process.pid, mount=not plain)
        stack.callback(disk.close)
        stage.set_scenery()
        for start in (stage.start_desk, stage.start_issuer, stage.start_server, stage.start_jobs, stage.start_kiosk):
            start()
        book = Book(stage)
        stack.callback(book.close)
        yield Rig(stage, book, line, disk, postgres)
