"""The server refuses the evidence: which refusals are its last word, and which are only today's."""

import httpx
import pytest
from kiosk_world import NEW, S

from kiosk.crash import CrashPoint
from kiosk.disk import Folder
from kiosk.record import Step
from services.domain import errors
from services.domain.errors import ResetError
from services.domain.reservation import ReservationState

FINAL = [
    errors.ClaimSuperseded,
    errors.EvidenceInvalid,
    errors.CardSignatureInvalid,
    errors.ProofMalformed,
    errors.ReservationNotFound,
]
FOR_NOW = [error for error in errors.catalogue() if not issubclass(error, tuple(FINAL))]
LIKELY = [
    errors.RequestMalformed,
    errors.CertificateUntrusted,
    errors.CertificateExpired,
    errors.CertificateRevoked,
    errors.CertificateHeld,
    errors.CertificateUnknown,
    errors.TerminalRefused,
    errors.RequestReplayed,
    errors.PageNotFound,
    errors.RevocationUnavailable,
    errors.Unexpected,
]
NAMED = {"ids": lambda error: error.__name__}


class Refusing(httpx.BaseTransport):
    """The server, with one refusal for one kind of question, for as long as `refuses` says so."""

    def __init__(self, server: httpx.BaseTransport, call: str, error: type[ResetError]) -> None:
        self._server = server
        self._call = call
        self._error = error
        self.refuses = lambda: True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(self._call) and self.refuses():
            return httpx.Response(403, json={"code": self._error.code, "title": self._error.message})
        return self._server.handle_request(request)


def refuse(world, call: str, error: type[ResetError]) -> None:
    world.wire._server = Refusing(world.wire._server, call, error)


def accept(world) -> None:
    world.wire._server.refuses = lambda: False


def evidence_waits(world):
    """A session that ended without the server, which is back now."""

    def cut(point: CrashPoint) -> None:
        if point is CrashPoint.CARD_WRITTEN:
            world.wire.cut()

    world.power_on(cut)
    reservation = world.reserve()
    assert world.visit() == S.DONE
    world.wire.mend()
    return reservation


def steps(world) -> list[Step]:
    return [record.step for record in world.kiosk.journal.records()]


# ── The outbox ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", FOR_NOW, **NAMED)
def test_a_refusal_that_may_be_taken_back_keeps_the_evidence_until_it_is_taken(world, error):
    reservation = evidence_waits(world)
    refuse(world, "/completion", error)
    for _ in range(3):
        world.kiosk.outbox.send()
    assert steps(world) == [Step.VERIFIED]
    world.restart()
    accept(world)
    world.kiosk.outbox.send()
    assert world.state_of(reservation) is ReservationState.COMPLETED


@pytest.mark.parametrize("error", FINAL, **NAMED)
def test_a_final_refusal_ends_the_evidence(world, error):
    evidence_waits(world)
    refuse(world, "/completion", error)
    world.kiosk.outbox.send()
    assert [(record.step, record.evidence, record.why) for record in world.kiosk.journal.records()] == [
        (Step.DEAD, None, error.code)
    ]
    world.kiosk.outbox.send()
    assert steps(world) == []


# ── In front of the holder ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", LIKELY, **NAMED)
def test_the_holder_is_told_that_the_password_is_set_and_the_record_pending(world, error):
    reservation = world.reserve()
    refuse(world, "/completion", error)
    assert world.visit() == S.DONE
    assert world.kiosk.screen.pending
    assert world.card_has(NEW[world.kind])
    accept(world)
    world.kiosk.outbox.send()
    assert world.state_of(reservation) is ReservationState.COMPLETED


@pytest.mark.parametrize("error", FINAL, **NAMED)
def test_after_a_final_refusal_nobody_is_told_that_the_card_was_not_changed(world, error):
    world.reserve()
    refuse(world, "/completion", error)
    assert world.visit() == S.FAILED
    assert world.kiosk.code == errors.EvidenceInvalid.code
    assert world.kiosk.screen.doubt


@pytest.mark.parametrize("error", [errors.CertificateHeld, errors.PageNotFound, errors.StorageUnavailable], **NAMED)
def test_a_refusal_without_evidence_on_disk_leaves_a_doubt(world, error):
    world.reserve()
    world.to_new_password()
    refuse(world, "/completion", error)

    def disk_is_full_from(point: CrashPoint) -> None:
        if point is CrashPoint.CARD_WRITTEN:
            world.kiosk.journal._disk = Folder(world.directory / "full" / "disk")

    object.__setattr__(world.kiosk.controller._bench, "cut", disk_is_full_from)
    assert world.set_password() == S.FAILED
    assert world.kiosk.code == error.code
    assert world.kiosk.screen.doubt
