"""The words by which a resident knows their reservation again."""

from hypothesis import given
from hypothesis import strategies as st

from services.domain.code_words import COUNT, ROMAJI, code_words


@given(st.text(max_size=64))
def test_every_id_has_three_words_of_the_list(reservation_id):
    told = code_words(reservation_id)
    assert COUNT == len(told)
    assert [] == [word for word in told if word not in ROMAJI]


def test_the_words_of_an_id_never_change():
    assert ("かるた", "まつ", "いす") == code_words("0123456789abcdef" * 2)


def test_no_two_words_look_or_sound_alike():
    assert (64, 64) == (len(ROMAJI), len(set(ROMAJI.values())))
    assert [] == [word for word in ROMAJI if not all("ぁ" <= letter <= "ん" for letter in word)]


def test_many_reservations_have_different_words():
    assert len({code_words(str(number)) for number in range(300)}) > 295
