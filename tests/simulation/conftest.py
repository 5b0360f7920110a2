"""The issuer's keys take a second: made once. The stage is each test's own, because it loads the dice of the whole process."""

import pytest

from tests.kiosk.kiosk_backend import issue

from .run import stage_set


@pytest.fixture(scope="session")
def issuance(tmp_path_factory):
    return issue(tmp_path_factory.mktemp("issuance"))


@pytest.fixture
def stage(issuance):
    with stage_set(issuance) as found:
        yield found
