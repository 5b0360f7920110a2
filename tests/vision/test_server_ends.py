"""However the web server ends, none of its processes is left behind; a check under way ends or is lost, and nobody pays for it."""

import os
import signal
from contextlib import closing, contextmanager, suppress
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from PIL import Image
from process_memory import children, ended

from services.domain.errors import CardFrontUnreadable
from services.domain.intake import CheckKind
from services.domain.password import PasswordKind
from services.rehearsal.stage import Stage
from services.storage.database import open_database
from services.storage.ledger import SQLLedger
from services.usecases.start_intake import token_hash

MODELS = Path(__file__).parents[2] / "var" / "models"

pytestmark = [
    pytest.mark.models,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not MODELS.is_dir(), reason="no models; run `make setup`"),
]


@pytest.fixture
def stage(tmp_path):
    made = Stage.build(tmp_path / "stage", pcsc=False)
    try:
        made.set_scenery()
        made.start_server()
        yield made
    finally:
        made.close()


def offspring(pid):
    """Every process below this one."""
    below = children(pid)
    return below + [deeper for child in below for deeper in offspring(child)]


def running(stage):
    """The server, its web process, and what is below that as soon as the pool has begun: a worker, multiprocessing's tracker."""
    server = stage.programs.running["server"].process.pid
    (web,) = children(server)
    while len(below := offspring(web)) < 2:
        os.sched_yield()
    return server, web, below


@contextmanager
def photographed(stage):
    """A browser that has just sent a picture of nothing."""
    origin, picture = stage.addresses.server, BytesIO()
    Image.new("RGB", (800, 600), "grey").save(picture, "JPEG")
    headers = {"Origin": origin, "Accept": "application/json"}
    with httpx.Client(base_url=origin, headers=headers, timeout=60) as client:
        client.post("/reserve", data={"kind": PasswordKind.SIGNATURE.value, "terms": "yes"})
        client.post("/front/picture", files={"picture": ("c.jpg", picture.getvalue(), "image/jpeg")})
        yield client


def answered(client):
    while (status := client.get("/front/status").json())["state"] == "waiting":
        os.sched_yield()
    return status["code"]


def failure(stage, token):
    database = open_database(stage.database_url)
    with closing(database), SQLLedger(database).begin() as unit:
        return unit.newest_check(unit.intake_by_token(token_hash(token)).id, CheckKind.FRONT).failure


def under_way(stage, web, below):
    """A check whose process stands still in the midst of it: the browser's token, and the process."""
    while True:
        with photographed(stage) as resident:
            while resident.get("/front/status").json()["state"] == "waiting":
                for judging in set(offspring(web)) - set(below):
                    with suppress(ProcessLookupError):  # it was faster
                        os.kill(judging, signal.SIGSTOP)
                        return resident.cookies["intake"], judging


def test_a_server_that_is_told_to_end_lets_a_check_under_way_end_and_leaves_no_process(stage):
    server, web, below = running(stage)
    with photographed(stage) as warming:
        assert CardFrontUnreadable.code == answered(warming)
    ending = [ended(pid) for pid in (web, *below)]
    token, judging = under_way(stage, web, below)
    os.kill(server, signal.SIGTERM)
    with suppress(ProcessLookupError):  # it had just ended when it was told to stand still
        os.kill(judging, signal.SIGCONT)
    assert [True] * len(ending) == [wait() for wait in ending]
    assert CardFrontUnreadable.code == failure(stage, token)


def test_a_server_that_is_killed_leaves_no_process(stage):
    server, web, below = running(stage)
    ending = [ended(pid) for pid in below]
    for pid in (server, web):
        os.kill(pid, signal.SIGKILL)
    assert [True] * len(ending) == [wait() for wait in ending]
