"""What workers of the runner's tests do: each function is prepared in a spawned worker and runs in its children."""

import os
import resource
import signal
import threading
from functools import partial
from pathlib import Path


def prepared(name: str, folder: Path, *more):
    """`globals()[name](folder, *more, check_id)` is what a child does."""
    return partial(globals()[name], folder, *more)


def unprepared(folder: Path):
    (folder / f"tried-{os.getpid()}").touch()
    raise FileNotFoundError


def with_a_thread(folder: Path):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    return partial(note, folder)


def note(folder: Path, check_id: str) -> None:
    """Leaves who was here: child and worker."""
    (folder / f"{check_id}-{os.getpid()}").write_text(str(os.getppid()))


def killed_once(folder: Path, check_id: str) -> None:
    if _first_time(folder, check_id):
        os.kill(os.getpid(), signal.SIGKILL)
    note(folder, check_id)


def killed_always(folder: Path, check_id: str) -> None:
    note(folder, check_id)
    os.kill(os.getpid(), signal.SIGKILL)


def worker_killed_once(folder: Path, check_id: str) -> None:
    if check_id == "unlucky" and _first_time(folder, check_id):
        (folder / "orphan").write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    note(folder, check_id)


def never_ending(folder: Path, check_id: str) -> None:
    note(folder, check_id)
    signal.pause()


def spinning(folder: Path, check_id: str) -> None:
    """Notes its limits of processor time, and goes on until one second of it is over."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    (folder / "limits").write_text(f"{soft} {hard}")
    resource.setrlimit(resource.RLIMIT_CPU, (1, hard))
    note(folder, check_id)
    while True:
        pass


def greedy(folder: Path, check_id: str) -> None:
    note(folder, check_id)
    bytearray(1024**3)
    (folder / "had it").touch()


def broken(folder: Path, check_id: str) -> None:
    note(folder, check_id)
    raise ValueError(check_id)


def until_let_go(folder: Path, check_id: str) -> None:
    with (folder / "gate").open("rb", buffering=0) as gate:  # a FIFO
        gate.read(1)
    note(folder, check_id)


def told_and_let_go(folder: Path, check_id: str) -> None:
    note(folder / "begun", check_id)
    until_let_go(folder, check_id)


def _first_time(folder: Path, check_id: str) -> bool:
    try:
        (folder / f"first-{check_id}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
