"""Octets as text, and only one text for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.base64url import base64url, octets_of


@given(st.binary(max_size=100))
def test_octets_come_back_from_their_text(octets):
    assert octets_of(base64url(octets)) == octets


@pytest.mark.parametrize(("octets", "text"), [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"\xfb\xff", "-_8")])
def test_the_text_is_that_of_rfc_4648_without_padding(octets, text):
    assert base64url(octets) == text
    assert octets_of(text) == octets


@pytest.mark.parametrize(
    "text", ["Zg==", "Zh", "Zm9", "A", "+_8", "-/8", "Z g", "Zg\n", "Zg=", "=", "é", "Z=g", "////"]
)
def test_another_spelling_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # whoever decodes words it
        octets_of(text)


@given(st.text(max_size=20))
def test_what_is_taken_is_spelled_as_we_would_spell_it(text):
    try:
        octets = octets_of(text)
    except ValueError:
        return
    assert base64url(octets) == text
