"""The kiosk's JSON interface, version 1 (`docs/protocols.md`)."""

from reset_app.kiosk_api import device  # its views stand on the same blueprint
from reset_app.kiosk_api.routes import blueprint

__all__ = ["blueprint", "device"]
