"""Every screen in every language at both sizes of terminal: no text is cut or lies on another, a finger hits every target."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from screen_gallery import GALLERY
from still_screens import SIZES, StillScreens

from kiosk.manner import PLAIN, Manner
from services.languages import LANGUAGES

CHROMIUM = Path("/usr/bin/chromium")
# The longest words, the most words, the highest letters; colours change no size.
TRYING = ("ja", "vi", "tl", "es", "my")
MANNERS = {
    "large": Manner(large=True),
    "low": Manner(low=True),
    "everything": Manner(large=True, contrast=True, slow=True, low=True, voice=True, shuffled=True),
}
BROKEN = {"h1": "height: 20px; overflow: hidden", ".facts": "translate: 0 -200px", ".go": "translate: -100px"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def screens():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        still = StillScreens(chromium)
        yield still
        still.close()
        chromium.close()


def troubles(screens: StillScreens, size: str, manner: Manner) -> list[str]:
    found = []
    for name, screen in GALLERY.items():
        if screen.manner not in (PLAIN, Manner(shuffled=True)):
            continue
        screens.show(name, replace(screen, manner=manner))
        low = manner.low and name != "59-languages"
        found += [f"{name} {manner}: {one}" for one in screens.misfits(size, low=low)]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_fits_in_every_language(screens, size, language):
    found = troubles(screens, size, Manner(language=language))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("size", SIZES)
def test_every_presentation_fits_in_the_languages_that_need_most_room(screens, size, manner):
    chosen = [replace(MANNERS[manner], language=language) for language in TRYING]
    found = [one for each in chosen for one in troubles(screens, size, each)]
    assert not found, "\n".join(found)


def test_a_text_that_is_cut_is_seen(screens):
    screens.show("45-failed-doubt", GALLERY["45-failed-doubt"])
    for part, style in BROKEN.items():
        screens.page.evaluate(
            "([part, style]) => { document.querySelector(part).style.cssText = style; }", [part, style]
        )
    found = "\n".join(screens.misfits("portrait"))
    assert [True] * 3 == [sign in found for sign in ("too full", "lies on", "px at -")]
