"""The line between a terminal and the server, as `httpx.Client` has it: what passes is lost, doubled, late, out of order."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import httpx

from services.domain.reservation import LEASE
from services.pki.terminal_signature import HTTPRequest, sign

from .deeds import Outcome, Question, Trouble
from .faults import Fault
from .view import no_secret_in

if TYPE_CHECKING:
    from .terminal import SimulatedTerminal
    from .world import World

SILENCE: Final = timedelta(seconds=20)  # before the client takes it that no answer comes, whatever the reason
PAST_LEASE: Final = LEASE + timedelta(seconds=5)


@dataclass(frozen=True)
class _Answer:
    """What the client reads of an answer."""

    status_code: int
    _body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def iter_bytes(self) -> Iterator[bytes]:
        yield self._body


class Line:
    """One terminal's line."""

    def __init__(self, world: "World", terminal: "SimulatedTerminal") -> None:
        self._world = world
        self._terminal = terminal
        self.dead = False

    @contextmanager
    def stream(
        self, _method: str, url: str, *, content: bytes, headers: Mapping[str, str], **_: object
    ) -> Iterator[_Answer]:
        """`httpx.Client.stream`."""
        path = httpx.URL(url).path if "?" in url else "/" + url.split("/", 3)[3]
        question = Question(path, content, tuple(sorted(headers.items())))
        no_secret_in(content, "a request")
        outcome = self._asked(question)
        no_secret_in(outcome.body, "an answer")
        yield _Answer(outcome.status or 0, outcome.body)

    def _asked(self, question: Question) -> Outcome:
        world, name = self._world, question.path.rpartition("/")[2]
        nominal = world.server.do(world.state, world.now, question)
        where = f"{self._terminal.id} asks {name}"
        fault = world.points.pass_by(where, self._offers(nominal), _alike(nominal, world.points.effects))
        if fault in ("lease", "lease-quiet", "deadline", "deadline-quiet", "outbox", "other"):
            world.happens(self._terminal, fault)
            fault = None
        if fault == "outage":
            self.dead = True
        if self.dead or fault == "lost":
            world.now += SILENCE
            raise httpx.ConnectTimeout("the line is dead")
        if fault == "dark":
            world.points.go_dark(fault)
        if fault == "delayed":
            world.delayed.append(question)
            world.now += SILENCE
            raise httpx.ReadTimeout("no answer yet")
        return self._answered(question, fault)

    def _answered(self, question: Question, fault: Fault | None) -> Outcome:
        world = self._world
        trouble = self._trouble(fault, question)
        outcome = world.serve(question, trouble)
        if fault == "twice":
            world.serve(question)
        if fault == "mute":
            world.now += SILENCE
            raise httpx.ReadTimeout("the answer is lost")
        if fault == "dark-answered":
            world.points.go_dark(fault)
        if trouble is not None and trouble.what in ("die", "drop"):
            world.now += SILENCE
        if outcome.status is None:
            raise httpx.RemoteProtocolError("the server is gone")
        world.deliver_delayed()
        return outcome

    def _trouble(self, fault: Fault | None, question: Question) -> Trouble | None:
        if fault is None or fault.partition("-")[0] not in ("die", "drop", "later", "again"):
            return None
        what, number, *rest = fault.split("-")
        match what:
            case "later":
                return Trouble(what, int(number), "begin", by=PAST_LEASE)
            case "again":
                return Trouble(what, int(number), "begin", question=self._again(question))
        return Trouble(what, int(number), "before" if rest == ["before"] else "after")

    def _again(self, question: Question) -> Question:
        """The same, signed once more: whoever got no answer asks again while the first question is still being answered."""
        request = HTTPRequest("POST", self._terminal.origin + question.path, question.body)
        headers = sign(request, self._terminal.key, keyid=self._terminal.id, now=self._terminal.clock.now())
        return question._replace(headers=tuple(sorted({**dict(question.headers), **headers}.items())))

    def _offers(self, nominal: Outcome) -> tuple[Fault, ...]:
        passing = ("deadline", "deadline-quiet") if self._world.schedule.late else ("lease", "lease-quiet")
        plain = ("lost", "mute", "twice", "delayed", "outage", "dark", "dark-answered", "outbox", *passing)
        other = ("other",) if self._world.other(self._terminal).has_something_to_say else ()
        return plain + other + _server_faults(nominal.changed)


def _alike(nominal: Outcome, effects: int) -> Mapping[Fault, str]:
    """What counts is how many commits there were before the silence, not why there was one."""
    key = (nominal.changed, effects)
    if key not in _same:
        writes = [number for number, wrote in enumerate(nominal.changed) if wrote]
        found = {"lost": f"silent {effects} 0", "mute": f"silent {effects} {len(writes)}"}
        found |= {"dark": f"dark {effects}", "dark-answered": f"dark {effects + 1}"}
        for done, number in enumerate(writes):
            found |= {f"{what}-{number}-before": f"silent {effects} {done}" for what in ("die", "drop")}
            found |= {f"{what}-{number}-after": f"silent {effects} {done + 1}" for what in ("die", "drop")}
        _same[key] = found
    return _same[key]


_same: dict[tuple, dict[Fault, str]] = {}
_known: dict[tuple[bool, ...], tuple[Fault, ...]] = {}


def _server_faults(changed: tuple[bool, ...]) -> tuple[Fault, ...]:
    if changed not in _known:
        writes = [number for number, wrote in enumerate(changed) if wrote]
        found = [f"die-{number}-before" for number in writes] + [f"die-{number}-after" for number in writes[-1:]]
        found += [f"drop-{number}-{moment}" for number in writes for moment in ("before", "after")]
        found += [f"{what}-{number}" for number in range(1, len(changed)) for what in ("later", "again")]
        _known[changed] = tuple(found)
    return _known[changed]
