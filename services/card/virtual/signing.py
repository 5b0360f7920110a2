"""SIGN (80 2A): what each P1 makes of the data, as tried on a test card by the author of soltia48/myna-card (spec/card.md 1.3)."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

HASH_BYTES = 32
_PSS: Final = PSS(mgf=MGF1(SHA256()), salt_length=HASH_BYTES)


def _verbatim(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, PKCS1v15(), NoDigestInfo())


def _bare_hash(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(sha256(data).digest(), PKCS1v15(), NoDigestInfo())


def _given_hash(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, PKCS1v15(), Prehashed(SHA256()))


def _hashed(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, PKCS1v15(), SHA256())


def _pss_given_hash(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PSS, Prehashed(SHA256()))


def _pss_hashed(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PSS, SHA256())


# P1 → how it signs, and which lengths it takes.
SCHEMES: Final[Mapping[int, tuple[Callable[[RSAPrivateKey, bytes], bytes], range]]] = {
    0x00: (_verbatim, range(1, 246)),
    0x01: (_bare_hash, range(1, 256)),
    0x02: (_given_hash, range(HASH_BYTES, HASH_BYTES + 1)),
    0x03: (_hashed, range(1, 256)),
    0x04: (_pss_given_hash, range(HASH_BYTES, HASH_BYTES + 1)),
    0x05: (_pss_hashed, range(1, 256)),
}
