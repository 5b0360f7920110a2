"""The companion's JSON interface, version 1 (`docs/protocols.md`)."""

from reset_app.companion_api.routes import blueprint

__all__ = ["blueprint"]
