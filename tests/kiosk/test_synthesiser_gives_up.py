"""A synthesiser that ends in the middle of a text: our Burmese is given to it so that it does not."""

import re
import subprocess
from pathlib import Path

import pytest
from screen_gallery import GALLERY
from test_speech import hear

from kiosk.speech.clauses import LONGEST, in_clauses
from kiosk.speech.voice import ESPEAK, SPEED, VOICES

pytestmark = pytest.mark.skipif(not Path(ESPEAK).exists(), reason="espeak-ng is not installed")


def synthesised(text: str, code: str) -> bytes:
    command = [ESPEAK, "-v", VOICES[code], "-s", SPEED, "--stdin", "--stdout"]
    spoken = in_clauses(text, code).encode()
    return subprocess.run(command, input=spoken, capture_output=True, check=True).stdout


def test_every_burmese_screen_is_spoken_to_its_end():
    texts = {
        piece.text for screen in GALLERY.values() for piece in hear(screen, language="my")[0] if not piece.language
    }
    for start in range(0, len(texts), 10):
        synthesised("\n".join(sorted(texts)[start : start + 10]), "my")


def words(text):
    return re.sub("[။၊,.]", " ", text).split()


def test_no_word_is_lost_and_no_clause_is_long():
    for screen in GALLERY.values():
        for piece in hear(screen, language="my")[0]:
            spoken = in_clauses(piece.text, "my")
            assert words(piece.text) == words(spoken)
            assert max(map(len, re.split("[,.] ", spoken))) <= LONGEST + 1


@pytest.mark.parametrize("code", ["ja", "en", "th"])
def test_other_languages_are_given_as_they_are(code):
    assert "ここ。\nそこ" == in_clauses("ここ。\nそこ", code)
