"""A whole visit by somebody who neither sees nor reaches the screen: twelve keys, a card, and what is heard."""

import threading

import pytest
from kiosk_world import S
from playwright.sync_api import sync_playwright
from real_port import served
from still_screens import SETTINGS
from test_pictures import CHROMIUM

from kiosk.screens import create_screens
from kiosk.speech.reading import read

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
ON_KEYS = {2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ"}
KEYS = {letter: f"{key}{place}" for key, letters in ON_KEYS.items() for place, letter in enumerate(letters, 1)}
LETTERS = "".join(KEYS.get(sign, f"{sign}0") for sign in "KITTE77")
# What is shown, then the keys that lead on from there.
WAY = [
    (S.IDLE, "#"),
    (S.SERVICES, "#"),
    (S.KIND, "1"),
    (S.TERMS, "#"),
    (S.PLACE_CARD, ""),
    (S.OTHER_PASSWORD, "7294#"),
    (S.FOUND, "#"),
    (S.NEW_PASSWORD, LETTERS + "#"),
    (S.NEW_PASSWORD_AGAIN, LETTERS + "#"),
    (S.CONFIRM, "#"),
    (S.DONE, "#"),
    (S.REMOVE_CARD, ""),
    (S.THANKS, "#"),
]


class Attended:
    """`kiosk.loop.Front` of the test's terminal: one thing after another, whichever thread brings it."""

    def __init__(self, world) -> None:
        self._world, self.lock = world, threading.RLock()

    @property
    def screen(self):
        return self._world.kiosk.screen

    def tell(self, happening) -> None:
        with self.lock:
            self._world.kiosk.tell(happening)
        happening.handled.set()


class Ear:
    """`kiosk.speech.voice.Voice` that keeps what was said on which screen."""

    def __init__(self, front: Attended) -> None:
        self._front, self.heard = front, {}

    def say(self, pieces, language: str) -> None:
        screen = self._front.screen
        self.heard.setdefault((screen.step, language), []).extend(piece.text for piece in pieces)

    def stop(self) -> None:
        """Nothing is being said."""


class Visitor:
    """Hands on the pad, a card in them, and headphones on."""

    def __init__(self, page, world) -> None:
        self.page, self.world, self.front = page, world, Attended(world)
        self.ear = Ear(self.front)

    def hear(self, state) -> list[str]:
        """Waits for the page of this state; the texts on it that were not said."""
        self.page.wait_for_function("(state) => document.body.dataset.state === state", arg=state.value, timeout=90_000)
        said = self.until(lambda: self.ear.heard.get((self.front.screen.step, self.front.screen.manner.language)))
        assert state == self.front.screen.state
        texts = [piece.text for piece in read(self.page.content()).texts if "/" not in piece.text]
        return [text for text in texts if text not in said]

    def press(self, keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def until(self, holds):
        for _ in range(6000):
            if holds():
                return holds()
            self.page.wait_for_timeout(10)
        raise AssertionError("it did not come to that")

    def begin_in_english(self) -> None:
        self.press("*")
        self.page.locator("[data-manner~=voice]").wait_for()
        self.hear(S.IDLE)
        self.press("*")
        self.press(self.page.locator("[popovertarget]").get_attribute("data-pad") + "2")
        self.page.locator("[data-manner~=en]").wait_for()


@pytest.fixture
def visitor(world):
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        visitor = Visitor(chromium.new_page(viewport={"width": 1080, "height": 1920}), world)
        with served(create_screens(visitor.front, SETTINGS, world.clock, visitor.ear)) as address:
            visitor.page.goto(address)
            yield visitor
            chromium.close()


def test_twelve_keys_and_a_card_are_enough_and_every_screen_is_heard(visitor, world):
    world.reserve()
    visitor.begin_in_english()
    unheard = {}
    for state, keys in WAY:
        unheard[state] = visitor.hear(state)
        with visitor.front.lock:
            if state is S.PLACE_CARD:
                world.put()
            if state is S.REMOVE_CARD:
                world.take()
        visitor.press(keys)
    visitor.until(lambda: world.kiosk.state is S.IDLE)
    assert {state: [] for state, _ in WAY} == unheard
    assert world.card_has("KITTE77")
