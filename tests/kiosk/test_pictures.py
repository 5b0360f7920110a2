"""Every screen in a real browser at both sizes of terminal: nothing is cut off, everything can be hit with a finger.

`KIOSK_PICTURES=docs/screens/kiosk pytest tests/kiosk/test_pictures.py` keeps the pictures.
"""

import os
import threading
from io import BytesIO
from pathlib import Path

import pytest
from kiosk_world import NOW
from PIL import Image
from playwright.sync_api import expect, sync_playwright
from screen_gallery import GALLERY, ScriptedFront
from waitress.server import create_server

from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from services.clock import ManualClock

SIZES = {"portrait": (1080, 1920), "landscape": (1280, 1024)}
CHROMIUM = Path("/usr/bin/chromium")
TARGETS = """() => [...document.querySelectorAll("button:not(:disabled), a, .sure, input[type=password]")]
    .filter((one) => one.offsetParent !== null)
    .map((one) => { const box = one.getBoundingClientRect();
        return [one.textContent.trim() || one.name, one.classList.contains("key"), box.width, box.height,
                box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight]; })"""
OVERFLOW = (
    "() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]"
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def shown():
    """The screens on a real port: `shown(screen)` gives the address."""
    front = ScriptedFront(GALLERY["01-idle"])
    settings = KioskSettings(rehearsal=True, reader="socket:x", store_name="練習ストア 見本駅前店")
    server = create_server(create_screens(front, settings, ManualClock(NOW)), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def show(screen) -> str:
        front.screen = screen
        return f"http://127.0.0.1:{server.effective_port}/"

    yield show
    server.close()
    thread.join(5)


@pytest.fixture(scope="module")
def browser(shown):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits_and_every_target_can_be_hit(browser, shown, size, tmp_path):
    folder = Path(os.environ.get("KIOSK_PICTURES", tmp_path))
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    troubles = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    for name, screen in GALLERY.items():
        page.goto("about:blank")  # else the last page would see the next screen, and go there by itself
        page.goto(shown(screen))
        if name == "26-idle-warning":
            page.locator("[data-countdown]").wait_for(state="visible")
        picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
        picture.quantize(48, dither=Image.Dither.NONE).save(folder / f"{name}-{size}.png", optimize=True)
        right, bottom = page.evaluate(OVERFLOW)
        if right > 0 or bottom > 0:
            troubles.append(f"{name} is {right} px too wide, {bottom} px too high")
        for text, is_key, across, down, inside in page.evaluate(TARGETS):
            least = 72 if is_key else 56
            if min(across, down) < least or not inside:
                troubles.append(f"{name}: {text} {across:.0f}×{down:.0f} inside={inside}")
    page.close()
    assert not troubles, "\n".join(troubles)


def test_what_is_typed_on_the_keys_is_masked_counted_and_wiped(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["11-new-password"]))
    for key in "KITTE7":
        page.locator(f"[data-key='{key}']").click()
    field = page.locator("input[name=password]")
    assert field.get_attribute("type") == "password"
    assert field.input_value() == "KITTE7"
    assert page.locator("[data-count]").text_content() == "6文字"
    page.locator("[data-back]").click()
    assert field.input_value() == "KITTE"
    page.locator("[data-show]").click()
    assert field.get_attribute("type") == "text"
    page.locator("[data-clear]").click()
    assert field.input_value() == ""
    page.close()


def test_what_was_typed_is_sent_and_then_gone_from_the_page(browser, shown):
    page = browser.new_page(viewport={"width": 1080, "height": 1920})
    page.goto(shown(GALLERY["14-new-password-digits"]))
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
