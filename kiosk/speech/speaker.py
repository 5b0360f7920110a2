"""`POST /speak`: the page names what happened, the terminal says the words. No text comes from the browser."""

from collections.abc import Callable

from flask import g, request

from kiosk.loop import Front
from kiosk.screen import Screen
from kiosk.speech.narrator import Speech
from kiosk.speech.voice import Voice
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind


def speaker(front: Front, page: Callable[[], str], voice: Voice) -> Callable[[], tuple[str, int]]:
    """The view; `page` renders the screen's page."""

    def speak() -> tuple[str, int]:
        screen = front.screen
        if screen.manner.voice and request.form.get("step") == screen.step:
            g.spoken = True
            first = screen.state is KioskState.IDLE
            speech = Speech(page(), screen.manner.language, signature=_asks_signature(screen), first=first)
            voice.say(speech.of(request.form), screen.manner.language)
        return "", 204

    return speak


def is_spoken() -> bool:
    """Whether the page that is rendered now will be spoken, not shown."""
    return bool(g.get("spoken"))


def _asks_signature(screen: Screen) -> bool:
    """Whether letters are to be entered."""
    kind = screen.kind
    if kind is not None and screen.state is KioskState.OTHER_PASSWORD:
        kind = kind.other
    return kind is PasswordKind.SIGNATURE
