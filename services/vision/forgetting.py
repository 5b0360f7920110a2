"""A web process receives pictures before they are sealed: what it frees is overwritten, so that none stays in its heap."""

import ctypes
from typing import Final

_M_PERTURB: Final = -6  # glibc's malloc.h: freed blocks are filled with this byte, new ones with its complement
_FILL: Final = 0xA5


def forget_freed_memory() -> None:
    """From now on, freed memory of this process is overwritten. Without glibc nothing happens: it is a second line."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_PERTURB, _FILL)
