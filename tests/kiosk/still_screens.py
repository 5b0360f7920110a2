"""Screens one after another on one page of a browser, without their scripts: for what can be seen of them standing still.

A page load for each takes ten times as long, and there are hundreds of screens, languages and presentations.
"""

from pathlib import Path

from kiosk_world import NOW
from screen_gallery import GALLERY, ScriptedFront

from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from services.clock import ManualClock

STATIC = Path(__file__).parents[2] / "kiosk" / "static"
ADDRESS = "http://terminal.test/"
SIZES = {"portrait": (1080, 1920), "landscape": (1280, 1024)}
SETTINGS = KioskSettings(rehearsal=True, reader="socket:x", store_name="練習ストア 見本駅前店")
MISFITS = (Path(__file__).parent / "misfits.js").read_text(encoding="utf-8")
LEAST = {"least": 56, "leastKey": 72}
PUT = """(html) => {
    const next = new DOMParser().parseFromString(html, "text/html");
    document.documentElement.lang = next.documentElement.lang;
    document.body.replaceWith(next.body);
    document.querySelector("[data-countdown]")?.toggleAttribute("hidden", !SOON);
}"""


class StillScreens:
    """One page. The terminal's own application renders; its style sheets come from the terminal's folder."""

    def __init__(self, browser) -> None:
        self._front = ScriptedFront(GALLERY["01-attract"])
        self._client = create_screens(self._front, SETTINGS, ManualClock(NOW)).test_client()
        self._context = browser.new_context()
        self.page = self._context.new_page()
        self.page.route("**/*", self._answer)
        self.page.goto(ADDRESS)

    def show(self, name: str, screen) -> None:
        """This screen in place of the last."""
        self._front.screen = screen
        html = self._client.get("/").get_data(as_text=True)
        self.page.evaluate(PUT.replace("SOON", "true" if name == "28-idle-warning" else "false"), html)
        if name == "59-languages":
            self.page.evaluate("document.querySelector('#languages').showPopover()")

    def misfits(self, size: str, *, low: bool = False) -> list[str]:
        """What does not fit on a glass of this size."""
        self._resize(size)
        return self.page.evaluate(MISFITS, {**LEAST, "low": low})

    def picture(self, name: str, screen, size: str) -> bytes:
        """The screen as a PNG file."""
        self._resize(size)
        self.show(name, screen)
        return self.page.screenshot(animations="disabled")

    def close(self) -> None:
        self._context.close()

    def _resize(self, size: str) -> None:
        width, height = SIZES[size]
        if self.page.viewport_size != {"width": width, "height": height}:
            self.page.set_viewport_size({"width": width, "height": height})

    def _answer(self, route) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path.endswith(".js"):
            route.fulfill(content_type="text/javascript", body="")
        elif path.startswith("static/"):
            route.fulfill(path=STATIC / path.removeprefix("static/"))
        else:
            answer = self._client.get("/" + path)
            route.fulfill(content_type="text/html", body=answer.get_data(as_text=True))
