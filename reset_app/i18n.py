"""The one place of languages. Japanese is the source text of every template and of the error catalogue."""

from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped]  # ships no types

SOURCE_LANGUAGE = "ja"


def init(app: Flask) -> None:
    """Gives templates `_()`; times are printed by the domain, always in Japan time."""
    Babel(
        app,
        default_locale=SOURCE_LANGUAGE,
        default_timezone="Asia/Tokyo",
        locale_selector=lambda: SOURCE_LANGUAGE,
    )
    app.jinja_env.globals["language"] = SOURCE_LANGUAGE
