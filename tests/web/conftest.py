"""The real application over a real ledger on SQLite; card, issuer and eyes are scripted, the clock stands still."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from builders import World, make_world
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from reset_app import create_app
from services.bootstrap import Services
from services.settings import Settings
from services.storage.database import open_database
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def services(world: World, tmp_path: Path) -> Services:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    database = open_database(url)
    settings = Settings(
        origin=world.ports.origin,
        companion_origin="http://127.0.0.1:24727",
        database_url=url,
        fingerprint_key=bytes(32).hex(),
        evidence_key=bytes(32).hex(),
    )
    return Services(
        ports=world.ports,
        settings=settings,
        database=database,
        terminals=Terminals(database, world.clock),
        staff=StaffDirectory(database, world.clock),
        refresh_crls=lambda: None,
    )


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services)
    app.testing = True
    return app


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


@pytest.fixture
def browser(app: Flask, world: World) -> Browser:
    return Browser(app.test_client(), world.ports.origin)
