"""The 12-key pad in a real browser: the numbers on the page are the spoken ones, and a session goes by twelve keys alone."""

from dataclasses import replace

import pytest
from kiosk_world import NOW
from playwright.sync_api import sync_playwright
from real_port import served
from screen_gallery import GALLERY, ScriptedFront
from test_pictures import CHROMIUM

from kiosk.manner import Manner
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from kiosk.speech.narrator import shown_of
from kiosk.speech.reading import read
from services.clock import ManualClock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
NUMBERED = """() => [...document.querySelectorAll("[data-pad]")]
    .map((one) => [one.dataset.pad, one.innerText.trim().replace(/\\s+/g, " ")])"""
VOICE = Manner(voice=True)


WARNED = "28-idle-warning"  # once its countdown stands there, any key says "I am still here" and opens nothing


@pytest.fixture(scope="module")
def pad():
    """`pad(name)` is a page with that screen; `pad.sent` the addresses that were posted to."""
    front = ScriptedFront(GALLERY["01-attract"])
    app = create_screens(front, KioskSettings(rehearsal=True, reader="socket:x"), ManualClock(NOW))
    with served(app) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])

        def show(name, manner=VOICE):
            for context in chromium.contexts:  # a page that still waits for an answer would follow the next screen
                context.close()
            page = chromium.new_page(viewport={"width": 1080, "height": 1920})
            front.screen = replace(GALLERY[name], manner=manner)
            page.goto(address)
            return page

        yield show
        chromium.close()


def posted(page):
    sent = []
    page.route("**/*", lambda route: (sent.append(route.request), route.fallback()))
    return lambda: [(one.url.rsplit("/", 1)[1], one.post_data) for one in sent if one.method == "POST"]


def names(targets):
    return [" ".join(piece.text for piece in target.pieces) for target in targets]


def told(targets):
    """A name on the page stands without the spaces that the reading puts between its parts."""
    return [name.replace(" ", "") for name in names(targets)]


def test_the_numbers_on_every_page_are_the_spoken_ones(pad):
    for name in GALLERY:
        page = pad(name)
        reading = read(page.content())
        on_page = {key: text.replace(" ", "") for key, text in page.evaluate(NUMBERED)}
        at_once = [one for one in reading.at_once if one is not reading.go]
        expected = {str(number): text for number, text in enumerate(told(at_once), 1)}
        if reading.go is not None:
            expected["#"] = told([reading.go])[0]
        assert expected.keys() == on_page.keys(), name
        # A glyph stands on the page and is not spoken.
        assert [] == [key for key, text in expected.items() if not on_page[key].endswith(text)], name
        if name == WARNED:
            continue
        page.keyboard.press("*")
        menu, _ = shown_of([*reading.menu, *([None] if reading.languages else [])], 0)
        on_page = [text.replace(" ", "") for _, text in page.evaluate(NUMBERED)]
        assert len(menu) == len(on_page), name
        assert set(told([one for one in menu if one is not None])) <= set(on_page), name


def test_a_star_begins_it(pad):
    page = pad("01-attract", Manner())
    sent = posted(page)
    page.keyboard.press("1")
    page.keyboard.press("*")
    page.wait_for_timeout(200)
    assert [("manner", True)] == [(address, "voice=on" in data) for address, data in sent()]


def test_letters_take_two_keys_and_hash_sends_them(pad):
    page = pad("14-new-password")
    for key in "5208120":  # K needs 5 2; what is no place on a key is no letter
        page.keyboard.press(key)
    assert "K" == page.locator("input[name=password]").input_value()[:1]
    page.keyboard.press("*")
    page.keyboard.press("*")
    field = page.locator("input[name=password]")
    page.evaluate("document.querySelector('[data-clear]').click()")
    for key in "52437081":
        page.keyboard.press(key)
    assert "KI7T" == field.input_value()


def test_what_a_key_typed_is_in_no_word_that_is_asked_for(pad):
    page = pad("17-new-password-digits")
    sent = posted(page)
    for key in "8052":
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    spoken = [data for address, data in sent() if address == "speak"]
    assert "8052" == page.locator("input[name=password]").input_value()
    assert ["1", "2", "3", "4"] == [data.rsplit("number=", 1)[1] for data in spoken if "typed" in data]
    page.keyboard.press("#")
    page.wait_for_timeout(200)
    assert "password" in [address for address, _ in sent()]


def test_the_languages_are_chosen_by_number_on_two_pages(pad):
    page = pad("02-services")
    page.keyboard.press("*")
    opener = {text: key for key, text in page.evaluate(NUMBERED)}["Language"]
    page.keyboard.press(opener)
    page.keyboard.press("9")
    sent = posted(page)
    page.keyboard.press("3")  # the eleventh of thirteen
    page.wait_for_timeout(200)
    assert "language=my" in next(data for address, data in sent() if address == "manner")


def test_any_key_says_that_somebody_is_still_there(pad):
    page = pad("28-idle-warning")
    page.locator("[data-countdown]").wait_for(state="visible")
    sent = posted(page)
    page.keyboard.press("5")
    page.wait_for_timeout(200)
    assert ["awake"] == [address for address, _ in sent() if address != "speak"]
    assert "what=screen" in next(data for address, data in sent() if address == "speak" and "what=left" not in data)
    assert "" == page.locator("input[name=password]").input_value()


def test_who_has_a_screen_read_again_has_the_whole_time_for_it(pad):
    page = pad("14-new-password")
    sent = posted(page)
    for key in "**":
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert 2 == [address for address, _ in sent()].count("awake")
