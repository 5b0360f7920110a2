"""A shop for each test."""

import pytest
from kiosk_world import SIGNATURE, USER, Issuance, World, issue, make_world


@pytest.fixture(scope="session")
def issuance(tmp_path_factory) -> Issuance:
    return issue(tmp_path_factory.mktemp("issuance"))


@pytest.fixture
def world(tmp_path, issuance) -> World:
    return make_world(tmp_path, issuance)


@pytest.fixture(params=[SIGNATURE, USER], ids=["signature", "user_authentication"])
def either(tmp_path, issuance, request) -> World:
    return make_world(tmp_path, issuance, request.param)
