"""`python -m kiosk` runs the terminal; `enrol` brings its key to the server, with a code from standard input; `build` names it.

The only place where the terminal's implementations are chosen.
"""

import signal
import sys
import time
from datetime import timedelta
from functools import partial
from typing import Final

import httpx
import structlog
import waitress
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from kiosk.build import build_id
from kiosk.claiming import Bench
from kiosk.closed import ClosedReason
from kiosk.controller import Controller
from kiosk.crash import no_power_cut, power_cut_at
from kiosk.disk import Folder
from kiosk.health import health
from kiosk.heartbeat import Heartbeat
from kiosk.hours import Hours
from kiosk.identity import Identity, IdentityUnusable, save
from kiosk.identity import load as load_identity
from kiosk.inbox import Inbox
from kiosk.journal import Journal
from kiosk.limits import Limits
from kiosk.line import Line
from kiosk.loop import Loop, Repeating
from kiosk.outbox import Outbox
from kiosk.paper import PaperDesk, PaperThread
from kiosk.patience import Patience
from kiosk.policy import PolicyKeeper
from kiosk.printer import open_printer
from kiosk.reader import ReaderOwner, ReaderThread
from kiosk.screens import create_screens
from kiosk.selftest import SelfTest
from kiosk.server import KioskServer, Terminal
from kiosk.settings import KioskSettings
from kiosk.speech.recordings import Recordings
from kiosk.speech.voice import SILENCE, Espeak, Voice
from kiosk.terminal_key import KeyUnusable, Seal, load, make
from kiosk.unenrolled import ClosedFront, end_when_enrolled
from services.card.readers import open_reader
from services.clock import SystemClock
from services.domain.errors import ResetError
from services.domain.terminal import Part, terminal_id_of
from services.logs import configure_logs
from services.memory import guard_memory
from services.ports import Printer

LOOK: Final = timedelta(seconds=1)  # how often the hours and the policy's age are looked at

log = structlog.get_logger(__name__)


def enrol(settings: KioskSettings, code: str) -> None:
    """Makes the terminal's key where there is none, and brings it to the server with the one-time code."""
    key = make(settings.key_file)
    name = Terminal(terminal_id_of(key.public_key().public_bytes_raw()), key)
    with httpx.Client(transport=Line()) as client:
        identity = KioskServer(client, settings.server, name, SystemClock()).enrol(code, build_id())
    save(identity, settings.identity_file)
    print(identity.terminal_id)  # noqa: T201


def run(settings: KioskSettings) -> None:
    """Runs the terminal until it is stopped; without key or identity, only the page that says that it is closed."""
    configure_logs(settings.log_level)
    # Waitress ends on SystemExit; the card is then powered down and nothing is left half sent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        key, identity = load(settings.key_file), load_identity(settings.identity_file)
    except (KeyUnusable, IdentityUnusable) as missing:
        log.error("not_enrolled", why=str(missing))  # noqa: TRY400  # the message says everything
        stay_closed(settings)
    else:
        serve(settings, key, identity)


def stay_closed(settings: KioskSettings) -> None:
    """Shows that the terminal is not enrolled, and ends when it is."""
    enrolled = Repeating("enrolment", partial(end_when_enrolled, settings.key_file, settings.identity_file), LOOK)
    enrolled.start()
    _show(create_screens(ClosedFront(ClosedReason.NOT_ENROLLED), settings, SystemClock()), settings)
    enrolled.stop()


def serve(settings: KioskSettings, key: Ed25519PrivateKey, identity: Identity) -> None:
    """Serves one person after another."""
    clock, inbox = SystemClock(), Inbox()
    guarded = guard_memory()
    (log.info if guarded.whole else log.warning)("memory_guard", **vars(guarded))
    cut = no_power_cut if settings.crash_at is None else power_cut_at(settings.crash_at)
    journal = Journal(Folder(settings.journal), Seal(key), cut)
    journal.recover()
    with httpx.Client(transport=Line()) as client:
        server = KioskServer(client, settings.server, Terminal(identity.terminal_id, key), clock)
        slot = open_reader(settings.reader, clock, rehearsal=settings.rehearsal)
        owner = ReaderOwner(slot, inbox.post_from_reader)
        reader = ReaderThread(owner)
        printer = open_printer(settings.printer)
        paper = PaperDesk(printer)
        bench = Bench(reader, server, journal, Patience(_sleep), cut, paper)
        loop = Loop(Controller(bench, inbox, clock, _limits(settings)), inbox)
        outbox = Repeating("outbox", Outbox(journal, server).send, timedelta(seconds=settings.resend_s))
        heartbeat = _heartbeat(settings, identity, server, inbox, owner, journal, printer)
        heartbeat.begin()
        beating = Repeating("heartbeat", heartbeat.attend, LOOK)
        deciding = Repeating("duty", heartbeat.decide, LOOK)
        for part in (outbox, reader, loop, PaperThread(paper), beating, deciding):
            part.start()
        screens = create_screens(loop, settings, clock, _voice(settings))
        screens.register_blueprint(health(heartbeat, settings.health_key))
        _show(screens, settings)
        for part in (deciding, beating, loop, reader, outbox):
            part.stop()


def _show(screens: Flask, settings: KioskSettings) -> None:
    waitress.serve(screens, listen=settings.listen, threads=4, ident=None, clear_untrusted_proxy_headers=True)


def _heartbeat(  # noqa: PLR0913, PLR0917  # everything that a terminal tells of
    settings: KioskSettings,
    identity: Identity,
    server: KioskServer,
    inbox: Inbox,
    owner: ReaderOwner,
    journal: Journal,
    printer: Printer,
) -> Heartbeat:
    disk = Folder(settings.state)  # often, but not always, on the journal's disk
    daily = settings.maintenance
    return Heartbeat(
        server=server,
        selftest=SelfTest(
            build=build_id(),
            folder=settings.journal,
            disks=(disk, Folder(settings.journal)),
            journal=journal,
            reader=lambda: Part.ABSENT if owner.lost else Part.PRESENT,
            printer=printer,
        ),
        keeper=PolicyKeeper(identity.policy_key, disk),
        inbox=inbox,
        clock=SystemClock(),
        identity=identity,
        hours=Hours.parse(settings.hours),
        daily_maintenance=None if daily is None else Hours.parse(daily),
    )


def _limits(settings: KioskSettings) -> Limits:
    return Limits(
        idle=timedelta(seconds=settings.idle_s),
        card_return=timedelta(seconds=settings.return_s),
        result=timedelta(seconds=settings.result_s),
    )


def _voice(settings: KioskSettings) -> Voice:
    return SILENCE if settings.headphones is None else Espeak(settings.headphones, Recordings(settings.speech_dir))


def _sleep(pause: timedelta) -> None:
    time.sleep(pause.total_seconds())


def main(arguments: list[str]) -> int:
    """The command line."""
    settings = KioskSettings()
    try:
        match arguments:
            case []:
                run(settings)
            case ["enrol"]:
                # From standard input: what is typed behind a command is seen by every process and kept by the shell.
                print("code from the console:", file=sys.stderr)  # noqa: T201
                enrol(settings, sys.stdin.readline().strip())
            case ["build"]:
                print(build_id())  # noqa: T201
            case _:
                print("usage: python -m kiosk [enrol | build]", file=sys.stderr)  # noqa: T201
                return 2
    except (KeyUnusable, IdentityUnusable, ResetError) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
