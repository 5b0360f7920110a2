"""A real card in a virtual reader, the companion, and the real server behind it: all in this process, without a socket."""

from collections.abc import Iterator
from datetime import UTC, date
from io import BytesIO

import pytest
from builders import NINE
from companion_desk import Issued, RealServer, ResidentsDesk, make_desk, make_server
from PIL import Image

from services.domain.password import Password, PasswordKind
from services.pki.issuer import VirtualIssuer
from services.rehearsal.cards import CardWish, issue_card
from services.rehearsal.person import imagine


@pytest.fixture(scope="session")
def issued(tmp_path_factory) -> Issued:
    """One issuer and one card for all: keys take their time."""
    directory = tmp_path_factory.mktemp("issuer") / "issuer"
    issuer = VirtualIssuer.create(directory, now=NINE, public_url="http://127.0.0.1:1")
    person = imagine(3, today=date(2026, 11, 21))
    photo = BytesIO()
    Image.radial_gradient("L").resize((240, 300)).save(photo, "JPEG2000")
    wish = CardWish(
        person=person,
        photo_jp2=photo.getvalue(),
        user_authentication=Password.parse(PasswordKind.USER_AUTHENTICATION, "4729"),
        signature=Password.parse(PasswordKind.SIGNATURE, "CANARY99"),
    )
    return Issued(issuer, person.front, issue_card(issuer, wish, now=NINE.astimezone(UTC)))


@pytest.fixture(scope="session")
def server(issued, tmp_path_factory) -> RealServer:
    """One server for all tests that leave its clock alone: a resident's session is of nobody else's concern."""
    return make_server(issued, tmp_path_factory.mktemp("server"))


@pytest.fixture
def desk(issued, server) -> Iterator[ResidentsDesk]:
    made = make_desk(issued, server)
    yield made
    made.thread.close()
