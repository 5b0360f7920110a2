"""RSA keys of the virtual issuer: made, kept in files that only their owner reads, and loaded.

The slot where a hardware module would be: whoever replaces these three functions by PKCS#11 replaces the key files.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

MakeKey: TypeAlias = Callable[[], rsa.RSAPrivateKey]

EXPONENT: Final = 65537
KEY_BITS: Final = 2048


def new_key() -> rsa.RSAPrivateKey:
    """A fresh RSA-2048 key."""
    return rsa.generate_private_key(EXPONENT, KEY_BITS)


def write_key(path: Path, key: rsa.RSAPrivateKey) -> None:
    """Writes the key as PKCS#8 PEM, readable by its owner only from the first byte on.

    Raises:
        FileExistsError: a key is never overwritten.
    """
    octets = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(octets)


def read_key(path: Path) -> rsa.RSAPrivateKey:
    """Reads a key that `write_key` wrote.

    Raises:
        OSError, ValueError: the file is absent or not such a key.
    """
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the issuer's keys are RSA keys")  # noqa: TRY004  # a wrong file, not a wrong argument
    return key
