"""How long the card takes: in this process, and through pcscd next to OpenSC's own SELECT.

Every figure is a median. A virtual card says nothing about a real card's speed (a contactless one needs some 26 ms for 256
bytes and hundreds for a signature); what is measured is everything of ours around it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import Final

from services.card.apdu import Command, Instruction
from services.card.applications import Application, JPKIFile
from services.card.dialogue import Dialogue
from services.card.pcsc import PCSCReader
from services.card.pcscd import READERS, environment, missing_for_pcscd, private_pcscd
from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents, Pin
from services.card.virtual.desk import DeskClient
from services.card.virtual.reader import VirtualReader
from services.card.virtual.store import save
from services.domain.card import CardFront
from services.domain.errors import CardMissing
from services.domain.password import Password, PasswordKind
from services.ports import CardChannel, CardReader

DIGEST: Final = bytes(32)
NOTICE_TIME_S: Final = 10.0
OPENSC_CALLS: Final = 7
USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
SELECT_FILE: Final = Command(
    0x00, Instruction.SELECT, 0x02, 0x0C, JPKIFile.USER_AUTHENTICATION_CERTIFICATE.to_bytes(2, "big")
)
ASK_TRIES: Final = Command(0x00, Instruction.VERIFY, 0x00, 0x80 | JPKIFile.USER_AUTHENTICATION_PIN)
SELECT_JPKI: Final = Command(0x00, Instruction.SELECT, 0x04, 0x0C, Application.JPKI.value)


@dataclass(frozen=True)
class Subject:
    """A card to measure with, what its holder knows, and its issuer: `authorise(kind, challenge)`."""

    contents: CardContents
    front: CardFront
    user_authentication: Password
    authorise: Callable[[PasswordKind, bytes], bytes]


@dataclass(frozen=True)
class Figure:
    """One row of the table: a median in milliseconds over `runs`, and how many commands one run has."""

    name: str
    where: str
    milliseconds: float
    runs: int
    commands: int = 1

    def __str__(self) -> str:
        commands = f"{self.commands:>4} APDUs" if self.commands > 1 else " " * 10
        return f"{self.name:<28} {self.where:<14} {self.milliseconds:>10.3f} ms {commands}  (median of {self.runs})"


class CountingChannel:
    """Counts commands."""

    def __init__(self, channel: CardChannel) -> None:
        self._channel = channel
        self.commands = 0

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See `CardChannel.transmit`."""
        self.commands += 1
        return self._channel.transmit(command)

    def close(self) -> None:
        """See `CardChannel.close`."""
        self._channel.close()


def measure(subject: Subject, *, runs: int = 200, sessions: int = 10) -> list[Figure]:
    """All figures; those through pcscd where this machine can run one."""
    folder = Path(tempfile.mkdtemp(prefix="bench"))
    try:
        card_file = folder / "card.json"
        save(subject.contents, card_file)
        figures = _in_process(subject, card_file, runs, sessions)
        if not missing_for_pcscd():
            figures += _through_pcscd(subject, folder, runs, sessions)
        return figures
    finally:
        shutil.rmtree(folder)


def _in_process(subject: Subject, card_file: Path, runs: int, sessions: int) -> list[Figure]:
    reader = VirtualReader()
    reader.insert(VirtualCard.from_file(card_file))
    return _figures(subject, reader, "in process", runs, sessions)


def _through_pcscd(subject: Subject, folder: Path, runs: int, sessions: int) -> list[Figure]:
    with private_pcscd(folder), _within(environment(folder)):
        DeskClient(folder).insert(0, folder / "card.json")
        reader = PCSCReader(READERS[0])
        try:
            _wait_for_card(reader)
            figures = _figures(subject, reader, "pcscd", runs, sessions)
            return figures + _opensc(runs)
        finally:
            reader.close()


def _figures(subject: Subject, reader: CardReader, where: str, runs: int, sessions: int) -> list[Figure]:
    return [
        *_single_commands(subject, reader, where, runs),
        _session("phone session", where, reader, sessions, lambda card: _phone_session(card, subject)),
        _session("kiosk reset", where, reader, sessions, lambda card: _kiosk_reset(card, subject)),
    ]


def _single_commands(subject: Subject, reader: CardReader, where: str, runs: int) -> Iterator[Figure]:
    channel = reader.connect()
    card = MyNumberCard(channel)
    card.verify(subject.user_authentication)
    dialogue = Dialogue(channel)
    key, info = 0x80 | JPKIFile.USER_AUTHENTICATION_KEY, bytes(51)
    for name, use in (
        ("SIGN RSA-2048", lambda: dialogue.sign(info, key)),
        ("READ BINARY 256", lambda: dialogue.read(0, 256)),
        ("VERIFY (tries left?)", lambda: dialogue.ask(ASK_TRIES)),
        ("SELECT application", lambda: dialogue.demand(SELECT_JPKI)),
    ):
        dialogue.demand(SELECT_FILE)
        yield Figure(name, where, _median_ms(use, runs), runs)
    channel.close()


def _session(
    name: str, where: str, reader: CardReader, sessions: int, session: Callable[[MyNumberCard], None]
) -> Figure:
    commands = 0

    def once() -> None:
        nonlocal commands
        channel = CountingChannel(reader.connect())
        session(MyNumberCard(channel))
        channel.close()
        commands = channel.commands

    milliseconds = _median_ms(once, sessions)
    return Figure(name, where, milliseconds, sessions, commands)


def _phone_session(card: MyNumberCard, subject: Subject) -> None:
    card.identify()
    card.verify_number_b(subject.front)
    card.card_face()
    card.sign_card_challenge(DIGEST)
    card.identity_certificate()
    card.verify(subject.user_authentication)
    card.sign(USER, DIGEST)


def _kiosk_reset(card: MyNumberCard, subject: Subject) -> None:
    new = Password(SIGNATURE, subject.contents.pins[Pin.SIGNATURE].value)  # the same again: every run is like the first
    card.identify()
    card.identity_certificate()
    card.verify(subject.user_authentication)
    card.sign(USER, DIGEST)
    card.reset(SIGNATURE, subject.authorise(SIGNATURE, card.get_challenge()), new)
    card.verify(new)
    card.certificate(SIGNATURE)
    card.sign(SIGNATURE, DIGEST)


def _opensc(runs: int) -> list[Figure]:
    """OpenSC's SELECT: many in one call less one in one call, so that its start is not counted.

    The quickest of several calls stands for each: the difference of two medians is lost in the noise of starting a program.
    """
    tool = shutil.which("opensc-tool")
    if tool is None:
        return []
    calls = [_opensc_seconds(tool, 1), _opensc_seconds(tool, runs + 1)]
    return [Figure("SELECT, opensc-tool", "pcscd", (calls[1] - calls[0]) * 1000 / runs, runs)]


def _opensc_seconds(tool: str, commands: int) -> float:
    words = [word for _ in range(commands) for word in ("--send-apdu", SELECT_JPKI.octets.hex())]
    times = []
    for _ in range(OPENSC_CALLS):
        begun = perf_counter()
        subprocess.run([tool, "--reader", READERS[0], *words], check=True, capture_output=True)  # noqa: S603  # our words
        times.append(perf_counter() - begun)
    return min(times)


def _median_ms(use: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        begun = perf_counter()
        use()
        times.append(perf_counter() - begun)
    return median(times) * 1000


def _wait_for_card(reader: CardReader) -> None:
    give_up = monotonic() + NOTICE_TIME_S
    while not reader.card_present():
        if monotonic() > give_up:
            raise CardMissing
        sleep(0.05)


@contextmanager
def _within(more: dict[str, str]) -> Iterator[None]:
    """The PC/SC library reads its socket's name from the environment, which child processes inherit."""
    before = {name: os.environ.get(name) for name in more}
    os.environ.update(more)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
