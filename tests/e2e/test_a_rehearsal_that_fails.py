"""A rehearsal that breaks off says what failed, ends with its summary as JSON, and with status 1."""

import io
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.domain.errors import ModelMissing
from services.rehearsal.browser import PageUnexpected
from services.rehearsal.demo import summary, told_when_it_fails
from services.rehearsal.front_drawing import FontMissing
from services.rehearsal.processes import ProgramFailed
from services.rehearsal.proof import Proof
from services.rehearsal.telling import Telling

LOGS = Path("stage/logs")
FAULTS = [
    PageUnexpected("/front instead of /card"),
    ProgramFailed("server ended with status 1:\nTraceback\nmore"),
    FontMissing("ipam.ttf is absent"),
    ModelMissing(model="sface"),
    httpx.ConnectError("refused"),
    httpx.ReadTimeout(""),
]


def told(fault: Exception) -> tuple[list[str], int]:
    telling = Telling(io.StringIO())

    def rehearse() -> None:
        with telling.step("scenery", "準備"):
            pass
        with telling.step("start", "起動"):
            raise fault

    with pytest.raises(SystemExit) as ended, told_when_it_fails(telling, LOGS, 0.0):
        rehearse()
    return telling.out.getvalue().splitlines(), ended.value.code


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_failure_ends_with_the_summary_and_status_one(fault: Exception) -> None:
    lines, status = told(fault)
    last = json.loads(lines[-1])
    assert (status, last["main_job"], last["evidence_verified"]) == (1, "failed", False)
    assert ["scenery"] == [step["name"] for step in last["steps"]]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_one_line_says_what_failed_and_where_the_logs_are(fault: Exception) -> None:
    lines, _ = told(fault)
    assert len(lines) == 4  # the step that held, the one that did not, what failed, the summary
    parts = (type(fault).__name__, str(fault).partition("\n")[0], str(LOGS))
    assert [part in lines[2] for part in parts] == [True] * 3


def test_a_mistake_in_our_own_code_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        told(KeyError("ours"))


@pytest.mark.parametrize(("completed", "word"), [(True, "completed"), (False, "failed")])
def test_the_summary_says_what_the_proof_says(*, completed: bool, word: str) -> None:
    last = json.loads(summary(Telling(io.StringIO()), Proof(completed, evidence_verified=True, facts=()), 0.0))
    assert (last["main_job"], last["evidence_verified"]) == (word, True)


@pytest.mark.models
def test_the_command_itself_fails_that_way(tmp_path: Path) -> None:
    blank = tmp_path / "blank.png"
    blank.write_bytes(b"not a picture")
    arguments = ["--once", "--without-pcsc", "--directory", str(tmp_path / "stage"), "--portrait", str(blank)]
    ended = subprocess.run(
        [sys.executable, "-m", "reset_app", "demo", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    last = json.loads(ended.stdout.splitlines()[-1])
    assert (ended.returncode, last["main_job"], "FormatNotAccepted" in ended.stdout) == (1, "failed", True)
    assert "Traceback" not in ended.stderr
    assert ["scenery"] == [step["name"] for step in last["steps"]]
