"""A kiosk session that may be killed: real processes, a real card file, a reservation that was really made in the ledger."""

import secrets
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx

from services.bootstrap import Services, open_services
from services.card.virtual import store
from services.domain.password import PasswordKind
from services.domain.reservation import RESERVATION, Reservation, ReservationState, deadline
from services.rehearsal.browser import PageUnexpected
from services.rehearsal.proof import accepts
from services.rehearsal.props import Props
from services.rehearsal.stage import KIOSK_SLOT, Stage
from services.rehearsal.telling import Telling
from services.rehearsal.visitor import VirtualVisitor
from services.settings import Settings

PATIENCE_S = 30.0
DIED = (httpx.HTTPError, PageUnexpected)


def services_of(stage: Stage) -> Services:
    """The server's own parts over the stage's database, in this process."""
    given = {name.removeprefix("PINRESET_").lower(): value for name, value in stage.environment.items()}
    return open_services(Settings(**given), with_workers=False)


@dataclass
class Resident:
    """A holder of a card who tries again after each misfortune, with another new password each time."""

    stage: Stage
    services: Services
    props: Props
    kind: PasswordKind
    telling: Telling

    def reserve(self) -> Reservation:
        """Makes a reservation for the card, as the phone's half would."""
        files = store.load(self.props.card_file).jpki
        certificate = files.user_authentication.certificate
        other = certificate if self.kind is PasswordKind.SIGNATURE else files.signature.certificate
        now = self.services.ports.clock.now()
        made = Reservation(
            id=secrets.token_hex(16),
            kind=self.kind,
            card_fingerprint=self.services.ports.proofs.fingerprint(certificate),
            other_key_fingerprint=self.services.ports.proofs.key_fingerprint(other),
            state=RESERVATION.initial,
            reserved_at=now,
            expires_at=deadline(now),
            rehearsal=True,
        )
        with self.services.ports.ledger.begin() as unit:
            unit.add_reservation(made, actor="test")
        return made

    def choose_another(self) -> None:
        """Thinks of a new password that was never used."""
        digits = f"{secrets.randbelow(8999) + 1000}"
        new = digits if self.kind is PasswordKind.USER_AUTHENTICATION else f"NEW{digits}X"
        self.props = replace(self.props, new_passwords={**self.props.new_passwords, self.kind: new})

    def visit(self) -> bool:
        """One session at the kiosk; says whether the terminal told that the password is set."""
        visitor = VirtualVisitor(self.stage, self.props, self.kind, self.telling)
        try:
            visitor.begin()
            visitor.identify()
            visitor.set_password()
        except DIED:
            return False
        finally:
            visitor.close()
            self.stage.desk.remove(KIOSK_SLOT)
        return True

    def card_has(self) -> bool:
        """Whether the card accepts the new password that was typed last."""
        return accepts(self.props.card_file, self.kind, self.props.new_passwords[self.kind])

    def state(self, reservation: Reservation) -> ReservationState:
        """The reservation's state now."""
        with self.services.ports.ledger.begin() as unit:
            return unit.reservation(reservation.id).state

    def settled(self, reservation: Reservation) -> bool:
        """Whether the reservation gets completed without anybody's help, by what a restarted terminal had kept."""
        end = time.monotonic() + 3.0
        while time.monotonic() < end:
            if self.state(reservation) is ReservationState.COMPLETED:
                return True
            time.sleep(0.1)
        return False


@contextmanager
def restarted_kiosk(stage: Stage, environment: Mapping[str, str]):
    """The kiosk with this environment for the length of the block, and without it afterwards."""
    stage.programs.running["kiosk"].kill()
    stage.start_kiosk(environment)
    try:
        yield stage.programs.running["kiosk"]
    finally:
        stage.programs.running["kiosk"].kill()
        stage.start_kiosk()


def wait_until_dead(program) -> None:
    """Returns when the program has ended by itself."""
    program.process.wait(PATIENCE_S)
