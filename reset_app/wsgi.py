"""For gunicorn: `gunicorn 'reset_app.wsgi:create()'`. Nothing is connected at import."""

import atexit

import structlog
from flask import Flask

from reset_app import create_app
from reset_app.crash import PowerCut
from services.bootstrap import open_services
from services.logs import configure_logs
from services.settings import Settings

log = structlog.get_logger()


def create() -> Flask:
    """Reads the environment, connects, and gives the application."""
    settings = Settings()  # type: ignore[call-arg]  # the environment fills it
    configure_logs(settings.log_level)
    services = open_services(settings)
    log.info(
        "server.started", free_face_attempts=settings.free_face_attempts, pad_report_sha256=settings.pad_report_sha256
    )
    atexit.register(services.stop_workers)  # gunicorn's worker ends like any Python process
    app = create_app(services)
    if settings.cut is not None:
        app.wsgi_app = PowerCut(app.wsgi_app, settings.cut)  # type: ignore[method-assign]  # Flask's own way to wrap
    return app
