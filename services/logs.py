"""Structured logs: constant event names with fields, one JSON object a line, secrets masked by name and by form.

The mask is the last line, not the first: nothing that is secret is given to a logger in the first place.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final, TextIO, cast

import structlog

_SECRET_NAMES: Final = re.compile(
    r"pin|pass(word)?|secret|token|nonce|cookie|authorization|number_b|photo|frame", re.IGNORECASE
)
_MY_NUMBER: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
MASK: Final = "•••"


def configure_logs(level: str = "INFO") -> None:
    """Sets structlog and the standard library up for this process, to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Forgiving(sys.stderr))),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr, force=True)
    # The client library logs every URL at INFO; ours carry ids only, yet a log is no place for them.
    logging.getLogger("httpx").setLevel(logging.WARNING)


class _Forgiving:
    """A stream that is written to where it can be: a full disk costs the log's lines, never the work that they tell of."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks fields that are secret by name, and anything that looks like a My Number."""
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = MASK
        elif isinstance(value, str):
            event[name] = _MY_NUMBER.sub(MASK, value)
        elif isinstance(value, bytes | bytearray):
            event[name] = f"<{len(value)} bytes>"
    return event
