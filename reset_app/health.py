"""Two questions of an operator's machinery: is the process there, and can it serve."""

from typing import Final

from flask import Blueprint, Response, jsonify

from reset_app import services
from services.domain.errors import StorageUnavailable
from services.storage.migrations import is_migrated

blueprint: Final = Blueprint("health", __name__)
blueprint.entry = "anyone"  # type: ignore[attr-defined]  # who may enter, which a test asks of every blueprint


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is asked, so that a slow database does not get it restarted."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and has this version's tables; how often a face may fail freely, and by which test report.

    Raises:
        StorageUnavailable: otherwise; a 503.
    """
    if not is_migrated(services().database):
        raise StorageUnavailable(reason="migrations")
    settings = services().settings
    return jsonify(
        status="ready", free_face_attempts=settings.free_face_attempts, pad_report_sha256=settings.pad_report_sha256
    )
