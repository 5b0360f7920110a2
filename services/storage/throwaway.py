"""A PostgreSQL server of our own, for tests and benchmarks: made in seconds, reached over a socket file, gone afterwards."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[str]:
    """Yields the URL of a fresh, empty server; not durable, it does not wait for the disk.

    Raises:
        FileNotFoundError: no PostgreSQL is installed.
    """
    programs = postgres_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL's initdb is not installed")
    home = Path(mkdtemp(prefix="pinreset-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _OWNER)
        _run([programs / "initdb", "-D", home / "data", *f"-U {_OWNER} -A trust -E UTF8 --no-sync".split()], home)
        options = f"-c listen_addresses='' -k {home} -c max_connections=200 -c fsync={'on' if durable else 'off'}"
        control: list[str | Path] = [programs / "pg_ctl", "-D", home / "data", "-w", "-s"]
        _run([*control, "-l", home / "log", "-o", options, "start"], home)
        try:
            yield f"postgresql+psycopg://{_OWNER}@/postgres?host={home}"
        finally:
            _run([*control, "-m", "immediate", "stop"], home)
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
