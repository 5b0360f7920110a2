"""A virtual resident on the phone: the resident pages and the companion, by the same forms as a browser.

Nothing is skipped and nothing is known that a person would not know: the resident looks at the pages, compares the fields with the
card, types the other password, and does what the screen asks before the camera.
"""

import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

from services.domain.liveness import Action
from services.domain.password import PasswordKind
from services.rehearsal.browser import Browser, PageUnexpected
from services.rehearsal.props import FRAME_MS, FRAMES_A_STEP, Props
from services.rehearsal.stage import COMPANION_SLOT, Stage
from services.rehearsal.telling import Telling

PATIENCE_S: Final = 90.0


class VirtualResident:
    """Somebody who forgot one password and knows the other."""

    def __init__(self, stage: Stage, props: Props, kind: PasswordKind, telling: Telling) -> None:
        self._stage = stage
        self._props = props
        self._kind = kind
        self._tell = telling
        self._browser = Browser()

    def reserve(self) -> str:
        """The phone's half of the main job; returns the deadline as the page prints it."""
        with closing(self._browser):
            for step in (self._choose, self._photograph, self._confirm, self._hold_card, self._show_face):
                step()
            return self._finish()

    def _choose(self) -> None:
        with self._tell.step("choose", "パスワードの種類を選び、利用規約に同意") as step:
            self._browser.get(self._stage.addresses.server + "/")
            self._browser.get("/reserve")
            self._browser.post("/reserve", {"kind": self._kind.value, "terms": "yes"})
            self._browser.expect("/front/guide")
            step.proven = self._kind.label

    def _photograph(self) -> None:
        with self._tell.step("card_front", "カード表面を撮影し、文字を読み取り") as step:
            self._browser.get("/front/picture")
            self._browser.post(
                "/front/picture", files={"picture": ("front.jpg", self._props.front_picture, "image/jpeg")}
            )
            until(lambda: self._answer("/front/status"), "the card front")
            step.proven = "生年月日・有効期限・セキュリティコードを確信をもって読めた"

    def _confirm(self) -> None:
        with self._tell.step("confirm", "読み取り結果をカードと見比べて確認") as step:
            self._browser.get("/front/confirm")
            if self._props.person.front.security_code not in self._browser.text:
                raise PageUnexpected("the security code on the page is not the card's")
            self._browser.submit("/front/confirm")
            self._browser.expect("/card")
            step.proven = "読み取った値はカードの印字と同じ"

    def _hold_card(self) -> None:
        other = self._kind.other
        with self._tell.step("card", f"カードを読み取り、{other.label}を入力") as step:
            self._stage.desk.insert(COMPANION_SLOT, self._props.card_file)
            self._browser.post("/card", {})
            self._browser.submit("/start")
            self._through_companion(self._props.passwords[other])
            self._stage.desk.remove(COMPANION_SLOT)
            until(lambda: self._answer("/card/return"), "the card")
            step.proven = "証明書・失効・署名・券面の署名・カードの真正性をサーバーが検証"

    def _through_companion(self, password: str) -> None:
        self._see("consent")
        self._browser.post("/visit/agree", {})
        self._see("placement")
        until(self._card_there, "the card on the reader")
        self._browser.post("/visit/next", {})
        self._wait_while("looking")
        self._see("password")
        self._browser.post("/visit/password", {"password": password})
        self._wait_while("reading")  # in the end it leads back to the server
        if "/visit" in self._browser.address:
            self._see("finished")  # says which screen it is, and which code
        self._browser.expect("/card/return")

    def _wait_while(self, screen: str) -> None:
        def ask() -> dict[str, Any]:
            shown = self._browser.json("GET", "/visit/status")["screen"]
            return {"state": "waiting" if shown == screen else "passed"}

        until(ask, "the card reader")
        self._browser.get("/visit")

    def _card_there(self) -> dict[str, Any]:
        # PC/SC notices a card within half a second; the page shows it, and a person waits for that.
        return {"state": "passed" if self._browser.json("GET", "/visit/status")["card"] == "present" else "waiting"}

    def _see(self, screen: str) -> None:
        shown = re.search(r'<main[^>]*data-screen="([^"]*)"(?:[^>]*data-code="([^"]*)")?', self._browser.text)
        if shown is None or shown.group(1) != screen:
            raise PageUnexpected(f"{shown.groups() if shown else self._browser.address} instead of {screen}")

    def _show_face(self) -> None:
        with self._tell.step("face", "指示された順に顔を動かし、カードの写真と照合") as step:
            self._browser.get("/face")
            self._browser.get("/face/capture")
            asked = self._browser.json("POST", "/face/start")
            order = []
            began_ms = 0
            while not asked["finished"]:
                order.append(str(asked["action"]))
                asked = self._act(asked, began_ms)
                began_ms += FRAMES_A_STEP * FRAME_MS
            self._browser.json("POST", "/face/judge")
            until(lambda: self._answer("/face/status"), "the face")
            step.proven = f"順序 {' → '.join(order)} のとおり動き、写真と一致"

    def _act(self, asked: Mapping[str, Any], began_ms: int) -> dict[str, Any]:
        frames = self._props.film[Action(asked["action"])]
        files = [("frame", (f"{number}.jpg", jpeg, "image/jpeg")) for number, jpeg in enumerate(frames)]
        times = [str(began_ms + number * FRAME_MS) for number in range(len(frames))]
        return self._browser.json(
            "POST", "/face/frames", data={"nonce": asked["nonce"], "captured_ms": times}, files=files
        )

    def _finish(self) -> str:
        with self._tell.step("reserved", "予約完了の画面を確認") as step:
            self._browser.get("/done")
            self._browser.expect("/done")
            deadline = printed_deadline(self._browser.text)
            self._browser.post("/done", {})
            if deadline not in self._browser.text:
                raise PageUnexpected("the home page does not show the deadline")
            step.proven = f"有効期限 {deadline}"
        return deadline

    def _answer(self, address: str) -> dict[str, Any]:
        return self._browser.json("GET", address)


def until(ask: Callable[[], dict[str, Any]], what: str) -> dict[str, Any]:
    """Polls as the page's script does, until the state is no longer `waiting`.

    Raises:
        PageUnexpected: it failed, with its code, or took too long.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = ask()
        if answer["state"] == "passed":
            return answer
        if answer["state"] != "waiting":
            raise PageUnexpected(f"{what}: {answer['state']} {answer.get('code')} {answer.get('reason')}")
        time.sleep(0.1)
    raise PageUnexpected(f"{what}: no answer within {PATIENCE_S:.0f} s")


def printed_deadline(text: str) -> str:
    """The deadline on a page, `YYYY/MM/DD HH:MM`."""
    found = re.search(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}", text)
    if found is None:
        raise PageUnexpected("the page shows no deadline")
    return found.group()
