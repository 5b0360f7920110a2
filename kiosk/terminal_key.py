"""The terminal's own Ed25519 key: made once at enrolment, never leaves the terminal.

It signs every request to the server. From it also comes the key that seals the journal's evidence, so that a stolen disk
image without the key file tells nobody's name; a terminal with a TPM keeps the file's content there.
"""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D: the nonce length of AES-GCM
OTHERS_MAY_READ = 0o077


class KeyUnusable(Exception):  # named after what happened, like the errors of the domain
    """The key file is absent, damaged, or readable by others. The message says what to do; an operator reads it."""


def make(path: Path) -> Ed25519PrivateKey:
    """Makes the key; an existing one is kept, because the server knows it.

    Raises:
        KeyUnusable: a file is there and is not a key of ours.
    """
    if path.exists():
        return load(path)
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    return key


def load(path: Path) -> Ed25519PrivateKey:
    """The key of this terminal.

    Raises:
        KeyUnusable: absent, damaged, or readable by others.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            octets = file.read(KEY_BYTES + 1)
    except OSError as exc:
        raise KeyUnusable(f"no terminal key at {path}; run `python -m kiosk enrol` first") from exc
    if mode & OTHERS_MAY_READ:
        raise KeyUnusable(f"others may read {path}; set its mode to 0600 and enrol the terminal anew")
    if len(octets) != KEY_BYTES:
        raise KeyUnusable(f"{path} is not a terminal key")
    return Ed25519PrivateKey.from_private_bytes(octets)


class Seal:
    """Encrypts what the journal must keep and nobody should read: AES-256-GCM under a key derived from the terminal's."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"kiosk journal evidence 1")
        self._cipher = AESGCM(derive.derive(key.private_bytes_raw()))

    def close(self, octets: bytes, name: str) -> bytes:
        """The sealed octets, bound to the name of their record."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, octets, name.encode())

    def open(self, sealed: bytes, name: str) -> bytes:
        """What was sealed under this name.

        Raises:
            ValueError: damaged, of another record, or of another terminal.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())
        except InvalidTag as exc:
            raise ValueError("the seal does not hold") from exc
