"""The real application over a real ledger on SQLite; card, issuer and eyes are scripted, the clock stands still."""

from pathlib import Path

import pytest
from builders import World, make_world
from flask import Flask
from web_world import Browser, make_services

from reset_app import create_app
from services.bootstrap import Services


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.fixture
def services(world: World, tmp_path: Path) -> Services:
    return make_services(world, tmp_path)


@pytest.fixture
def app(services: Services) -> Flask:
    app = create_app(services)
    app.testing = True
    return app


@pytest.fixture
def browser(app: Flask, world: World) -> Browser:
    return Browser(app.test_client(), world.ports.origin)
