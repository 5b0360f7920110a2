"""The application with what its interfaces need within reach, for fixtures of any scope."""

from dataclasses import dataclass, replace
from pathlib import Path

from builders import World, make_world
from flask import Flask
from web_world import make_services

from reset_app import create_app
from services.bootstrap import Services


@dataclass
class Site:
    """A server without a socket."""

    app: Flask
    world: World
    services: Services


def make_site(directory: Path, *, origin: str | None = None, **settings: object) -> Site:
    """The real application over a real ledger; `settings` are the server's own."""
    world = make_world(directory)
    world.ports = replace(world.ports, origin=origin or world.ports.origin)
    services = make_services(world, directory)
    services = replace(services, settings=services.settings.model_copy(update=settings))
    return Site(create_app(services), world, services)
