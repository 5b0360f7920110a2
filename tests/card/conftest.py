"""Fixtures around the sample card. Its keys are made once a session: an RSA key costs a tenth of a second."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sample_card import SERIAL, Keys, personalise, sign

from services.card.unblock import Authorisation, message
from services.card.virtual.card import VirtualCard
from services.card.virtual.reader import VirtualReader
from services.card.virtual.store import save
from services.domain.password import PasswordKind


@pytest.fixture(scope="session")
def keys():
    return Keys(*(rsa.generate_private_key(65537, 2048) for _ in range(6)))


@pytest.fixture(scope="session")
def contents(keys):
    return personalise(keys)


@pytest.fixture(scope="session")
def contents_without_signature(keys):
    return personalise(keys, has_signature=False)


@pytest.fixture
def virtual_card(contents):
    return VirtualCard(contents)


@pytest.fixture
def reader(virtual_card):
    reader = VirtualReader()
    reader.insert(virtual_card)
    return reader


@pytest.fixture
def card_file(contents, tmp_path) -> Path:
    path = tmp_path / "card.json"
    save(contents, path)
    return path


@pytest.fixture(scope="session")
def authorise(keys):
    """The issuer's part: an authorisation for the challenge."""

    def authorised(kind: PasswordKind, challenge: bytes, *, serial=SERIAL, reservation="R-1") -> bytes:
        signed = message(card_serial=serial, reservation_id=reservation, kind=kind, challenge=challenge)
        signature = sign(keys.unblock, signed)
        return Authorisation.issued(reservation_id=reservation, kind=kind, signature=signature).octets

    return authorised
