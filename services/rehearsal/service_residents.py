"""Residents who only send: a picture of a card front or a face's frames, and wait for the answer as the page does."""

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Final

from services.domain.errors import ChecksBusy
from services.domain.intake import Check, CheckKind, CheckState, Intake, IntakeState
from services.domain.liveness import Action, LivenessSession, challenge_of, draw_actions
from services.domain.password import PasswordKind
from services.domain.policy import INTAKE_LIFE
from services.ports import EvidenceKind, Ports
from services.rehearsal.clip import CameraClip
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_picture import FrontFields, render_front
from services.rehearsal.person import imagine
from services.rehearsal.portrait import Portrait, card_photo
from services.usecases.hand_over import hand_over
from services.usecases.run_check import check_status

FRAMES_A_STEP: Final = 16  # what the page sends
FRAME_MS: Final = 240
STEP_MS: Final = 5000
CARDS: Final = 8  # pictures of the seeds 1 to 8, taken in turn
FILM_SEED: Final = 7
ANSWER_POLL_S: Final = 0.005


@dataclass(frozen=True)
class Pictures:
    """What the residents send."""

    fronts: Sequence[bytes]
    film: Mapping[Action, Sequence[bytes]]
    chip_photo: bytes

    def __repr__(self) -> str:
        return "<Pictures>"

    @classmethod
    def draw(cls, portrait: Portrait, ports: Ports, kept_in: Path) -> "Pictures":
        """Draws them; a face's frames are kept on disk, because drawing those takes long."""
        fronts, clip = [], CameraClip(portrait, kept_in)
        for seed in range(1, CARDS + 1):
            person = imagine(seed, today=ports.clock.now().date())
            fields = FrontFields(person.front, person.name, person.address, person.sex.printed)
            fronts.append(photograph(render_front(fields, portrait.pixels, seed=seed), seed=seed, tier=Tier.NORMAL))
        actions = draw_actions(ports.random)
        film = {action: clip.frames(action, FRAMES_A_STEP, seed=FILM_SEED) for action in actions}
        return cls(fronts, film, card_photo(portrait))


@dataclass
class Residents:
    """As many as are wanted, on one ledger. Thread-safe."""

    ports: Ports
    pictures: Pictures
    refusals: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count()
        self._lock = threading.Lock()

    def ready(self, kind: CheckKind) -> Check:
        """A new resident at this step, with everything sealed; the check waits and is not handed over yet."""
        now = self.ports.clock.now()
        intake = Intake(
            id=secrets.token_hex(16),
            token_hash=secrets.token_bytes(32),
            kind=PasswordKind.SIGNATURE,
            state=IntakeState.STARTED if kind is CheckKind.FRONT else IntakeState.CHIP_READ,
            created_at=now,
            ends_at=now + INTAKE_LIFE,
            rehearsal=True,
            card_fingerprint=secrets.token_hex(32),
        )
        check = Check(secrets.token_hex(16), intake.id, kind, CheckState.WAITING, now)
        with self.ports.ledger.begin() as unit:
            unit.add_intake(intake)
            unit.add_check(check)
            if kind is CheckKind.FACE:
                unit.add_liveness(self._answered(intake.id))
        self._seal(check)
        return check

    def judged(self, kind: CheckKind) -> float:
        """Seconds from sending to the answer; a full queue sends the resident away for as long as it says, and that counts."""
        began = time.monotonic()
        while True:
            check = self.ready(kind)
            try:
                hand_over(self.ports, check)
                break
            except ChecksBusy as busy:
                with self._lock:
                    self.refusals += 1
                time.sleep(busy.retry_after_s)
        while (found := check_status(self.ports, check.intake_id, kind)) and found.state is CheckState.WAITING:
            time.sleep(ANSWER_POLL_S)
        self.note(found)
        return time.monotonic() - began

    def note(self, check: Check | None) -> None:
        """Remembers a check that did not pass, by its code."""
        if check is not None and check.state is CheckState.FAILED:
            with self._lock:
                self.faults.append(f"{check.kind.value} {check.failure} {check.reason or ''}".strip())

    def _answered(self, intake_id: str) -> LivenessSession:
        challenge = challenge_of(list(self.pictures.film), [secrets.token_urlsafe(16) for _ in self.pictures.film])
        asked_at = self.ports.clock.now() - timedelta(seconds=1)
        return LivenessSession(secrets.token_hex(16), intake_id, challenge, len(challenge.steps), asked_at)

    def _seal(self, check: Check) -> None:
        evidence = self.ports.evidence
        if check.kind is CheckKind.FRONT:
            picture = self.pictures.fronts[next(self._numbers) % len(self.pictures.fronts)]
            evidence.put(check.intake_id, EvidenceKind.FRONT_PICTURE, picture, label=check.id)
            return
        evidence.put(check.intake_id, EvidenceKind.CHIP_PHOTO, self.pictures.chip_photo)
        for step, frames in enumerate(self.pictures.film.values()):
            for number, jpeg in enumerate(frames):
                label = f"{step:02d}-{number:02d}-{step * STEP_MS + number * FRAME_MS:07d}"
                evidence.put(check.intake_id, EvidenceKind.FRAME, jpeg, label=label)
