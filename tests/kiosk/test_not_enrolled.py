"""A terminal without an identity: it starts, says that it is closed, and ends once an operator has enrolled it."""

import re

import httpx
import pytest
from kiosk_world import S

from kiosk.closed import ClosedReason
from kiosk.identity import Identity, save
from kiosk.inbox import Happening
from kiosk.manner import Manner
from kiosk.terminal_key import make
from kiosk.unenrolled import ClosedFront
from services.domain.kiosk_session import KioskEvent
from services.domain.terminal import PlaceClass
from services.rehearsal.processes import Programs, free_port, python, wait_for_http

IDENTITY = Identity(terminal_id="t-1", policy_key=bytes(32), name="駅前店", store="", place=PlaceClass.STORE, cohort="")


@pytest.mark.enable_socket
def test_the_program_shows_that_it_is_closed_until_it_is_enrolled(tmp_path):
    address = f"127.0.0.1:{free_port(0)}"
    environment = {
        "KIOSK_LISTEN": address,
        "KIOSK_KEY_FILE": str(tmp_path / "terminal.key"),
        "KIOSK_IDENTITY_FILE": str(tmp_path / "identity.json"),
    }
    programs = Programs(tmp_path / "logs")
    try:
        kiosk = programs.start("kiosk", python("-m", "kiosk"), environment)
        wait_for_http(kiosk, f"http://{address}/")
        page = httpx.get(f"http://{address}/").text
        make(tmp_path / "terminal.key")
        save(IDENTITY, tmp_path / "identity.json")
        ended = kiosk.process.wait(30)
    finally:
        programs.stop_all()
    assert ("PR-7104", 0) == (re.search(r"PR-\d+", page)[0], ended)
    assert "python -m kiosk enrol" in kiosk.log.read_text(encoding="utf-8")


def test_its_one_screen_takes_a_language_and_no_other_touch():
    front = ClosedFront(ClosedReason.NOT_ENROLLED)
    chosen = Manner(language="vi")
    front.tell(Happening(KioskEvent.TOUCH, step=front.screen.step))
    front.tell(Happening(None, step="another", manner=Manner(language="en")))
    assert (S.CLOSED, "ja") == (front.screen.state, front.screen.manner.language)
    front.tell(Happening(None, step=front.screen.step, manner=chosen))
    assert (S.CLOSED, chosen) == (front.screen.state, front.screen.manner)
