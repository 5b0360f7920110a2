"""Every text of every screen is voiced, every target has a key, in every language."""

import re
from dataclasses import replace

import pytest
from kiosk_world import NOW
from screen_gallery import GALLERY, ScriptedFront

from kiosk.manner import Manner
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from kiosk.speech.reading import Piece, read
from kiosk.speech.recordings import Recordings, recording_name
from kiosk.speech.voice import Espeak
from services.clock import ManualClock
from services.languages import LANGUAGES

OWN = "http://127.0.0.1:8090"
JAPANESE = re.compile(r"[\u3040-\u30ff]")
KANJI = re.compile(r"[\u3400-\u9fff]")


class Heard:
    def __init__(self):
        self.pieces = []

    def say(self, pieces, language):
        self.pieces = list(pieces)

    def stop(self):
        self.pieces = []


FRONT, HEARD = ScriptedFront(GALLERY["01-attract"]), Heard()
CLIENT = create_screens(FRONT, KioskSettings(), ManualClock(NOW), HEARD).test_client()


def hear(screen, what="screen", number="", language="ja"):
    FRONT.screen = screen = replace(screen, manner=Manner(language=language, voice=True))
    form = {"step": screen.step, "what": what, "number": number}
    assert 204 == CLIENT.post("/speak", data=form, base_url=OWN).status_code
    return HEARD.pieces, read(CLIENT.get("/", base_url=OWN).text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_is_spoken_in_the_chosen_language(language):
    stray = KANJI if language == "ja" else JAPANESE
    for name, screen in GALLERY.items():
        pieces, reading = hear(screen, language=language)
        own = [piece.text for piece in pieces if piece.language is None]
        assert [] == [text for text in own if stray.search(text)], name
        assert reading.texts, name


def test_every_text_and_every_target_is_heard_once_on_the_screen_or_in_the_menu():
    for name, screen in GALLERY.items():
        said, reading = hear(screen, language="en")
        menu, _ = hear(screen, "menu", language="en")
        more, _ = hear(screen, "menu", "1", language="en")
        heard = " | ".join(piece.text for piece in [*said, *menu, *more])
        texts = [piece.text for piece in reading.texts if "/" not in piece.text]
        names = [piece.text for target in [*reading.targets, *reading.foot] for piece in target.pieces]
        assert [] == [text for text in [*texts, *names] if text not in heard], name


def test_the_reading_leaves_out_nothing_that_stands_on_the_page():
    page = '<div class="say"><h1>一<b lang="en">two</b></h1><p hidden>x</p><p>三<span aria-hidden="true">y</span></p></div>'
    assert [Piece("一"), Piece("two", "en"), Piece("三")] == read(page).texts


def test_a_deadline_is_spoken_as_a_date():
    pieces, _ = hear(GALLERY["13-found"])
    assert "11がつ 22にち 9じ 0ふん" in [piece.text for piece in pieces]


def test_the_hours_are_spoken_as_times():
    told = [piece.text for piece in hear(GALLERY["46-closed-hours"])[0]]
    assert "6じ 30ふんから23じまで。てつづきわ、22じ 50ふんまでに はじめてください。" in told


def test_the_languages_are_each_spoken_by_their_own_voice():
    spoken = [piece for page in "01" for piece in hear(GALLERY["01-attract"], "languages", page)[0]]
    assert set(LANGUAGES) - {"ja"} <= {piece.language for piece in spoken}


def test_a_key_says_what_it_did_and_never_which_it_was():
    pieces, _ = hear(GALLERY["14-new-password"], "typed", "3", language="en")
    assert ["One character entered.", "Number of characters entered: 3."] == [piece.text for piece in pieces]


@pytest.mark.parametrize(("what", "number"), [("", ""), ("SECRET7", "1"), ("left", "SECRET7"), ("left", "19")])
def test_what_is_no_question_of_ours_is_answered_by_silence(what, number):
    assert [] == hear(GALLERY["14-new-password"], what, number)[0]


def test_the_last_seconds_are_spoken():
    assert ["10 seconds left. To continue, press any key."] == [
        piece.text for piece in hear(GALLERY["28-idle-warning"], "left", "10", language="en")[0]
    ]


def test_without_headphones_no_program_is_started(tmp_path):
    voice = Espeak(tmp_path / "none", program="/nowhere")
    voice.say([Piece("x")], "en")
    voice.stop()


def test_the_text_goes_to_the_synthesiser_on_its_standard_input_only(tmp_path):
    program, plugged = tmp_path / "synthesiser", tmp_path / "headphones"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/given\ncat > {tmp_path}/heard\n')
    program.chmod(0o755)
    plugged.write_text("MICROPHONE=0\nHEADPHONE=1\n")
    voice = Espeak(plugged, program=str(program))
    voice._say(0, [Piece("one"), Piece("two")], "en")  # in this thread
    assert "one\ntwo" == (tmp_path / "heard").read_text()
    assert "-v en-us -s 150 --stdin\n" == (tmp_path / "given").read_text()


def test_a_recording_is_played_in_the_place_of_its_text(tmp_path):
    heard, plugged, folder = tmp_path / "heard", tmp_path / "headphones", tmp_path / "en"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$1 $2 $(cat)" >> {heard}\n')
    program.chmod(0o755)
    plugged.write_text("1")
    folder.mkdir()
    (folder / recording_name("two")).write_bytes(b"RIFF")
    voice = Espeak(plugged, Recordings(tmp_path), program=str(program), player=str(program))
    voice._say(0, [Piece("one"), Piece("two"), Piece("two", "vi"), Piece("three")], "en")  # in this thread
    expected = ["-v en-us one", f"-q {folder / recording_name('two')} ", "-v vi two", "-v en-us three"]
    assert expected == heard.read_text().splitlines()
