"""The stage of a rehearsal: every program of the product on loopback, with a directory of its own.

    issuer 8070   server 8080   companion 24727   kiosk 8090   jobs   desk (who lays cards on readers)

A port that is taken is replaced by a free one. The stage is built anew for each rehearsal; nothing of an earlier one is
believed. What an operator would decide is decided here, for loopback and 練習 only.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from services.card import pcscd
from services.card.pcscd import READERS
from services.card.virtual.desk import CONTROL, DeskClient
from services.clock import SystemClock
from services.domain.terminal import PlaceClass, Terminal, terminal_id_of
from services.pki.issuer import VirtualIssuer
from services.rehearsal.enrolment import STAFF_NAME, TERMINAL_NAME, enrol, make_terminal_key
from services.rehearsal.line import FarEnd, Here
from services.rehearsal.processes import (
    START_TIME_S,
    ProgramFailed,
    Programs,
    free_port,
    python,
    quiet_port,
    wait_for_http,
)
from services.storage.database import open_database
from services.storage.migrations import migrate
from services.storage.staff import StaffDirectory
from services.storage.tables_of_access import StaffRole
from services.storage.terminals import Terminals

COMPANION_SLOT: Final = 0
KIOSK_SLOT: Final = 1


@dataclass
class Addresses:
    """Where everything listens."""

    server: str
    companion: str
    kiosk: str
    issuer: str

    @classmethod
    def choose(cls) -> "Addresses":
        """The usual loopback ports, or free ones where they are taken."""
        wanted = {"server": 8080, "companion": 24727, "kiosk": 8090, "issuer": 8070}
        return cls(**{name: f"http://127.0.0.1:{free_port(port)}" for name, port in wanted.items()})

    @classmethod
    def quiet(cls) -> "Addresses":
        """For a stage whose programs are started again and again: their ports must not be taken by others meanwhile."""
        return cls(**{name: f"http://127.0.0.1:{quiet_port()}" for name in ("server", "companion", "kiosk", "issuer")})


@dataclass
class Stage:
    """The programs and their directory."""

    directory: Path
    pcsc: bool
    database_url: str
    addresses: Addresses = field(default_factory=Addresses.choose)
    far_end: FarEnd = field(default_factory=Here)  # where server and issuer run
    settings: Mapping[str, str] = field(default_factory=dict)  # of server and kiosk, beside the usual ones
    staff_password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)

    def __post_init__(self) -> None:
        self.programs = Programs(self.directory / "logs")
        # Unix sockets have short names; a checkout may lie deep.
        self.sockets = Path(tempfile.mkdtemp(prefix="pinreset-"))
        self.desk = DeskClient(self.sockets)
        self._keys = {
            "PINRESET_FINGERPRINT_KEY": secrets.token_hex(32),
            "PINRESET_EVIDENCE_KEY": secrets.token_hex(32),
            "PINRESET_POLICY_KEY": secrets.token_hex(32),
        }

    @classmethod
    def build(cls, directory: Path, *, pcsc: bool, database_url: str | None = None, **more: Any) -> "Stage":
        """An empty stage; an earlier one in the same directory is removed."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return cls(directory, pcsc, database_url or f"sqlite:///{directory / 'pinreset.db'}", **more)

    @property
    def issuer_directory(self) -> Path:
        """The virtual issuer's files."""
        return self.directory / "issuer"

    @property
    def card_file(self) -> Path:
        """The virtual resident's card."""
        return self.directory / "card.json"

    def set_scenery(self) -> VirtualIssuer:
        """Database, issuer, staff, terminal: what stands before the programs start."""
        migrate(self.database_url)
        clock = SystemClock()
        issuer = VirtualIssuer.create(self.issuer_directory, now=clock.now(), public_url=self.addresses.issuer)
        database = open_database(self.database_url)
        StaffDirectory(database, clock).add(STAFF_NAME, StaffRole.AUDITOR, self.staff_password)
        self.terminal_key = make_terminal_key(self.directory / "kiosk" / "terminal.key")
        public = self.terminal_key.public_key().public_bytes_raw()
        self.terminal_id = terminal_id_of(public)
        Terminals(database, clock).enrol(Terminal(self.terminal_id, public, TERMINAL_NAME, PlaceClass.REHEARSAL))
        database.close()
        return issuer

    def start(self, tell: Callable[[str], None]) -> None:
        """Starts every program and waits until each answers."""
        for name, start in (
            ("card readers", self.start_desk),
            ("virtual issuer", self.start_issuer),
            ("server", self.start_server),
            ("jobs", self.start_jobs),
            ("companion", self.start_companion),
            ("kiosk", self.start_kiosk),
        ):
            start()
            tell(name)

    def start_desk(self) -> None:
        """The readers, and the hand that lays cards on them."""
        module = "services.card.pcscd" if self.pcsc else "services.card.virtual.desk"
        program = self.programs.start("desk", python("-m", module, str(self.sockets)), {})
        end = time.monotonic() + START_TIME_S
        while not (self.sockets / CONTROL).exists():
            program.check()
            if time.monotonic() > end:
                raise ProgramFailed(f"the desk did not answer; see {program.log}")
            time.sleep(0.05)

    def start_issuer(self) -> None:
        """OCSP and CRL."""
        listen = self.far_end.bind(self.addresses.issuer.removeprefix("http://"))
        command = self.far_end.inside(python("-m", "reset_app", "issuer", "serve", "--listen", listen))
        wait_for_http(self.programs.start("issuer", command, self.environment), self.addresses.issuer)

    def start_server(self, environment: Mapping[str, str] | None = None) -> None:
        """The web server with its vision workers."""
        bind = self.far_end.bind(self.addresses.server.removeprefix("http://"))
        command = python("-m", "gunicorn", "--bind", bind, "--workers", "1", "--threads", "8", "--timeout", "120")
        command += ["--worker-class", "gthread", "--no-control-socket", "reset_app.wsgi:create()"]
        command = self.far_end.inside(command)
        program = self.programs.start("server", command, {**self.environment, **(environment or {})})
        wait_for_http(program, self.addresses.server + "/healthz")

    def start_jobs(self) -> None:
        """What happens by the clock."""
        self.programs.start("jobs", python("-m", "reset_app", "jobs"), self.environment)

    def start_companion(self) -> None:
        """The program on the resident's device."""
        environment = {
            "COMPANION_SERVERS": self.addresses.server,
            "COMPANION_PORT": self.addresses.companion.rpartition(":")[2],
            "COMPANION_READER": self.reader(COMPANION_SLOT),
            **self._pcsc_environment,
        }
        program = self.programs.start("companion", python("-m", "reset_app.companion"), environment)
        wait_for_http(program, self.addresses.companion)

    def start_kiosk(self, environment: Mapping[str, str] | None = None) -> None:
        """The terminal in the shop."""
        own = {**self.kiosk_environment, **(environment or {})}
        if not self._identity_file.exists():
            enrol(self.database_url, {**os.environ, **own})
        wait_for_http(self.programs.start("kiosk", python("-m", "kiosk"), own), self.addresses.kiosk)

    def close(self) -> None:
        """Stops everything."""
        self.programs.stop_all()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def reader(self, slot: int) -> str:
        """The reader setting of companion or kiosk."""
        if self.pcsc:
            return f"pcsc:{READERS[slot]}"
        return f"socket:{self.sockets / f'slot{slot}.sock'}"

    @property
    def environment(self) -> dict[str, str]:
        """The server's settings."""
        return {
            "PINRESET_ORIGIN": self.addresses.server,
            "PINRESET_COMPANION_ORIGIN": self.addresses.companion,
            "PINRESET_DATABASE_URL": self.database_url,
            "PINRESET_ISSUER": str(self.issuer_directory),
            "PINRESET_TRUST": str(self.issuer_directory / "trust"),
            "PINRESET_CRLS": str(self.directory / "crl"),
            "PINRESET_REHEARSAL": "true",
            **self._keys,
            **self.settings,
        }

    @property
    def kiosk_environment(self) -> dict[str, str]:
        """The terminal's settings."""
        return {
            "KIOSK_SERVER": self.addresses.server,
            "KIOSK_LISTEN": self.addresses.kiosk.removeprefix("http://"),
            "KIOSK_IDENTITY_FILE": str(self._identity_file),
            "KIOSK_STATE": str(self.directory / "kiosk" / "state"),
            "KIOSK_HOURS": "00:00-24:00",
            "KIOSK_KEY_FILE": str(self.directory / "kiosk" / "terminal.key"),
            "KIOSK_JOURNAL": str(self.directory / "kiosk" / "journal"),
            "KIOSK_READER": self.reader(KIOSK_SLOT),
            "KIOSK_REHEARSAL": "true",
            **self._pcsc_environment,
            **self.settings,
        }

    @property
    def _pcsc_environment(self) -> dict[str, str]:
        return pcscd.environment(self.sockets) if self.pcsc else {}

    @property
    def _identity_file(self) -> Path:
        return self.directory / "kiosk" / "identity.json"
