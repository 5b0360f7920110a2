"""A virtual issuer for the whole session, cards with keys that are made once, and a responder on a real socket."""

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from itertools import cycle

import pytest
from PIL import Image
from pki_cards import (
    CARD_KEYS,
    FINGERPRINT_KEY,
    NOBODY,
    NOW,
    RESPONDER_KEY,
    BentWeb,
    IssuedCard,
    ScriptedRevocation,
    Web,
)
from real_port import served

from services.clock import ManualClock
from services.domain.password import Password, PasswordKind
from services.pki.answers import Answers
from services.pki.card_proof import CardProofVerifier
from services.pki.issuer import NEWEST, VirtualIssuer
from services.pki.responder import LARGEST_REQUEST, Responder
from services.pki.trust import TrustStore
from services.rehearsal.cards import CardWish, issue_card
from services.rehearsal.person import imagine


@pytest.fixture(scope="session")
def photo() -> bytes:
    octets = BytesIO()
    Image.linear_gradient("L").resize((240, 320)).save(octets, "JPEG2000", quality_mode="rates", quality_layers=[20])
    return octets.getvalue()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory) -> VirtualIssuer:
    return VirtualIssuer.create(tmp_path_factory.mktemp("issuing") / "issuer", now=NOW, public_url=NOBODY)


@pytest.fixture(scope="session")
def trust(issuer) -> TrustStore:
    return TrustStore.load(issuer.directory / "trust")


@pytest.fixture(scope="session")
def issue(issuer, photo) -> Callable[..., IssuedCard]:
    def issue(*, seed: int = 1, generation: int = NEWEST, photo: bytes = photo) -> IssuedCard:
        keys = cycle(CARD_KEYS[:4] if seed % 2 else CARD_KEYS[4:])
        wish = CardWish(
            imagine(seed, today=date(2026, 11, 21)),
            photo,
            Password.parse(PasswordKind.USER_AUTHENTICATION, "1234"),
            Password.parse(PasswordKind.SIGNATURE, "ABC123"),
        )
        return IssuedCard(issue_card(issuer, wish, now=NOW, make_key=lambda: next(keys), generation=generation))

    return issue


@pytest.fixture(scope="session")
def card(issue) -> IssuedCard:
    """A card that nobody withdraws."""
    return issue()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def revocation() -> ScriptedRevocation:
    return ScriptedRevocation()


@pytest.fixture
def proofs(trust, revocation) -> CardProofVerifier:
    return CardProofVerifier(trust, revocation, FINGERPRINT_KEY)


@pytest.fixture
def web(issuer, clock, socket_enabled) -> Iterator[Web]:
    bent = BentWeb(Responder(Answers(issuer, make_key=lambda: RESPONDER_KEY), clock))
    with served(bent, largest_body=LARGEST_REQUEST + 1) as address:
        yield Web(address, bent)
