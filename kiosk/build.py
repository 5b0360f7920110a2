"""Which build this is: the version, and a digest of the code that runs. What a terminal says of itself, not a proof."""

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_PARTS: Final = ("kiosk", "services/domain", "services/card", "services/pki", "services/ports.py", "services/clock.py")
_DIGITS: Final = 12


@cache
def build_id() -> str:
    """Such as `0.1.0+3f2a9c01d47e`: two terminals with the same code say the same, after any change another.

    Read once: what runs is what was there at the start, whatever an update puts beside it.
    """
    digest = sha256()
    for part in _PARTS:
        path = _ROOT / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            octets = file.read_bytes()
            digest.update(f"{file.relative_to(_ROOT).as_posix()} {len(octets)}\n".encode())
            digest.update(octets)
    try:
        release = version("pinreset")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{digest.hexdigest()[:_DIGITS]}"
