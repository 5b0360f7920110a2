"""The server's web application, put together: blueprints, limits, errors, headers."""

import secrets
from typing import Final

from flask import Flask

from reset_app import EXTENSION, companion_api, errors, health, kiosk_api, pages, security
from reset_app.console import blueprint as console
from reset_app.resident.routes import blueprint as resident
from reset_app.uploads import RequestInMemory
from reset_app.wire import CONVERTERS
from services.bootstrap import Services

BLUEPRINTS: Final = (health.blueprint, companion_api.blueprint, kiosk_api.blueprint, resident, console)


def assemble(services: Services) -> Flask:
    """One application, ready to serve."""
    app = Flask("reset_app")
    app.request_class = RequestInMemory
    # Nothing is kept in Flask's own cookie; the key only makes its machinery refuse old ones after a restart.
    app.secret_key = secrets.token_bytes(32)
    app.extensions[EXTENSION] = services
    security.guard(app, origin=services.settings.origin, companion_origin=services.settings.companion_origin)
    errors.handle(app)
    pages.prepare(app, rehearsal=services.settings.rehearsal)
    app.url_map.converters.update(CONVERTERS)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
