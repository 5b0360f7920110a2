"""The kit's own port and slot with our terminal's own program: a process, a socket, a virtual reader, and hands on its screens."""

import os
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest

from services.card.virtual.socket_slot import serve_socket
from services.clock import SystemClock
from services.conformance.card import Passwords
from services.conformance.client_trial import ClientTrial, Told, try_client
from services.conformance.line import serving
from services.conformance.props import PRACTICE, make_props
from services.conformance.referee import Referee
from services.conformance.report import Outcome
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind
from services.rehearsal.browser import Browser
from services.rehearsal.processes import Programs, free_port, python, wait_for_http

pytestmark = [pytest.mark.enable_socket]

S = KioskState
# Those without a minute of patience in them.
QUICK = {f"C-{number:02}" for number in (1, 2, 3, 7, 9, 17, 18, 19, 20, 21, 22)}
PATIENCE_S = 60


class ScreenHand:
    """Touches the terminal's screens over HTTP, as its own browser does."""

    def __init__(self, kiosk: str, reader: Path) -> None:
        self._browser, self._kiosk, self._reader = Browser(), kiosk, reader

    def visit(self, card, passwords, new, *, stop=False) -> Told:
        self._browser.get(self._kiosk + "/")
        self._until(S.IDLE)
        for address, then in (
            ("/touch", S.SERVICES),
            ("/service", S.KIND),
            ("/kind", S.TERMS),
            ("/agree", S.PLACE_CARD),
        ):
            self._post(address, kind=passwords.kind.value)
            self._until(then)
        end, ready = threading.Event(), threading.Event()
        slot = threading.Thread(target=serve_socket, args=(card, self._reader, end, ready), daemon=True)
        slot.start()
        ready.wait(5)
        try:
            return self._served(passwords, new)
        finally:
            self._post("/finish")
            end.set()
            slot.join(5)

    def _served(self, passwords, new) -> Told:
        self._until(S.OTHER_PASSWORD)
        self._post("/password", password=passwords.values[passwords.kind.other])
        if self._until(S.FOUND, S.FAILED) is S.FAILED:
            return Told.FAILED
        self._post("/go_on")
        for shown in (S.NEW_PASSWORD, S.NEW_PASSWORD_AGAIN):
            self._until(shown)
            self._post("/password", password=new)
        self._until(S.CONFIRM)
        self._post("/go_on")
        return {S.DONE: Told.DONE, S.FAILED: Told.FAILED}[self._until(S.DONE, S.FAILED)]

    def close(self) -> None:
        self._browser.close()

    def wait(self) -> None:
        threading.Event().wait(3)

    def restart(self) -> bool:
        return False

    def _until(self, *wanted: KioskState) -> KioskState:
        for _ in range(PATIENCE_S * 10):
            shown = KioskState(self._browser.json("GET", "/state")["state"])
            if shown in wanted:
                return shown
            if shown is S.THANKS:
                self._post("/finish")
            threading.Event().wait(0.1)
        raise AssertionError(f"the terminal shows {shown}")

    def _post(self, address: str, **fields: str) -> None:
        step = self._browser.json("GET", "/state")["step"]
        self._browser.post(address, {"step": step, **fields})


def test_our_terminals_program_conforms(tmp_path):
    clock = SystemClock()
    props = make_props(tmp_path / "props", now=clock.now())
    port, own = free_port(0), f"127.0.0.1:{free_port(0)}"
    origin = f"http://127.0.0.1:{port}"
    referee = Referee(origin, "", b"", props.authority(clock), clock)
    environment = {
        "KIOSK_SERVER": origin,
        "KIOSK_LISTEN": own,
        "KIOSK_KEY_FILE": str(tmp_path / "terminal.key"),
        "KIOSK_IDENTITY_FILE": str(tmp_path / "identity.json"),
        "KIOSK_STATE": str(tmp_path / "state"),
        "KIOSK_HOURS": "00:00-24:00",
        "KIOSK_JOURNAL": str(tmp_path / "journal"),
        "KIOSK_READER": f"socket:{tmp_path / 'slot'}",
        "KIOSK_REHEARSAL": "true",
        "KIOSK_RESEND_S": "1",
    }
    programs = Programs(tmp_path / "logs")
    with serving(referee, f"127.0.0.1:{port}"):
        try:
            enrol = python("-m", "kiosk", "enrol")
            subprocess.run(enrol, input=b"ABCDE-FGHJK-MNPQR-STVWX\n", env={**os.environ, **environment}, check=True)
            wait_for_http(programs.start("kiosk", python("-m", "kiosk"), environment), f"http://{own}")
            hand = ScreenHand(f"http://{own}", tmp_path / "slot")
            kind = PasswordKind.SIGNATURE
            trial = ClientTrial(referee, hand, props.contents, Passwords(kind, dict(PRACTICE)))
            with closing(hand):
                found = list(try_client(trial, only=QUICK))
        finally:
            programs.stop_all()
    assert {one.requirement.number: one.why for one in found if one.outcome is not Outcome.PASSED} == {}
    assert len(found) == len(QUICK)
