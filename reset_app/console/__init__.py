"""The console for municipal staff."""

from reset_app.console import terminals  # its views stand on the same blueprint
from reset_app.console.routes import blueprint

__all__ = ["blueprint", "terminals"]
