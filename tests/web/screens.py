"""A real server, a real Chromium at phone size, and what is asked of every page: no axe violation, no console error, reflow.

Screenshots go to `docs/screens` when `PINRESET_SCREENS=docs`, otherwise to the test's own folder, so that a test run leaves the
repository as it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 412, "height": 915}
DESK = {"width": 1280, "height": 800}
SMALLEST_TARGET = 24  # CSS pixels, WCAG 2.2 criterion 2.5.8; our own buttons are 48 and more
COLOURS = 128
EXPECTED = ("status of 422", "status of 503")
LONGEST_SHOT = 2600  # pixels; of a longer page the first screen is enough


def need(*paths: Path) -> None:
    """Skips where something that set-up fetches is absent."""
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"absent: {', '.join(missing)}; run `make setup`")


def picture_folder(tmp_path: Path, name: str) -> Path:
    """Where the screenshots go."""
    folder = ROOT / "docs" / "screens" / name if os.environ.get("PINRESET_SCREENS") == "docs" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def chromium(camera: Path | None, **context) -> Iterator[BrowserContext]:
    """A browser with this picture or film for its camera."""
    arguments = []
    if camera is not None:
        arguments = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        try:
            yield browser.new_context(locale="ja-JP", **context)
        finally:
            browser.close()


@dataclass
class Inspector:
    """Looks at pages: takes their picture and collects what is wrong with them."""

    folder: Path
    wrong: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Collects script errors and whatever the content security policy stops."""
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("console", lambda told: told.type == "error" and self._note(told.text))

    def _note(self, text: str) -> None:
        # Chromium also reports a form that came back with its faults, and a full queue, which is as it should be.
        if not any(status in text for status in EXPECTED):
            self.wrong.append(f"console: {text}")

    def look(self, page: Page, name: str) -> None:
        """One page: picture, axe, reflow, targets."""
        height = page.evaluate("document.documentElement.scrollHeight")
        whole = height <= LONGEST_SHOT
        shot = Image.open(BytesIO(page.screenshot(full_page=whole, animations="disabled")))
        shot.convert("RGB").quantize(COLOURS).save(self.folder / f"{name}.png", optimize=True)
        self.wrong += [f"{name}: {fault}" for fault in (*_axe(page), *_layout(page))]


def _axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"axe {fault['id']} {fault['nodes'][0]['html']}" for fault in found["violations"]]


def _layout(page: Page) -> list[str]:
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    faults = page.evaluate(
        """least => {
          const wide = document.documentElement.scrollWidth > 320 ? ["wider than 320 px"] : [];
          const small = [...document.querySelectorAll("a, button, input, select, summary")]
            .filter((target) => target.checkVisibility() && !target.closest(".skip"))
            .filter((target) => !(target.matches("a") && getComputedStyle(target).display === "inline"))
            .filter((target) => { const box = target.getBoundingClientRect(); return Math.min(box.width, box.height) < least; })
            .map((target) => `small target ${target.outerHTML.slice(0, 80)}`);
          return [...wide, ...small];
        }""",
        SMALLEST_TARGET,
    )
    page.set_viewport_size(size)
    return faults
