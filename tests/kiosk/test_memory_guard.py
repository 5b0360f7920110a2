"""A terminal's memory is not for dumps, debuggers and swap. In a process of its own: what is given up cannot be taken back."""

import json
import subprocess
import sys

import pytest

GUARDED = """
import json, resource
from pathlib import Path
from services.memory import guard_memory
granted = guard_memory()
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
core = resource.getrlimit(resource.RLIMIT_CORE)
print(json.dumps({"granted": vars(granted), "core": core, "locked": int(status["VmLck"].split()[0])}))
"""
DUMPED = """
import ctypes
from services.memory import guard_memory
guard_memory()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
LIMITED = """
import os, resource
resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))
os.geteuid = lambda: 1000
"""
READER = """
import ctypes, os, runpy, sys
ours, theirs = os.pipe()
os.close(theirs)
sys.argv = ["owner", str(ours), "no reader"]
runpy.run_module("services.card.pcsc_owner", run_name="__main__")  # until its pipe is closed, which it is
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="prctl and mlockall are Linux's")


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_there_is_no_core_file():
    told = json.loads(run(GUARDED))
    assert ([0, 0], True) == (told["core"], told["granted"]["no_core"])


def test_no_other_process_of_this_user_may_look_in():
    assert "0" == run(DUMPED)


def test_the_process_that_owns_the_reader_is_guarded_as_well():
    assert "0" == run(READER)


def test_memory_is_locked_exactly_where_it_is_said_to_be():
    told = json.loads(run(GUARDED))
    assert told["granted"]["no_swap"] == (told["locked"] > 0)


def test_a_small_limit_is_no_promise_that_fails_in_a_session():
    told = json.loads(run(LIMITED + GUARDED))
    assert (False, 0) == (told["granted"]["no_swap"], told["locked"])
