"""A PostgreSQL server of our own, for tests and benchmarks: made in seconds, reached over a socket file, gone afterwards."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

_DEBIAN: Final = Path("/usr/lib/postgresql")  # Debian keeps the server's programs off the PATH
_OWNER: Final = "postgres"  # PostgreSQL refuses to run as root


def postgres_programs() -> Path | None:
    """The newest server's folder of programs; `None` where there is none."""
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).parent if found else None


@dataclass(frozen=True)
class PostgreSQLServer:
    """A running server. `url` is reached through a socket file in `home`."""

    programs: Path
    home: Path
    options: str

    @property
    def url(self) -> str:
        """For `open_database`."""
        return f"postgresql+psycopg://{_OWNER}@/postgres?host={self.home}"

    def start(self) -> None:
        """Starts it, and returns when it takes connections; after an immediate stop, when it has recovered."""
        self._control("-l", self.home / "log", "-o", self.options, "start")

    def stop_at_once(self) -> None:
        """Ends it as a crash would: no connection is waited for, and nothing is written that is not on its way already."""
        self._control("-m", "immediate", "stop")

    def _control(self, *words: str | Path) -> None:
        _run([self.programs / "pg_ctl", "-D", self.home / "data", "-w", "-s", *words], self.home)


@contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[str]:
    """Yields the URL of a fresh, empty server; not durable, it does not wait for the disk.

    Raises:
        FileNotFoundError: no PostgreSQL is installed.
    """
    with throwaway_server(durable=durable) as server:
        yield server.url


@contextmanager
def throwaway_server(*, durable: bool = False) -> Iterator[PostgreSQLServer]:
    """The same, for who wants to stop it in between; it runs again at the end of the block.

    Raises:
        FileNotFoundError: no PostgreSQL is installed.
    """
    programs = postgres_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL's initdb is not installed")
    home = Path(mkdtemp(prefix="pinreset-pg-"))
    options = f"-c listen_addresses='' -k {home} -c max_connections=200 -c fsync={'on' if durable else 'off'}"
    server = PostgreSQLServer(programs, home, options)
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _OWNER)
        _run([programs / "initdb", "-D", home / "data", *f"-U {_OWNER} -A trust -E UTF8 --no-sync".split()], home)
        server.start()
        try:
            yield server
        finally:
            server.stop_at_once()
    finally:
        shutil.rmtree(home)


def _run(command: Sequence[str | Path], home: Path) -> None:
    as_owner = _OWNER if os.geteuid() == 0 else None
    # The environment would bring the caller's locale and PG* variables into the server.
    clean = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    subprocess.run(  # noqa: S603  # fixed programs and our own folder
        [str(part) for part in command],
        check=True,
        cwd=home,
        env=clean,
        user=as_owner,
        group=as_owner,
        extra_groups=[] if as_owner else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
