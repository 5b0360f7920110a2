"""The application with what its interfaces need within reach, for fixtures of any scope."""

from dataclasses import dataclass
from pathlib import Path

from builders import World, make_world
from flask import Flask

from reset_app import create_app
from services.bootstrap import Services
from services.settings import Settings
from services.storage.database import open_database
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals


@dataclass
class Site:
    """A server without a socket."""

    app: Flask
    world: World
    services: Services


def make_site(directory: Path, **settings: object) -> Site:
    """The real application over a real ledger; `settings` are the server's own."""
    world = make_world(directory)
    url = f"sqlite:///{directory / 'ledger.db'}"
    database = open_database(url)
    services = Services(
        ports=world.ports,
        settings=Settings(
            origin=world.ports.origin,
            database_url=url,
            fingerprint_key=bytes(32).hex(),
            evidence_key=bytes(32).hex(),
            **settings,
        ),
        database=database,
        terminals=Terminals(database, world.clock),
        staff=StaffDirectory(database, world.clock),
        refresh_crls=lambda: None,
    )
    return Site(create_app(services), world, services)
