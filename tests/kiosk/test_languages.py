"""Every text that a terminal can show is in every language, and in kana for the voice."""

from babel.messages.catalog import Catalog

from services import texts
from services.languages import LANGUAGES, READING, words


def test_no_text_is_missing_fuzzy_unused_or_without_its_placeholders():
    assert [] == texts.check()


def test_there_are_twelve_languages_besides_japanese():
    assert 12 == len(LANGUAGES) - 1


def complaints(*entries, required=("あと%(n)s回",)):
    catalogue = Catalog()
    for text, translation, *flags in entries:
        catalogue.add(text, translation, flags=flags)
    return texts.complaints(catalogue, dict.fromkeys(required, "here"), {})


def test_a_text_without_translation_is_named():
    assert ["missing (here): あと%(n)s回"] == complaints(("あと%(n)s回", ""))


def test_a_translation_must_have_the_same_placeholders():
    assert ["other placeholders: あと%(n)s回"] == complaints(("あと%(n)s回", "%(m)s left"))


def test_a_text_that_is_nowhere_shown_is_named():
    assert ["no longer used: 古い"] == complaints(("あと%(n)s回", "%(n)s left"), ("古い", "old"))


def test_a_fuzzy_translation_is_named():
    assert ["fuzzy: あと%(n)s回"] == complaints(("あと%(n)s回", "%(n)s left", "fuzzy"))


def test_a_translation_is_found_and_what_has_none_stays_japanese():
    assert ["Next", "どこにもない"] == [words("en").gettext("次へ"), words("en").gettext("どこにもない")]


def test_the_reading_is_kana_and_is_offered_to_nobody():
    assert ("つぎえ", False) == (words(READING).gettext("次へ"), READING in LANGUAGES)
