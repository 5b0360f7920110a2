"""A policy counts only with the server's signature under exactly its octets."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.domain.terminal_policy import POLICY_LIFE, Scope, Stop, TerminalPolicy, Trait
from services.pki.policy_signature import PolicySigner, opened_policy

SIGNER = PolicySigner(b"p" * 32)
POLICY = TerminalPolicy(
    7, datetime(2026, 11, 21, tzinfo=UTC), POLICY_LIFE, "bm9uY2U", (Stop(Trait(Scope.STORE, "S-1"), "点検"),)
)
OCTETS = POLICY.octets


def test_a_signed_policy_is_opened():
    assert opened_policy(OCTETS, SIGNER.sign(OCTETS), SIGNER.public_key) == POLICY


@given(st.integers(0, len(OCTETS) - 1), st.integers(1, 255))
def test_a_policy_with_one_changed_octet_is_refused(place, change):
    changed = bytearray(OCTETS)
    changed[place] ^= change
    with pytest.raises(ValueError, match="not signed"):
        opened_policy(bytes(changed), SIGNER.sign(OCTETS), SIGNER.public_key)


@given(st.binary(max_size=80))
def test_another_signature_is_refused(signature):
    with pytest.raises(ValueError, match="not signed"):
        opened_policy(OCTETS, signature, SIGNER.public_key)


def test_a_signature_without_the_label_is_refused():
    bare = Ed25519PrivateKey.from_private_bytes(b"p" * 32).sign(OCTETS)
    with pytest.raises(ValueError, match="not signed"):
        opened_policy(OCTETS, bare, SIGNER.public_key)


def test_another_servers_policy_is_refused():
    with pytest.raises(ValueError, match="not signed"):
        opened_policy(OCTETS, PolicySigner(b"q" * 32).sign(OCTETS), SIGNER.public_key)
