"""The screens for the terminal's own browser, on loopback: one page for each state, moved by posts.

`GET /` is the page of the state that the terminal is in; every post answers 303 to it. A page names itself by `step`, which changes
with the page: a post with another step, or one that the state does not foresee, changes nothing.

    state                event       fields besides `step`              then
    idle                 /touch                                         services        「行政サービス」
    services             /service                                       kind            「マイナンバーカードパスワード初期化予約」
    kind                 /kind       kind=signature|user_authentication  terms
    terms                /agree                                         place_card
    place_card           (a card is put on the reader)                  other_password
    other_password       /password   password, last_try=yes (last try)  checking → found | other_password | failed
    found                /go_on                                         new_password
    new_password         /password   password                           new_password_again | new_password
    new_password_again   /password   password                           confirm | new_password
    confirm              /go_on                                         resetting → done | return_card | failed
    confirm, …_again     /back                                          new_password
    return_card          (the card comes back)                          resetting
    done, failed         /finish                                        remove_card → thanks, at once where no card lies
    thanks               /finish                                        idle
    any but resetting,   /cancel                                        idle, remove_card or failed
      done, failed, thanks, closed
    any                  /awake                                         the same, with its time-out begun anew
    any                  /speak      what, number                       the same, spoken (204)
    any                  /manner     language=<code>, or any of large, contrast,   the same, told otherwise
                                     slow, low, voice, shuffled =on|off

`GET /state` is JSON: `state`, `step`, `kind`, `code` (of the error on the screen, or null), `tries_left` (of the other password),
`seconds_left`, `deadline`, `ask_card_first`, `pending`, `doubt`, `stage` (of the reset), `paper` (the
receipt: printing, printed, failed, or null), `manner`. Never what was typed.
"""

from collections.abc import Callable
from datetime import datetime
from random import SystemRandom
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from kiosk import texts
from kiosk.hours import Hours
from kiosk.inbox import Happening
from kiosk.loop import Front
from kiosk.screen import Screen
from kiosk.settings import KioskSettings
from kiosk.speech.speaker import is_spoken, speaker
from kiosk.speech.voice import SILENCE, Voice
from services.domain.code_words import ROMAJI
from services.domain.errors import PrinterFailed
from services.domain.kiosk_session import KioskEvent, KioskState
from services.domain.password import PasswordKind
from services.languages import LANGUAGES, READING, SOURCE_LANGUAGE, Words, words
from services.ports import Clock

LARGEST_POST: Final = 4096
# The state's place in the six steps on the page's head; none for idle, the menu and failures.
PLACE: Final = {
    KioskState.KIND: 1,
    KioskState.TERMS: 1,
    KioskState.PLACE_CARD: 2,
    KioskState.OTHER_PASSWORD: 3,
    KioskState.CHECKING: 3,
    KioskState.FOUND: 3,
    KioskState.NEW_PASSWORD: 4,
    KioskState.NEW_PASSWORD_AGAIN: 4,
    KioskState.CONFIRM: 5,
    KioskState.RESETTING: 5,
    KioskState.RETURN_CARD: 5,
    KioskState.DONE: 6,
}
# Where a running-out time is no reason to ask whether somebody is still there, or is shown on the page itself.
UNWARNED: Final = frozenset({KioskState.IDLE, KioskState.CLOSED, KioskState.THANKS, KioskState.REMOVE_CARD})
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not no-referrer: browsers then send `Origin: null` with the page's own posts, which are refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def create_screens(front: Front, settings: KioskSettings, clock: Clock, voice: Voice = SILENCE) -> Flask:
    """The application for the terminal's browser; without a voice it is silent."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_POST
    app.config["TRUSTED_HOSTS"] = [urlsplit(f"//{settings.listen}").hostname or "", "localhost"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    # By the screen, not by the application: the language changes from one request to the next.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: _words(front).gettext(text),
        lambda one, many, count: _words(front).ngettext(one, many, count),
        newstyle=True,
    )

    @app.before_request
    def refuse_other_origins() -> None:
        if request.method == "POST" and not _is_own(request.headers.get("Origin"), request.host_url):
            abort(403)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    @app.get("/")
    def page() -> str:
        screen = front.screen
        return render_template(f"{screen.state.value}.html", **_shown(screen, settings, clock.now()))

    @app.get("/state")
    def state() -> Response:
        return jsonify(_told(front.screen, front.screen.seconds_left(clock.now())))

    @app.post("/manner")
    def manner() -> BaseResponse:
        chosen = front.screen.manner.with_choices(request.form)
        front.tell(Happening(None, step=request.form.get("step", ""), manner=chosen))
        return redirect("/", 303)

    app.add_url_rule("/speak", view_func=speaker(front, page, voice), methods=["POST"])

    for path, event in _POSTS.items():
        app.add_url_rule(path, endpoint=path, view_func=_teller(front, event), methods=["POST"])

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        return render_template("refused.html", screen=front.screen), error.code or 500

    return app


_POSTS: Final[dict[str, KioskEvent | None]] = {
    "/touch": KioskEvent.TOUCH,
    "/service": KioskEvent.CHOOSE_SERVICE,
    "/kind": KioskEvent.CHOOSE_KIND,
    "/agree": KioskEvent.AGREE,
    "/password": KioskEvent.ENTERED,
    "/go_on": KioskEvent.GO_ON,
    "/back": KioskEvent.BACK,
    "/cancel": KioskEvent.CANCEL,
    "/finish": KioskEvent.FINISH,
    "/awake": None,
}


def _words(front: Front) -> Words:
    """The words of the screen's language; of Japanese that will be spoken, the kana."""
    language = front.screen.manner.language
    return words(READING if language == SOURCE_LANGUAGE and is_spoken() else language)


def _shown(screen: Screen, settings: KioskSettings, now: datetime) -> dict[str, object]:
    """What the templates know."""
    seconds_left = screen.seconds_left(now)
    stages = [stage for stage, _ in texts.STAGES]
    return {
        "screen": screen,
        "paper_fault": PrinterFailed,
        "seconds_left": seconds_left,
        "warns": seconds_left is not None and screen.state not in UNWARNED,
        "place": PLACE.get(screen.state),
        "steps": texts.STEPS,
        "stages": texts.STAGES,
        "stages_past": [] if screen.stage is None else stages[: stages.index(screen.stage)],
        "kinds": PasswordKind,
        "rules_of": texts.RULES.__getitem__,
        "digit_keys": _digit_keys(shuffled=screen.manner.shuffled),
        "place_words": texts.READER_PLACES[settings.reader_place],
        "languages": LANGUAGES,
        "romaji": ROMAJI,
        "hours": Hours.parse(settings.hours).told,
        "settings": settings,
    }


def _digit_keys(*, shuffled: bool) -> str:
    """The ten keys of the four-digit keypad in their order; where they are mixed, an onlooker learns nothing from the hand."""
    keys = list("1234567890")
    if shuffled:
        SystemRandom().shuffle(keys)
    return "".join(keys)


def _teller(front: Front, event: KioskEvent | None) -> Callable[[], BaseResponse]:
    def tell() -> BaseResponse:
        front.tell(_happening(event))
        return redirect("/", 303)

    return tell


def _happening(event: KioskEvent | None) -> Happening:
    form = request.form
    kinds = {kind.value: kind for kind in PasswordKind}
    return Happening(
        event,
        step=form.get("step", ""),
        kind=kinds.get(form.get("kind", "")),
        entry=form.get("password", ""),
        last_try_confirmed=form.get("last_try") == "yes",
    )


def _is_own(origin: str | None, own: str) -> bool:
    """A browser always says where a post comes from; a program on this machine that does not is no other site."""
    return origin is None or origin == own.rstrip("/")


def _told(screen: Screen, seconds_left: int | None) -> dict[str, object]:
    return {
        "state": screen.state.value,
        "step": screen.step,
        "kind": None if screen.kind is None else screen.kind.value,
        "code": None if screen.fault is None else screen.fault.code,
        "tries_left": screen.tries_left,
        "seconds_left": seconds_left,
        "deadline": screen.deadline,
        "ask_card_first": screen.ask_card_first,
        "pending": screen.pending,
        "doubt": screen.doubt,
        "stage": None if screen.stage is None else screen.stage.value,
        "paper": None if screen.paper is None else screen.paper.value,
        "manner": str(screen.manner),
    }
