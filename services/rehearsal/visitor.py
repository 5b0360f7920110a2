"""A virtual resident at the kiosk: touches what the screens offer, lays the card on, types, and takes the card again."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Final

from services.card.virtual.desk import Plan
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind
from services.rehearsal.browser import Browser, PageUnexpected
from services.rehearsal.props import Props
from services.rehearsal.stage import KIOSK_SLOT, Stage
from services.rehearsal.telling import Telling

PATIENCE_S: Final = 90.0
S = KioskState
_ENDED: Final = (S.DONE, S.FAILED, S.REMOVE_CARD, S.THANKS)
_CARD_WANTED: Final = (S.PLACE_CARD, S.RETURN_CARD)


def _unwatched(_: KioskState) -> None:
    """Nobody looks over the visitor's shoulder."""


class VirtualVisitor:
    """Somebody with a reservation, the card, and the other password."""

    def __init__(  # noqa: PLR0913  # who it is, and what happens to them
        self,
        stage: Stage,
        props: Props,
        kind: PasswordKind,
        telling: Telling,
        *,
        misfortunes: Sequence[Plan] = (),
        seen: Callable[[KioskState], None] = _unwatched,
    ) -> None:
        """`misfortunes` befall the card that is laid on first; `seen` is told at every look at the screen."""
        self._stage = stage
        self._props = props
        self._kind = kind
        self._tell = telling
        self._misfortunes = misfortunes
        self._seen = seen
        self._browser = Browser()

    def reset(self) -> None:
        """The kiosk's half of the main job, from the first touch until the card is taken."""
        with closing(self):
            self.begin()
            self.identify()
            self.set_password()
            self.leave()

    def close(self) -> None:
        """Goes away."""
        self._browser.close()

    def begin(self) -> None:
        """To the screen that asks for the card."""
        with self._tell.step("kiosk_menu", "行政サービス → マイナンバーカードパスワード初期化予約 → 種類") as step:
            self._browser.get(self._stage.addresses.kiosk + "/")
            self.await_state(S.IDLE)
            for address, fields, then in (
                ("/touch", {}, S.SERVICES),
                ("/service", {}, S.KIND),
                ("/kind", {"kind": self._kind.value}, S.TERMS),
                ("/agree", {}, S.PLACE_CARD),
            ):
                self._post(address, **fields)
                self.await_state(then)
            step.proven = self._kind.label

    def identify(self) -> None:
        """Lays the card on and types the other password; the server claims the reservation."""
        other = self._kind.other
        with self._tell.step("kiosk_claim", f"カードを置き、{other.label}を入力") as step:
            self._stage.desk.insert(KIOSK_SLOT, self._props.card_file, self._misfortunes)
            shown = self.await_state(S.OTHER_PASSWORD)
            tries = shown["tries_left"]
            self._post("/password", password=self._props.passwords[other])
            shown = self.await_state(S.FOUND)
            step.proven = f"残り{tries}回と表示。予約はこの端末が確保、有効期限 {shown['deadline']}"

    def set_password(self) -> None:
        """Types the new password twice; the card is changed and proves it."""
        with self._tell.step("kiosk_reset", "新しいパスワードを2回入力し、カードに設定") as step:
            self.type_new_password()
            self.await_state(S.DONE)
            step.proven = "新しいパスワードで守られた鍵の署名をサーバーが検証"

    def type_new_password(self) -> None:
        """Both entries and the last yes; the terminal then works by itself."""
        new = self._props.new_passwords[self._kind]
        self._post("/go_on")
        for shown in (S.NEW_PASSWORD, S.NEW_PASSWORD_AGAIN):
            self.await_state(shown)
            self._post("/password", password=new)
        self.await_state(S.CONFIRM)
        self._post("/go_on")

    def leave(self) -> None:
        """Takes the card; the terminal is ready for the next person."""
        with self._tell.step("kiosk_end", "カードを取り、端末は最初の画面へ") as step:
            self._post("/finish")
            self.await_state(S.REMOVE_CARD)
            self._stage.desk.remove(KIOSK_SLOT)
            self.await_state(S.THANKS)
            self._post("/finish")
            self.await_state(S.IDLE)
            step.proven = "入力は消去済み"

    def abandon(self) -> None:
        """Takes the card and ends whatever is on the screen, until the terminal is ready for the next person."""
        self._stage.desk.remove(KIOSK_SLOT)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            shown = S(self._browser.json("GET", "/state")["state"])
            if shown in (S.IDLE, S.CLOSED):
                return
            self._post("/finish" if shown in _ENDED else "/cancel")
            time.sleep(0.05)
        raise PageUnexpected("the kiosk does not come back to its first screen")

    def await_state(self, wanted: KioskState) -> dict[str, Any]:
        """Watches the screen as the page's script does; a card that fell out is put back where the screen asks for it.

        Raises:
            PageUnexpected: the terminal failed, with its code, or took too long.
        """
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            shown = self._browser.json("GET", "/state")
            self._seen(S(shown["state"]))
            if shown["state"] == wanted:
                return shown
            if shown["state"] in _CARD_WANTED and self._fell_out():
                self._stage.desk.insert(KIOSK_SLOT, self._props.card_file)
            if shown["state"] == S.FAILED:
                raise PageUnexpected(f"the kiosk failed with {shown['code']} while {wanted.value} was awaited")
            time.sleep(0.05)
        raise PageUnexpected(f"the kiosk shows {shown['state']} {shown['code'] or ''} instead of {wanted.value}")

    def _fell_out(self) -> bool:
        slot = self._stage.desk.status()[KIOSK_SLOT]
        return slot["card"] is None and slot["instructions"] != ""

    def _post(self, address: str, **fields: str) -> None:
        step = self._browser.json("GET", "/state")["step"]
        self._browser.post(address, {"step": step, **fields})
