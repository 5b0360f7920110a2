"""Canonical JSON: the bytes that are signed and logged.

The subset of RFC 8785 that needs no floating point: text, whole numbers, truth values, null, lists, and objects with
ASCII keys. For these, sorted keys without spaces are the canonical form (a test compares with a reference).
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Plain: TypeAlias = "bool | int | str | Sequence[Plain] | Mapping[str, Plain] | None"

SAFE_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: beyond it, numbers lose digits in other implementations


def canonical_json(value: Plain) -> bytes:
    """The canonical form of the value.

    Raises:
        ValueError: a float, a key that is not ASCII, a number beyond 2^53-1, or text with a lone surrogate.
    """
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _check(value: Plain) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > SAFE_INTEGER:
                raise ValueError("a number beyond 2^53-1 has no canonical form")
        case Mapping():
            for key, item in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise ValueError("a key must be ASCII text")
                _check(item)
        case list() | tuple():
            for item in value:
                _check(item)
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form here")
