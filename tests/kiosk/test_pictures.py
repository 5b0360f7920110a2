"""Every screen in a real browser: no barrier that axe knows, and the scripts do what they are for.

`KIOSK_PICTURES=docs/screens/kiosk pytest tests/kiosk/test_pictures.py` keeps the pictures.
"""

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from kiosk_world import NOW, S
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from real_port import served
from screen_gallery import GALLERY, ScriptedFront
from still_screens import SETTINGS, SIZES, StillScreens

from kiosk.manner import PLAIN, Manner
from kiosk.screen import Screen
from kiosk.screens import create_screens
from services.clock import ManualClock

MANNERS = {"plain": PLAIN, "contrast": Manner(contrast=True)}
CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WORDIEST = ("35-failed-locked", "39-failed-not-my-number-card", "45-failed-doubt", "48-closed-suspended")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def shown():
    """The screens on a real port: `shown(screen)` gives the address."""
    front = ScriptedFront(GALLERY["01-attract"])
    with served(create_screens(front, SETTINGS, ManualClock(NOW))) as address:

        def show(screen) -> str:
            front.screen = screen
            return address

        yield show


@pytest.fixture(scope="module")
def browser(shown):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def watched(browser, size: str, troubles: list[str]):
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    return page


def open_screen(page, shown, name: str, screen) -> None:
    page.goto("about:blank")  # else the last page would see the next screen, and go there by itself
    page.goto(shown(screen))
    if name == "28-idle-warning":
        page.locator("[data-countdown]").wait_for(state="visible")
    if name == "59-languages":
        page.locator("[popovertarget]").click()


@pytest.mark.skipif("KIOSK_PICTURES" not in os.environ, reason="pictures are kept where KIOSK_PICTURES says")
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_is_pictured(browser, size):
    screens = StillScreens(browser)
    for name, screen in GALLERY.items():
        picture = Image.open(BytesIO(screens.picture(name, screen, size))).convert("RGB")
        file = Path(os.environ["KIOSK_PICTURES"]) / f"{name}-{size}.png"
        picture.quantize(48, dither=Image.Dither.NONE).save(file, optimize=True)
    screens.close()


def is_like_another(name: str, screen: Screen) -> bool:
    """Whether another screen is built the same; of failures the wordiest are enough."""
    return (screen.state in (S.FAILED, S.CLOSED) and name not in WORDIEST) or screen.manner != PLAIN


@pytest.mark.parametrize("manner", MANNERS)
def test_no_screen_has_a_barrier_that_axe_knows(browser, shown, manner):
    if not AXE.exists():
        pytest.skip("axe-core is not installed")
    troubles = []
    page = watched(browser, "portrait", troubles)
    for name, screen in GALLERY.items():
        if is_like_another(name, screen):
            continue
        open_screen(page, shown, name, replace(screen, manner=MANNERS[manner]))
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        troubles += [f"{name}: {fault['id']} {fault['nodes'][0]['html'][:120]}" for fault in found]
    page.close()
    assert not troubles, "\n".join(troubles)


def test_the_focus_follows_the_reading_order_and_ends_at_cancel_and_presentation(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["17-new-password-digits"]))
    seen = []
    for _ in range(22):
        seen.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        page.keyboard.press("Tab")
    page.close()
    assert ["password", *"123456789", "全部消す", "0", "1字消す"] == seen[:13]
    assert ["次へ", "中止する", "Language", "大きな文字"] == seen[15:19]


def test_no_touch_leaves_a_page_to_go_back_to(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["01-attract"]))
    before = page.evaluate("history.length")
    for _ in range(3):
        with page.expect_navigation():
            page.locator(".tile.big").click()
    assert before == page.evaluate("history.length")
    page.close()


def test_the_ticks_follow_what_is_typed(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["14-new-password"]))

    def met() -> list[str]:
        return page.evaluate("[...document.querySelectorAll('[data-rule].met')].map((one) => one.dataset.rule)")

    told = [met()]
    for keys in ("KITTE", "7"):
        for key in keys:
            page.locator(f"[data-key='{key}']").click()
        told.append(met())
    page.close()
    assert [[], ["letter"], ["length", "letter", "digit"]] == told


def test_a_warned_person_goes_on_with_one_touch(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["28-idle-warning"]))
    sent = []
    page.route("**/awake", lambda route: (sent.append(route.request.post_data), route.fulfill(status=204)))
    page.locator("[data-countdown]").click()
    page.wait_for_timeout(50)
    page.close()
    assert 1 == len(sent)


def test_what_is_typed_on_the_keys_is_masked_counted_and_wiped(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["14-new-password"]))
    for key in "KITTE7":
        page.locator(f"[data-key='{key}']").click()
    field = page.locator("input[name=password]")
    assert field.get_attribute("type") == "password"
    assert field.input_value() == "KITTE7"
    assert page.locator("[data-count]").text_content() == "6"
    page.locator("[data-back]").click()
    assert field.input_value() == "KITTE"
    page.locator("[data-show]").click()
    assert field.get_attribute("type") == "text"
    page.locator("[data-clear]").click()
    assert field.input_value() == ""
    page.close()


def test_what_was_typed_is_sent_and_then_gone_from_the_page(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["17-new-password-digits"]))
    for key in "8052":
        page.locator(f"[data-key='{key}']").click()
    sent = []

    def stay(route) -> None:
        sent.append(route.request.post_data)
        route.fulfill(status=204)  # No Content: the page stays as it is right after the touch

    page.route("**/password", stay)
    page.locator("button.go").click()
    expect(page.locator("input[name=password]")).to_have_value("")
    assert "password=8052" in sent[0]
    page.close()
