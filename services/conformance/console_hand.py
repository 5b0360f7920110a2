"""A person at the terminal under test, told on the console what to do and asked what the screen says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from services.card.virtual.card import VirtualCard
from services.card.virtual.socket_slot import serve_socket
from services.conformance.card import Passwords
from services.conformance.client_trial import Shown, Told

_ANSWERS: Final = {"d": Told.DONE, "f": Told.FAILED, "n": Told.NOTHING}
_SHOWN: Final = {"o": Shown.OPEN, "s": Shown.SUSPENDED, "c": Shown.CLOSED}


class ConsoleHand:
    """Says and asks; lays the practice card on the slot by itself."""

    def __init__(self, reader: Path, *, told: bool) -> None:
        self._reader = reader
        self._err = not told  # JSON has standard output for itself

    def visit(self, card: VirtualCard, passwords: Passwords, new: str, *, stop: bool = False) -> Told:
        """See `Hand`."""
        other = passwords.values[passwords.kind.other]
        what = "then give up" if stop else f"set the new one to {new}"
        self._say(f"Reset {passwords.kind.label}: type {other} when asked for the other password, {what}.")
        with self._laid_on(card):
            answer = click.prompt(
                "What does the screen say? (d)one, (f)ailed, (n)othing", type=click.Choice(list(_ANSWERS)), err=True
            )
        return _ANSWERS[answer]

    def wait(self) -> None:
        """See `Hand`."""
        click.prompt("Wait a minute, then press Enter", default="", show_default=False, err=True)

    def look(self) -> Shown:
        """See `Hand`."""
        question = "What does the screen show now? (o)pen, (s)uspended, (c)losed for another reason"
        return _SHOWN[click.prompt(question, type=click.Choice(list(_SHOWN)), err=True)]

    def restart(self) -> bool:
        """See `Hand`."""
        return click.confirm("Cut the terminal's power and switch it on again. Done?", default=False, err=True)

    def _say(self, text: str) -> None:
        click.echo(text, err=self._err)

    @contextmanager
    def _laid_on(self, card: VirtualCard) -> Iterator[None]:
        stop, ready = threading.Event(), threading.Event()
        slot = threading.Thread(target=serve_socket, args=(card, self._reader, stop, ready), daemon=True)
        slot.start()
        ready.wait(5)
        try:
            yield
        finally:
            stop.set()
            slot.join(5)
