"""What every lane shares: Hypothesis without its own clock, and which tests share a process where there are several."""

from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# A deadline would fail tests when a neighbour on the machine is busy; speed belongs into benchmarks.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")

WHOLE_PRODUCT = "tests/e2e/"  # starts every program there is, on ports that are theirs alone


class ByFile(LoadFileScheduling):
    """A file's tests run in one process, and so does everything that starts the whole product."""

    def _split_scope(self, nodeid: str) -> str:
        return WHOLE_PRODUCT if nodeid.startswith(WHOLE_PRODUCT) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """What takes longest begins first (this runs after the shuffle: pytest-randomly's comes before every other)."""
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE_PRODUCT))
