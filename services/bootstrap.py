"""The only place where implementations are chosen. Nothing is connected before `open_services` is called."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import SystemRandom
from typing import TYPE_CHECKING, Final

from services.clock import SystemClock
from services.domain.errors import ChecksBusy, RehearsalRefused
from services.logs import configure_logs
from services.pki.authority import VirtualResetAuthority
from services.pki.card_proof import CardProofVerifier
from services.pki.policy_signature import PolicySigner
from services.pki.revocation import HTTPRevocationChecker
from services.pki.trust import TrustStore
from services.ports import FaceMatcher, Ports
from services.settings import Settings
from services.storage.database import Database, open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals
from services.usecases.run_check import Eyes, lose_check, run_check
from services.vision.forgetting import forget_freed_memory
from services.vision.runner import PoolRunner
from services.vision.worker import Work
from services.vision.worker_process import Recipe

if TYPE_CHECKING:
    from services.vision.face_networks import FaceNetworks

# Address space of a check's child; what a library reserves without using counts, too. Measured peaks: 0.97 GB for a front of
# 12 megapixels, 0.86 GB for 64 frames of a face by dlib. A bomb ends the child, not the machine.
CHILD_MEMORY_BYTES: Final = 1536 * 1024**2

# What a worker's libraries read when they start.
WORKER_ENVIRONMENT: Final = {
    # A worker is one thread of work: BLAS threads on top only fight over the cores (116 ms became 47 ms of CPU a picture).
    "OPENBLAS_NUM_THREADS": "1",
    # Heap in huge pages: a fork of 300 MB takes 4 ms instead of 15, and a front check faults 6,000 pages instead of 61,000.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


@dataclass(frozen=True)
class Services:
    """Everything that a process of the server works with."""

    ports: Ports
    settings: Settings
    database: Database
    terminals: Terminals
    staff: StaffDirectory
    refresh_crls: Callable[[], None]
    stop_workers: Callable[[], None]  # at the end of a web process: checks end or are lost, no child is left
    policy_signer: PolicySigner | None = (
        None  # None in a rehearsal without a policy key: no terminal is enrolled or heard
    )
    card_generations: tuple[str, ...] = ()  # the labels of the pinned CA generations, for staff to choose from


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
    pool = _pool(settings) if with_workers and settings.vision_workers else None
    ports = Ports(
        clock=clock,
        random=SystemRandom(),
        ledger=SQLLedger(database),
        evidence=SealedEvidence(database, clock, settings.key(settings.evidence_key)),
        runner=pool or _Nowhere(),
        proofs=CardProofVerifier(trust, revocation, settings.key(settings.fingerprint_key)),
        authority=VirtualResetAuthority(settings.issuer, clock),
        origin=settings.origin,
        rehearsal=settings.rehearsal,
        free_face_attempts=settings.free_face_attempts,
    )
    if pool is not None:
        forget_freed_memory()
        pool.start(partial(lose_check, ports))
    return Services(
        ports=ports,
        settings=settings,
        database=database,
        terminals=Terminals(database, clock),
        staff=StaffDirectory(database, clock),
        refresh_crls=revocation.refresh_crls,
        stop_workers=_nothing if pool is None else pool.stop,
        policy_signer=None if settings.policy_key is None else PolicySigner(settings.key(settings.policy_key)),
        card_generations=tuple(sorted(generation.label for generation in trust.generations)),
    )


def _pool(settings: Settings) -> PoolRunner:
    for name, value in WORKER_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    recipe = Recipe(prepare_worker, (settings,), CHILD_MEMORY_BYTES)
    return PoolRunner(recipe, workers=settings.vision_workers, queue=settings.vision_queue)


def open_eyes(settings: Settings) -> Eyes:
    """Loads the models; only a worker does this."""
    # Imported here because they bring OpenCV, which no web process needs.
    from services.vision.face_networks import FaceNetworks  # noqa: PLC0415
    from services.vision.front import CardFrontByTemplate  # noqa: PLC0415
    from services.vision.liveness import MeshLiveness  # noqa: PLC0415
    from services.vision.liveness_sight import Observer  # noqa: PLC0415

    networks = FaceNetworks()
    return Eyes(
        front=CardFrontByTemplate(SystemClock()),
        liveness=MeshLiveness(Observer(networks)),
        matcher=_matcher(settings, networks),
    )


def _matcher(settings: Settings, networks: "FaceNetworks") -> FaceMatcher:
    if settings.face_model is not None:
        from services.vision.face_file import read_face_model  # noqa: PLC0415
        from services.vision.face_onnx import FileMatcher  # noqa: PLC0415

        return FileMatcher(read_face_model(settings.face_model), networks)
    if settings.face_engine == "dlib":
        from services.vision.face_dlib import DlibMatcher  # noqa: PLC0415

        return DlibMatcher(networks)
    from services.vision.face import SFaceMatcher  # noqa: PLC0415

    return SFaceMatcher(networks)


def _nothing() -> None:
    return


class _Nowhere:
    """A process without workers hands work to nobody."""

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's signature
        raise ChecksBusy


def prepare_worker(settings: Settings) -> Work:
    """Loads and warms the models in a worker process; returns what a check's child does there.

    The ledger is opened and not yet connected: each child connects for itself.
    """
    import cv2  # noqa: PLC0415

    from services.vision.warming import warm  # noqa: PLC0415

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of a target that nobody has set
    configure_logs(settings.log_level)
    ports, eyes = open_services(settings, with_workers=False).ports, open_eyes(settings)
    warm(eyes)
    return partial(run_check, ports, eyes)
