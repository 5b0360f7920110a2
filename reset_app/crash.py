"""Where a rehearsal can cut the server's power: before a kiosk's call is looked at, and after it is durable but not answered.

Between these two lies one database transaction, so there is nothing else that a power cut could tear apart.
"""

import os
import signal
from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.settings import CutAt

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class PowerCut:
    """WSGI middleware that kills the server, its parent and siblings included, at the named point."""

    def __init__(self, app: "WSGIApplication", cut: CutAt) -> None:
        self._app = app
        self._cut = cut

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        call = str(environ.get("PATH_INFO", "")).rpartition("/")[2]
        if call != self._cut.call:
            return self._app(environ, start_response)
        if self._cut.before:
            _die()
        answer = list(self._app(environ, start_response))
        _die()
        return answer


def _die() -> None:
    os.killpg(0, signal.SIGKILL)
