"""Faults of ours in the companion's log: names and places only, for a message may quote what the resident typed."""

import secrets
import traceback

import structlog

log = structlog.get_logger()


def report(fault: BaseException) -> str:
    """Writes the fault down; returns its incident number."""
    incident = secrets.token_hex(6)
    frames = traceback.extract_tb(fault.__traceback__)[-8:]
    trace = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    log.error("unexpected", incident=incident, error=type(fault).__qualname__, trace=trace)
    return incident
