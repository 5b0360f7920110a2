from dataclasses import replace
from hashlib import sha256

import pytest

from services.pki.statement import statement_digest, to_be_signed
from services.ports import Purpose, Statement

STATEMENT = Statement(Purpose.CLAIM, "https://reset.example", b"n" * 32, b'{"kind":"signature"}')


def test_a_statement_is_five_hashes_in_their_order():
    fields = (b"mnc-reset:1", b"claim", b"https://reset.example", b"n" * 32, b'{"kind":"signature"}')

    assert to_be_signed(STATEMENT) == b"".join(sha256(field).digest() for field in fields)


def test_the_card_signs_the_hash_of_the_statement():
    assert statement_digest(STATEMENT) == sha256(to_be_signed(STATEMENT)).digest()


@pytest.mark.parametrize("octet", [b"n", b""])
def test_octets_cannot_move_from_one_field_to_the_next(octet):
    moved = replace(STATEMENT, nonce=STATEMENT.nonce + octet, body=STATEMENT.body.removeprefix(octet))

    assert (statement_digest(moved) == statement_digest(STATEMENT)) == (octet == b"")
