"""`python -m kiosk` runs the terminal; `python -m kiosk enrol` makes its key and prints the public half.

The only place where the terminal's implementations are chosen.
"""

import json
import signal
import sys
import time
from datetime import timedelta

import httpx
import waitress

from kiosk.claiming import Bench
from kiosk.controller import Controller
from kiosk.crash import no_power_cut, power_cut_at
from kiosk.disk import Folder
from kiosk.inbox import Inbox
from kiosk.journal import Journal
from kiosk.limits import Limits
from kiosk.loop import Loop, OutboxThread
from kiosk.memory import guard_memory
from kiosk.outbox import Outbox
from kiosk.paper import PaperDesk, PaperThread
from kiosk.patience import Patience
from kiosk.printer import open_printer
from kiosk.reader import ReaderOwner, ReaderThread
from kiosk.screens import create_screens
from kiosk.server import KioskServer, Terminal
from kiosk.settings import KioskSettings
from kiosk.terminal_key import KeyUnusable, Seal, load, make, public_text
from services.card.readers import open_reader
from services.clock import SystemClock
from services.logs import configure_logs


def enrol(settings: KioskSettings) -> None:
    """Makes the terminal's key where there is none; one JSON line with id and public key, for `pinreset terminal enrol`."""
    key = make(settings.key_file)
    print(json.dumps({"terminal": settings.terminal_id, "public_key": public_text(key)}))  # noqa: T201


def run(settings: KioskSettings) -> None:
    """Runs the terminal until it is stopped."""
    key, clock, inbox = load(settings.key_file), SystemClock(), Inbox()
    configure_logs(settings.log_level)
    guard_memory()
    cut = no_power_cut if settings.crash_at is None else power_cut_at(settings.crash_at)
    journal = Journal(Folder(settings.journal), Seal(key), cut)
    journal.recover()
    with httpx.Client() as client:
        server = KioskServer(client, settings.server, Terminal(settings.terminal_id, key), clock)
        slot = open_reader(settings.reader, clock, rehearsal=settings.rehearsal)
        reader = ReaderThread(ReaderOwner(slot, inbox.post_from_reader))
        paper = PaperDesk(open_printer(settings.printer))
        bench = Bench(reader, server, journal, Patience(_sleep), cut, paper)
        loop = Loop(Controller(bench, inbox, clock, _limits(settings)), inbox)
        outbox = OutboxThread(Outbox(journal, server), timedelta(seconds=settings.resend_s))
        for part in (outbox, reader, loop, PaperThread(paper)):
            part.start()
        screens = create_screens(loop, settings, clock)
        # Waitress ends on SystemExit; the card is then powered down and nothing is left half sent.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        waitress.serve(screens, listen=settings.listen, threads=4, ident=None, clear_untrusted_proxy_headers=True)
        for part in (loop, reader, outbox):
            part.stop()


def _limits(settings: KioskSettings) -> Limits:
    return Limits(
        idle=timedelta(seconds=settings.idle_s),
        card_return=timedelta(seconds=settings.return_s),
        result=timedelta(seconds=settings.result_s),
    )


def _sleep(pause: timedelta) -> None:
    time.sleep(pause.total_seconds())


def main(arguments: list[str]) -> int:
    """The command line."""
    settings = KioskSettings()
    try:
        if arguments == ["enrol"]:
            enrol(settings)
        elif arguments:
            print("usage: python -m kiosk [enrol]", file=sys.stderr)  # noqa: T201
            return 2
        else:
            run(settings)
    except KeyUnusable as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
