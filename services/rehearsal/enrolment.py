"""How a rehearsal's terminal gets its key and is enrolled: as in a shop, staff issue a code and somebody types it there."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.clock import SystemClock
from services.domain.terminal import PlaceClass
from services.rehearsal.processes import START_TIME_S, ProgramFailed, python
from services.storage.database import open_database
from services.storage.ledger import SQLLedger
from services.usecases.enrol_terminal import Place, issue_code

TERMINAL_NAME: Final = "練習用端末"
STAFF_NAME: Final = "rehearsal"


def make_terminal_key(path: Path) -> Ed25519PrivateKey:
    """Makes the key and its file, which only the owner reads.

    The terminal's own program makes it in production; a rehearsal's bench signs with it too, without that program.
    """
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes_raw())
    return key


def enrol(database_url: str, environment: Mapping[str, str]) -> None:
    """Issues a code and has the terminal's program bring it to the server; `environment` is the whole of the program's.

    Raises:
        ProgramFailed: the server did not take it.
    """
    database = open_database(database_url)
    office = _Office(SystemClock(), SQLLedger(database), rehearsal=True)
    code = issue_code(office, Place(TERMINAL_NAME, PlaceClass.REHEARSAL, "R-1", "rehearsal"), by=STAFF_NAME)
    database.close()
    done = subprocess.run(  # noqa: S603  # our own program, no shell
        python("-m", "kiosk", "enrol"),
        input=code,
        capture_output=True,
        text=True,
        timeout=START_TIME_S,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise ProgramFailed(f"the kiosk was not enrolled:\n{done.stderr}")


@dataclass(frozen=True)
class _Office:
    """`ports.Office` for who issues the code."""

    clock: SystemClock
    ledger: SQLLedger
    rehearsal: bool
