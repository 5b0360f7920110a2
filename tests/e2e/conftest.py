"""One stage with every program running, for all end-to-end tests; a fresh virtual resident for each."""

import io
import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.clock import SystemClock
from services.domain.password import PasswordKind
from services.pki.issuer import VirtualIssuer
from services.rehearsal.booking import Book
from services.rehearsal.demo import Wish, build
from services.rehearsal.props import Props, make_props
from services.rehearsal.rig import Rig
from services.rehearsal.stage import Stage
from services.rehearsal.telling import Telling

ROOT = Path(__file__).parents[2]
DRAWINGS = ROOT / "var" / "rehearsal"
_seeds = itertools.count(1)


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Iterator[Stage]:
    directory = tmp_path_factory.mktemp("e2e") / "stage"
    # What the kiosk kept is sent every second, so that no test waits a quarter of a minute for it.
    running, _ = build(Wish(directory, settings={"KIOSK_RESEND_S": "1"}), Telling(io.StringIO()))
    yield running
    running.close()


@pytest.fixture
def rig(stage) -> Iterator[Rig]:
    """The stage, with holders who go to the kiosk only."""
    with closing(Book(stage)) as book:
        yield Rig(stage, book)


@pytest.fixture
def props(stage, tmp_path) -> Props:
    """A resident with a card of their own; signature and user authentication both set."""
    issuer = VirtualIssuer(stage.issuer_directory)
    seed = next(_seeds)
    return make_props(issuer, tmp_path / "card.json", now=SystemClock().now(), seed=seed, drawings=DRAWINGS)


@pytest.fixture
def telling() -> Telling:
    return Telling(io.StringIO())


@pytest.fixture(params=list(PasswordKind), ids=lambda kind: kind.value)
def kind(request) -> PasswordKind:
    return request.param
