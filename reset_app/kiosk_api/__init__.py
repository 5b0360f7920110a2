"""The kiosk's JSON interface, version 1 (`docs/protocols.md`)."""

from reset_app.kiosk_api.routes import blueprint

__all__ = ["blueprint"]
