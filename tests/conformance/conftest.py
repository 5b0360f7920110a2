"""The kit is tried on a whole server and a whole terminal in this process; both are those of the kiosk's own tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kiosk"))  # the shop that the kiosk's tests have

from kiosk_world import Issuance, World, issue, make_world


@pytest.fixture(scope="session")
def issuance(tmp_path_factory) -> Issuance:
    return issue(tmp_path_factory.mktemp("issuance"))


@pytest.fixture
def world(tmp_path, issuance) -> World:
    return make_world(tmp_path, issuance)
