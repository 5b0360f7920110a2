"""`python -m reset_app.companion`: one process on loopback, with the reader in a thread of its own."""

import signal
import sys
from types import FrameType

import structlog
import waitress

from reset_app.companion.app import create_companion
from reset_app.companion.flow import Flow
from reset_app.companion.reader_thread import ReaderThread
from reset_app.companion.server import Server, client
from reset_app.companion.settings import LOOPBACK, CompanionSettings
from services.card.readers import open_reader
from services.clock import SystemClock
from services.logs import configure_logs

log = structlog.get_logger()


def main() -> None:
    """Serves until it is told to stop."""
    settings = CompanionSettings()
    configure_logs(settings.log_level)
    # Whether this is a rehearsal is the server's to say, with each task; the flow refuses a virtual reader then.
    reader = ReaderThread(open_reader(settings.reader, SystemClock(), rehearsal=True), trace=settings.trace)
    app = create_companion(settings, Flow(reader, Server(client())))
    signal.signal(signal.SIGTERM, _end)
    log.info("companion_started", address=settings.origin, servers=list(settings.servers), reader=settings.reader)
    try:
        # Loopback only, and no access log: what is asked of this program is nobody's business.
        waitress.serve(app, host=LOOPBACK, port=settings.port, threads=6, ident=None, max_request_body_size=65_536)
    finally:
        reader.close()


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
