"""An application on a real loopback port, served by the server that kiosk, companion and issuer use."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from wsgiref.types import WSGIApplication

import waitress
from waitress import wasyncore


@contextmanager
def served(app: WSGIApplication, port: int = 0, *, largest_body: int = 1 << 26) -> Iterator[str]:
    """Gives the address; port 0 is any that is free. Whoever is still connected at the end is cut off."""
    sockets: dict = {}
    server = waitress.create_server(
        app, map=sockets, host="127.0.0.1", port=port, threads=8, max_request_body_size=largest_body
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # The loop may wake by itself and close its end before ours is written to: closed is closed.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
        thread.join(10)
        server.task_dispatcher.shutdown(timeout=10)
