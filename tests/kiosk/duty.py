"""A terminal on duty: enrolled at the real server, heard by it, and closed for the reason that holds."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
from kiosk_world import NOW

from kiosk.build import build_id
from kiosk.disk import Folder
from kiosk.heartbeat import Heartbeat
from kiosk.hours import Hours
from kiosk.policy import PolicyKeeper
from kiosk.printer import NoPrinter
from kiosk.selftest import SelfTest
from kiosk.server import KioskServer, Terminal
from services.domain.terminal import Part, PlaceClass, terminal_id_of
from services.domain.terminal_policy import Trait
from services.pki.policy_signature import PolicySigner
from services.usecases.enrol_terminal import Place, issue_code
from services.usecases.suspend import suspend

WHY = "不具合の調査のため"
SIGNER = PolicySigner(b"p" * 32)
PLACE = Place("駅前店", PlaceClass.STORE, "S-0107", "pilot")
SECOND = timedelta(seconds=1)


@dataclass
class Duty:
    """A terminal with its heartbeat; `now` is the true time, the terminal's clock may lie."""

    world: object
    heartbeat: Heartbeat
    parts: dict

    @property
    def reason(self):
        return self.heartbeat.reason

    def pass_(self, time: timedelta, step: timedelta = SECOND):
        """Lets time pass, second by second."""
        for _ in range(time // step):
            self.world.clock.advance(step)
            self.attend()

    def attend(self):
        self.heartbeat.attend()
        self.heartbeat.decide()
        self.world.kiosk.wait()

    def stop(self, text):
        suspend(self.world.services.ports, Trait.parse(text), by="2001", why=WHY)


class Skewed:
    """A clock that is off."""

    def __init__(self, clock):
        self._clock, self.off = clock, timedelta(0)

    def now(self):
        return self._clock.now() + self.off


def on_duty(world, **more):
    object.__setattr__(world.services, "policy_signer", SIGNER)
    clock, client = Skewed(world.clock), httpx.Client(transport=world.wire)
    name = Terminal(terminal_id_of(world.key.public_key().public_bytes_raw()), world.key)
    server = KioskServer(client, "https://reset.example", name, clock)
    identity = server.enrol(issue_code(world.services.ports, PLACE, by="2001"), build_id())
    world.kiosk.controller._bench.server._terminal = name
    disk, parts = Folder(world.directory / "state"), {"reader": Part.PRESENT}

    def stopwatch():
        return (world.clock.now() - NOW).total_seconds()

    folder, journal = world.journal_folder, world.kiosk.journal
    selftest = SelfTest(
        build_id(), folder, (disk, Folder(folder)), journal, lambda: parts["reader"], more.pop("printer", NoPrinter())
    )
    keeper = PolicyKeeper(identity.policy_key, disk, stopwatch)
    hours = more.pop("hours", Hours.parse("00:00-24:00"))
    beating = Heartbeat(
        server, selftest, keeper, world.kiosk.inbox, clock, identity, hours, stopwatch=stopwatch, **more
    )
    beating.begin()
    world.kiosk.wait()
    return Duty(world, beating, parts)
