"""What the scripted server answers: the right thing, a refusal, or one of the ways in which a line garbles it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

ELSEWHERE: Final = "/elsewhere"
FOREIGN_CLAIM: Final = "ffffffff-ffff-4fff-8fff-ffffffffffff"
LARGE: Final = 64 * 1024**2
_JSON: Final = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_PROBLEM: Final = {**_JSON, "Content-Type": "application/problem+json"}
_CLAIM_ID: Final = re.compile(rb'"claim_id": "[^"]+"')


class Twist(StrEnum):
    """What goes wrong with one answer."""

    DROPPED = "the request is lost"
    LOST = "the answer is lost"
    SLOW = "the answer comes when nobody waits any more"
    GARBLED = "a page instead of JSON"
    TRUNCATED = "half of the answer"
    OVERSIZED = "an answer without an end"
    FOREIGN = "the answer to somebody else's claim"
    REDIRECT = "the answer is elsewhere"


@dataclass(frozen=True)
class Refusal:
    """A problem document instead of the good answer; nothing is done."""

    status: int
    code: str


@dataclass(frozen=True)
class Reply:
    """What the line delivers; with `hold`, only after that time; with `cut`, nothing at all."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(_JSON))
    body: bytes = b""
    cut: bool = False
    hold: bool = False
    padding: int = 0  # so many octets of nothing after the body


def answered(value: dict[str, Any]) -> Reply:
    """The good answer."""
    return Reply(body=json.dumps(value).encode())


def problem(status: int, code: str) -> Reply:
    """A refusal."""
    texts = dict.fromkeys(("title", "detail", "cost", "remedy", "helper"), code)
    document = {"type": f"/help/codes#{code}", "status": status, "code": code, **texts}
    return Reply(status, dict(_PROBLEM), json.dumps(document).encode())


def twisted(right: Reply, twist: Twist | None) -> Reply:
    """What becomes of the right answer."""
    return right if twist is None else _TWISTS[twist](right)


_TWISTS: Final[Mapping[Twist, Callable[[Reply], Reply]]] = {
    Twist.DROPPED: lambda _: Reply(cut=True),
    Twist.LOST: lambda _: Reply(cut=True),
    Twist.SLOW: lambda right: Reply(right.status, right.headers, right.body, hold=True),
    Twist.GARBLED: lambda _: Reply(headers={**_JSON, "Content-Type": "text/html"}, body=b"<h1>It works!</h1>"),
    Twist.TRUNCATED: lambda right: Reply(body=right.body[: len(right.body) // 2]),
    Twist.OVERSIZED: lambda right: Reply(body=right.body[:-1], padding=LARGE),
    Twist.FOREIGN: lambda right: Reply(body=_CLAIM_ID.sub(b'"claim_id": "%s"' % FOREIGN_CLAIM.encode(), right.body)),
    Twist.REDIRECT: lambda _: Reply(307, {**_JSON, "Location": ELSEWHERE}, b"{}"),
}
