"""The disk that takes the log is full: the terminal goes on without its log."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import structlog
from services.logs import configure_logs
configure_logs()
structlog.get_logger().error("kiosk_fault")
print("goes on")
"""


def test_a_log_that_cannot_be_written_ends_nothing():
    with Path("/dev/full").open("w") as full:  # full(4): every write fails with ENOSPC
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=full, env=os.environ, check=False
        )
    assert b"goes on\n" == done.stdout
