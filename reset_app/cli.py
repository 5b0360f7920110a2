"""`pinreset`: one command, its parts loaded only when they are called."""

from importlib import import_module
from typing import Final

import click

# name: (module, attribute, one line of help)
PARTS: Final = {
    "bench": ("reset_app.commands.bench", "bench", "print figures, each beside its reference"),
    "card": ("reset_app.commands.card", "card", "issue, show or serve a virtual card"),
    "conformance": (
        "services.conformance.__main__",
        "conformance",
        "try any server, or any terminal, of the kiosk API",
    ),
    "demo": ("reset_app.commands.demo", "demo", "the main job once, with a virtual resident"),
    "issuer": ("reset_app.commands.issuer", "issuer", "the virtual issuer: certificates, OCSP, CRL"),
    "jobs": ("reset_app.commands.server", "jobs", "run what happens by the clock"),
    "log": ("reset_app.commands.receipt", "log", "the audit log, to be kept and checked elsewhere"),
    "migrate": ("reset_app.commands.server", "migrate", "bring the database to this version"),
    "receipt": ("reset_app.commands.receipt", "receipt", "hold a resident's receipt against the audit log"),
    "staff": ("reset_app.commands.server", "staff", "municipal staff who may sign in"),
    "terminal": ("reset_app.commands.terminal", "terminal", "kiosk terminals: codes, builds, suspensions, maintenance"),
}


class LazyGroup(click.Group):
    """A group that imports a part when it is called, so that `card` needs no database and `migrate` no card."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(PARTS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """The part of this name."""
        if name not in PARTS:
            return None
        module, attribute, _ = PARTS[name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, PARTS[name][2]) for name in sorted(PARTS)])


@click.group(cls=LazyGroup)
def main() -> None:
    """Reserve a My Number Card password reset on a phone, do it at a kiosk."""
