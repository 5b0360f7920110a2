"""A private pcscd with two virtual readers, closed off from the network, and the desk that puts cards on them.

    python -m services.card.pcscd DIR      needs root; runs until it is interrupted

vpcd listens on every interface without asking who connects, so both pcscd and the cards live in a network namespace of their own
where nothing else is, and in a mount namespace in which /run/pcscd is `DIR/run`. Clients are outside, with `environment(DIR)`
in their environment; cards are put on the readers through `DeskClient(DIR)` (slot 0 is the companion's, slot 1 the kiosk's).
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from services.card.virtual.card import CardEngine
from services.card.virtual.desk import CONTROL, Desk, DeskClient, Slot, serve_desk
from services.card.virtual.vpcd import ABSENCE_S, PORTS, serve_vpcd
from services.domain.errors import ReaderMissing

NAME: Final = "Virtual"
READERS: Final = tuple(f"{NAME} 00 {slot:02d}" for slot in range(len(PORTS)))  # as pcscd names the slots of a driver
DRIVER: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")  # Debian's vsmartcard-vpcd
PROGRAMS: Final = ("pcscd", "unshare", "mount", "ip")
START_TIME_S: Final = 15.0
_INSIDE: Final = "--inside"
# The process namespace makes sure that pcscd ends with its desk, however that ends.
_NAMESPACES: Final = ("--mount", "--net", "--pid", "--fork", "--kill-child")
_SYSTEM_PATH: Final = "/usr/sbin:/sbin:/usr/bin:/bin"


def missing_for_pcscd() -> list[str]:
    """What keeps this machine from running a private pcscd; empty where nothing does."""
    missing = [name for name in PROGRAMS if shutil.which(name, path=_SYSTEM_PATH) is None]
    if not DRIVER.exists():
        missing.append(DRIVER.name)
    if os.geteuid() != 0:
        missing.append("root")
    return missing


def environment(folder: Path) -> dict[str, str]:
    """What a client's environment needs so that it finds this pcscd and no other."""
    return {"PCSCLITE_CSOCK_NAME": str(_run_folder(folder) / "pcscd.comm")}


@contextmanager
def private_pcscd(folder: Path) -> Iterator[Path]:
    """Runs one for the length of the block; gives back the folder for `DeskClient` and `environment`.

    Raises:
        ReaderMissing: it did not start.
    """
    process = start(folder)
    try:
        yield folder
    finally:
        stop(process)


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Starts it and waits until its desk answers. It ends with `stop`, or with this process.

    Raises:
        ReaderMissing: it did not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inside = [sys.executable, "-m", "services.card.pcscd", _INSIDE, str(folder.resolve())]
    process = subprocess.Popen(  # noqa: S603  # our own words and folder
        [_program("unshare"), *_NAMESPACES, *inside],
        stdin=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    deadline = monotonic() + START_TIME_S
    while not _answers(folder):
        if process.poll() is not None or monotonic() > deadline:
            stop(process)
            raise ReaderMissing(reader=NAME)
        sleep(0.05)
    return process


def _answers(folder: Path) -> bool:
    try:
        DeskClient(folder).status()
    except ReaderMissing:
        return False
    return True


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends it: its standard input closes, which it takes for the end."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(START_TIME_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run_folder(folder: Path) -> Path:
    return folder / "run"


def _run_inside(folder: Path) -> None:
    """The life inside the namespaces: pcscd, the desk, and the end when standard input closes."""
    run, configuration = _run_folder(folder), folder / "reader.conf.d"
    shutil.rmtree(run, ignore_errors=True)
    for made in (run, configuration, Path("/run/pcscd")):
        made.mkdir(parents=True, exist_ok=True)
    (configuration / "virtual").write_text(_reader_configuration())
    _run("mount", "--bind", str(run), "/run/pcscd")
    _run("ip", "link", "set", "lo", "up")
    pcscd = _start_pcscd(configuration)
    try:
        _wait_for(run / "pcscd.comm", pcscd)
        ended = Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started us hears it too, and closes our standard input
        Thread(target=_watch_input, args=(ended,), daemon=True).start()
        serve_desk(Desk(_slots()), folder / CONTROL, ended)
    finally:
        pcscd.terminate()
        pcscd.wait()


def _slots() -> list[Slot]:
    return [Slot(reader, partial(_serve_at, port), ABSENCE_S) for reader, port in zip(READERS, PORTS, strict=True)]


def _serve_at(port: int, card: CardEngine, stop: Event, ready: Event) -> None:
    serve_vpcd(card, "127.0.0.1", port, stop, ready)


def _reader_configuration() -> str:
    """reader.conf(5). The channel id is vpcd's first port."""
    channel = f"0x{PORTS[0]:04X}"
    return f'FRIENDLYNAME "{NAME}"\nDEVICENAME /dev/null:{channel}\nLIBPATH {DRIVER}\nCHANNELID {channel}\n'


def _start_pcscd(configuration: Path) -> subprocess.Popen[bytes]:
    command = [_program("pcscd"), "--foreground", "--config", str(configuration)]
    return subprocess.Popen(  # noqa: S603  # our own words and folder
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _run(program: str, *words: str) -> None:
    subprocess.run([_program(program), *words], check=True)  # noqa: S603  # our own words and folder


def _program(name: str) -> str:
    return shutil.which(name, path=_SYSTEM_PATH) or name


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + START_TIME_S
    while not path.exists():
        if process.poll() is not None or monotonic() > deadline:
            raise ReaderMissing(reader=NAME)
        sleep(0.05)


def _watch_input(ended: Event) -> None:
    """Whoever started us holds the other end of standard input: when it is gone, so is the reason to run."""
    sys.stdin.buffer.read()
    ended.set()


def main(words: list[str]) -> None:
    """Either the life inside, or the one who starts it and waits."""
    if words[0] == _INSIDE:
        _run_inside(Path(words[1]))
        return
    process = start(Path(words[0]))
    try:
        process.wait()
    except KeyboardInterrupt:
        stop(process)


if __name__ == "__main__":
    main(sys.argv[1:])
