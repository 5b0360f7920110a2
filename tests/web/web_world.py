"""A server's services over a test world, and a browser of its site."""

from dataclasses import dataclass, replace
from pathlib import Path

from argon2 import PasswordHasher
from builders import World
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.bootstrap import Services
from services.pki.policy_signature import PolicySigner
from services.settings import Settings
from services.storage.database import open_database
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals

POLICY_SEED = b"p" * 32


def make_services(world: World, directory: Path, **chosen: bool) -> Services:
    """Everything a server works with, over the world's own database in this directory."""
    url = f"sqlite:///{directory / 'ledger.db'}"
    database = open_database(url)
    settings = Settings(
        origin=world.ports.origin,
        companion_origin="http://127.0.0.1:24727",
        database_url=url,
        fingerprint_key=bytes(32).hex(),
        evidence_key=bytes(32).hex(),
        policy_key=POLICY_SEED.hex(),
        **chosen,
    )
    return Services(
        ports=world.ports,
        settings=settings,
        database=database,
        terminals=Terminals(database, world.clock),
        staff=StaffDirectory(database, world.clock, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)),
        refresh_crls=lambda: None,
        stop_workers=lambda: None,
        policy_signer=PolicySigner(POLICY_SEED),
        card_generations=("signature-1", "user_authentication-1"),
    )


def at_origin(world: World, origin: str) -> World:
    """The same world, served at another address."""
    world.ports = replace(world.ports, origin=origin)
    return world


@dataclass
class Browser:
    """A browser of this site: it keeps cookies and sends the origin with every form."""

    client: FlaskClient
    origin: str

    def get(self, address: str, **more) -> TestResponse:
        return self.client.get(address, base_url=self.origin, **more)

    def post(self, address: str, data: object = None, **more) -> TestResponse:
        headers = {"Origin": self.origin, **more.pop("headers", {})}
        return self.client.post(address, data=data, base_url=self.origin, headers=headers, **more)
