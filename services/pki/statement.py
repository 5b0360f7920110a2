"""The bytes that a card signs: five hashes side by side, never a bare nonce.

The form follows Web eID's token (hash(origin) ‖ hash(nonce)) and adds protocol, purpose and body, so that a signature made
for one purpose, server, session or content fits no other. Each field is hashed by itself: no two different statements can
run together into the same bytes. `spec/card.md` section 4, step 4 of the message protocol.
"""

import hashlib
from typing import Final

from services.ports import Statement

PROTOCOL: Final = "mnc-reset:1"


def to_be_signed(statement: Statement) -> bytes:
    """H(protocol)‖H(purpose)‖H(origin)‖H(nonce)‖H(body), SHA-256 each: 160 bytes."""
    return b"".join(
        hashlib.sha256(field).digest()
        for field in (
            PROTOCOL.encode(),
            statement.purpose.value.encode(),
            statement.origin.encode(),
            statement.nonce,
            statement.body,
        )
    )


def statement_digest(statement: Statement) -> bytes:
    """The 32 bytes that the card signs; it adds the SHA-256 DigestInfo itself (P1 = 02 of its SIGN command)."""
    return hashlib.sha256(to_be_signed(statement)).digest()
