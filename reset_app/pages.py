"""What every template of the server has: the language, times as residents read them, and whether this is a rehearsal."""

from flask import Flask

from reset_app import i18n
from services.domain.code_words import ROMAJI
from services.domain.reservation import printed, printed_to_the_second


def prepare(app: Flask, *, rehearsal: bool) -> None:
    """Makes the application's templates ready."""
    i18n.init(app)
    app.jinja_env.filters["printed"] = printed
    app.jinja_env.filters["printed_to_the_second"] = printed_to_the_second
    app.jinja_env.globals["rehearsal"] = rehearsal
    app.jinja_env.globals["romaji"] = ROMAJI
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
