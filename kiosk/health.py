"""`GET /health` for the operator's machinery on this terminal: behind a service key, nothing of any person."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from pydantic import SecretStr

from kiosk.heartbeat import Heartbeat

SCHEME = "Bearer "


def health(heartbeat: Heartbeat, key: SecretStr | None) -> Blueprint:
    """The page; without a key there is none."""
    page = Blueprint("health", __name__)

    @page.get("/health")
    def tell() -> Response:
        if key is None:
            abort(404)
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), _wanted(key)):
            abort(403)
        return jsonify(_told(heartbeat))

    return page


def _wanted(key: SecretStr) -> bytes:
    return (SCHEME + key.get_secret_value()).encode()


def _told(heartbeat: Heartbeat) -> dict[str, object]:
    heard, keeper = heartbeat.last_heard_s, heartbeat.keeper
    return {
        "terminal": heartbeat.identity.terminal_id,
        "build": heartbeat.selftest.build,
        "open": heartbeat.reason is None,
        "reason": None if heartbeat.reason is None else heartbeat.reason.value,
        "heard_s_ago": None if heard is None else round(heartbeat.stopwatch() - heard),
        "policy_serial": keeper.serial,
        "policy_fresh": keeper.fresh,
        "self_test": None if heartbeat.report is None else vars(heartbeat.report),
    }
