"""A shop for each test."""

import pytest
from duty import Duty, on_duty
from kiosk_world import SIGNATURE, USER, Issuance, S, World, issue, make_world


@pytest.fixture(scope="session")
def issuance(tmp_path_factory) -> Issuance:
    return issue(tmp_path_factory.mktemp("issuance"))


@pytest.fixture
def world(tmp_path, issuance) -> World:
    return make_world(tmp_path, issuance)


@pytest.fixture(params=[SIGNATURE, USER], ids=["signature", "user_authentication"])
def either(tmp_path, issuance, request) -> World:
    return make_world(tmp_path, issuance, request.param)


@pytest.fixture
def duty(world) -> Duty:
    return on_duty(world)


@pytest.fixture
def serving(duty) -> Duty:
    duty.attend()
    assert (duty.reason, duty.world.kiosk.state) == (None, S.IDLE)
    return duty
