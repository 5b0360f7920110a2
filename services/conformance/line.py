"""The scripted server on a real port: delivers what the referee says, hangs up, holds answers back, and pads them without end."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from services.conformance.referee import Referee
from services.conformance.replies import Reply
from services.conformance.requests import Request

LARGEST_BODY: Final = 400_000
HOLD_S: Final = 45.0  # longer than a terminal waits for an answer
_CHUNK: Final = b" " * 65_536


@contextmanager
def serving(referee: Referee, listen: str) -> Iterator[str]:
    """The referee at this address until the end of the block."""
    host, _, port = listen.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), _handler(referee))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(referee: Referee) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()  # the referee judges one request after another

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = self.headers.get("Content-Length", "0")
            body = self.rfile.read(min(int(length), LARGEST_BODY)) if length.isdecimal() else b""
            with lock:
                reply = referee.handle(Request(self.command, self.path, list(self.headers.items()), body))
            if reply.hold:
                time.sleep(HOLD_S)
            if not reply.cut:
                self._deliver(reply)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  # http.server's names

        def _deliver(self, reply: Reply) -> None:
            try:
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body) + reply.padding)}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
                for _ in range(reply.padding // len(_CHUNK)):
                    self.wfile.write(_CHUNK)
            except OSError:
                return  # it hung up, which is what an answer without an end deserves
            if reply.padding:
                referee.notes.append("read to the end")

        def log_message(self, *_: object) -> None:
            """Nothing: an address or a header must not reach a terminal's log by way of ours."""

    return Handler
