"""The web: resident pages, JSON APIs, console, companion, command line.

This module imports nothing of the server: the companion is a subpackage and starts without database, models and pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from flask import current_app

if TYPE_CHECKING:
    from flask import Flask

    from services.bootstrap import Services

EXTENSION: Final = "pinreset"


def create_app(services: Services) -> Flask:
    """The server's web application over connected services."""
    from reset_app.application import assemble  # noqa: PLC0415  # see the module's docstring

    return assemble(services)


def services() -> Services:
    """What the application of this request works with."""
    return cast("Services", current_app.extensions[EXTENSION])
