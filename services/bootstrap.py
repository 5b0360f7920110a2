"""The only place where implementations are chosen. Nothing is connected before `open_services` is called."""

import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom

from services.clock import SystemClock
from services.domain.errors import ChecksBusy, RehearsalRefused
from services.logs import configure_logs
from services.pki.authority import VirtualResetAuthority
from services.pki.card_proof import CardProofVerifier
from services.pki.revocation import HTTPRevocationChecker
from services.pki.trust import TrustStore
from services.ports import CheckRunner, FaceMatcher, Ports
from services.settings import Settings
from services.storage.database import Database, open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals
from services.usecases.run_check import Eyes, run_check
from services.vision.runner import PoolRunner

WORKER_MEMORY_BYTES = (
    4 * 1024**3
)  # address space, several times what the models map; a bomb ends the worker, not the machine


@dataclass(frozen=True)
class Services:
    """Everything that a process of the server works with."""

    ports: Ports
    settings: Settings
    database: Database
    terminals: Terminals
    staff: StaffDirectory
    refresh_crls: Callable[[], None]


def open_services(settings: Settings, *, with_workers: bool = True) -> Services:
    """Connects one process; only a web process needs workers for image checks.

    Raises:
        RehearsalRefused: practice CAs outside a rehearsal, or the other way round.
    """
    clock = SystemClock()
    database = open_database(settings.database_url)
    trust = TrustStore.load(settings.trust)
    if trust.rehearsal is not settings.rehearsal:
        raise RehearsalRefused(trust=settings.trust.name)
    revocation = HTTPRevocationChecker(trust, clock, settings.crls)
    runner = _pool(settings) if with_workers else _Nowhere()
    ports = Ports(
        clock=clock,
        random=SystemRandom(),
        ledger=SQLLedger(database),
        evidence=SealedEvidence(database, clock, settings.key(settings.evidence_key)),
        runner=runner,
        proofs=CardProofVerifier(trust, revocation, settings.key(settings.fingerprint_key)),
        authority=VirtualResetAuthority(settings.issuer, clock),
        origin=settings.origin,
        rehearsal=settings.rehearsal,
    )
    return Services(
        ports=ports,
        settings=settings,
        database=database,
        terminals=Terminals(database, clock),
        staff=StaffDirectory(database, clock),
        refresh_crls=revocation.refresh_crls,
    )


def _pool(settings: Settings) -> CheckRunner:
    if settings.vision_workers == 0:
        return _Nowhere()
    # A worker is one thread of work: BLAS threads on top only fight over the cores (116 ms became 47 ms of CPU a picture).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    pool = PoolRunner(
        start_worker,
        work,
        initargs=(settings,),
        workers=settings.vision_workers,
        queue=settings.vision_queue,
    )
    pool.warm()
    return pool


def open_eyes(settings: Settings) -> Eyes:
    """Loads the models; only a worker does this."""
    # Imported here because they bring OpenCV, which no web process needs.
    from services.vision.front import CardFrontByTemplate  # noqa: PLC0415
    from services.vision.liveness import MeshLiveness  # noqa: PLC0415

    return Eyes(front=CardFrontByTemplate(SystemClock()), liveness=MeshLiveness(), matcher=_matcher(settings))


def _matcher(settings: Settings) -> FaceMatcher:
    if settings.face_model is not None:
        from services.vision.face_file import read_face_model  # noqa: PLC0415
        from services.vision.face_onnx import FileMatcher  # noqa: PLC0415

        return FileMatcher(read_face_model(settings.face_model))
    if settings.face_engine == "dlib":
        from services.vision.face_dlib import DlibMatcher  # noqa: PLC0415

        return DlibMatcher()
    from services.vision.face import SFaceMatcher  # noqa: PLC0415

    return SFaceMatcher()


class _Nowhere:
    """A process without workers hands work to nobody."""

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's signature
        raise ChecksBusy


@dataclass(frozen=True)
class _Worker:
    services: Services
    eyes: Eyes


_worker: list[_Worker] = []  # filled once in a worker process, by its initialiser


def start_worker(settings: Settings) -> None:
    """Prepares a worker process: limits first, then the models."""
    import cv2  # noqa: PLC0415

    resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY_BYTES, WORKER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold images
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of a target that nobody has set
    configure_logs(settings.log_level)
    _worker.append(_Worker(open_services(settings, with_workers=False), open_eyes(settings)))


def work(check_id: str) -> None:
    """Does one check in a worker process."""
    run_check(_worker[0].services.ports, _worker[0].eyes, check_id)
