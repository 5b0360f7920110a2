"""Everything outside, as Protocols with their error contracts. Only `bootstrap` and `__main__` choose implementations.

An adapter translates: nothing from pyscard, OpenCV, cryptography's errors or SQLAlchemy crosses a port. What a port may raise is
named here; anything else is a fault of the adapter.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Protocol

from services.domain.audit import AuditEntry, AuditEvent
from services.domain.intake import CardSession, CardSessionState, Check, CheckKind, Intake, IntakeEvent
from services.domain.liveness import LiveFrame, LivenessChallenge, LivenessSession
from services.domain.password import PasswordKind
from services.domain.policy import FREE_ATTEMPTS, Attempt
from services.domain.receipt import Receipt
from services.domain.reservation import Claim, Reservation, ReservationEvent, ReservationState
from services.domain.terminal import EnrolmentCode, Report, Terminal
from services.domain.terminal_policy import Suspension, Window
from services.domain.verdicts import FaceVerdict, FrontReading, LivenessVerdict, RevocationVerdict

# ── The card ────────────────────────────────────────────────────────────────────────────────────────────────────────


class CardChannel(Protocol):
    """A connection to one card, held exclusively. One thread uses it; it is closed by whoever opened it."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Sends one command APDU (ISO/IEC 7816-4); returns response data and the status word, `0x9000` for success.

        Raises:
            CardConnectionLost: no answer came. Whether the card executed the command is unknown.
        """

    def close(self) -> None:
        """Powers the card down, so that no security status survives. May be called twice."""


class CardReader(Protocol):
    """A slot that a card can be put on. Its methods may be called from one thread only."""

    name: str
    is_virtual: bool

    def card_present(self) -> bool:
        """Whether a card is on the reader now.

        Raises:
            ReaderMissing: the reader is gone.
        """

    def connect(self) -> CardChannel:
        """Opens an exclusive connection and resets the card.

        Raises:
            ReaderMissing: the reader is gone.
            CardMissing: no card is on it.
            CardConnectionLost: the card does not answer, or somebody else holds it.
        """


class Printer(Protocol):
    """A terminal's receipt printer. One thread prints; any may ask."""

    @property
    def wanted(self) -> bool:
        """Whether this terminal is meant to have one. Known without asking it."""

    def is_there(self) -> bool:
        """Whether it can be reached now; says nothing of its paper. May take seconds; raises nothing."""

    def print(self, receipt: Receipt) -> None:
        """Prints and cuts; may take as long as the printer's time-out.

        Raises:
            PrinterFailed: no paper, offline, or no such device. Whether a part was printed is unknown.
        """


# ── Checks of images (run in workers, never in the web process) ─────────────────────────────────────────────────────


class CardFrontReader(Protocol):
    """Reads birth date, expiry and security code from a picture of the card front."""

    def read(self, picture: bytes) -> FrontReading:
        """`picture` is an encoded JPEG, PNG or WebP as received; EXIF orientation is honoured.

        Raises:
            ImageTooLarge: over the limits of `policy`, found before decoding.
            ImageUnreadable: not such a picture.
            ModelMissing: a model file is absent or differs.
        """


class LivenessCheck(Protocol):
    """Judges whether frames show a living person who followed the challenge."""

    def judge(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> LivenessVerdict:
        """`frames` are encoded JPEGs in the order of capture, at most `FRAMES_PER_STEP` a step.

        Raises:
            ImageTooLarge, ImageUnreadable: a frame is not within the limits.
            ModelMissing: a model file is absent or differs.
        """


class FaceMatcher(Protocol):
    """Compares the chip's photo with frontal camera frames."""

    engine: str

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:
        """`card_photo` is JPEG 2000 as on the chip, treated as hostile; `frontal` are encoded JPEG frames.

        Raises:
            ImageTooLarge, ImageUnreadable: the photo or a frame is not within the limits.
            ModelMissing: a model file is absent or differs.
        """


class CheckRunner(Protocol):
    """Carries a check to a worker. Ids only: images stay sealed in the evidence store."""

    def submit(self, check_id: str, time: timedelta) -> None:
        """Returns at once. The check may be judged for so long, waiting not counted; then its process is ended.

        Raises:
            ChecksBusy: the queue is full; says when to come back.
        """


# ── Certificates and the issuer ─────────────────────────────────────────────────────────────────────────────────────


class RevocationChecker(Protocol):
    """Asks whether a certificate is revoked, by OCSP (RFC 6960) and, failing that, CRL (RFC 5280)."""

    def check(self, certificate: bytes, at: datetime) -> RevocationVerdict:
        """`certificate` is DER. Never raises: what could not be found out is the answer `unavailable`."""


class Purpose(StrEnum):
    """What a card signature is for. It is part of the signed bytes, so that no signature serves two purposes."""

    RESERVE = "reserve"
    CARD_FACE = "card-face"
    CLAIM = "claim"
    COMPLETE = "complete"


@dataclass(frozen=True)
class CardProof:
    """What a card session brings to the server, all of it unverified.

    `certificate` is the DER certificate of the key that signed: the *other* password's. `identity_certificate` is the
    user-authentication certificate, readable without a password; it names the card. For a signature reset they are the same.
    """

    certificate: bytes
    identity_certificate: bytes
    signature: bytes

    def __repr__(self) -> str:
        return "<CardProof>"


@dataclass(frozen=True)
class CardFaceProof:
    """The card-face record (EF 0002), its CV certificate (EF 0004), and the card's signature over our challenge."""

    record: bytes
    cv_certificate: bytes
    challenge_signature: bytes

    def __repr__(self) -> str:
        return "<CardFaceProof>"


@dataclass(frozen=True)
class Statement:
    """What a card is asked to sign: hash-separated fields, never a bare nonce. `body` is canonical JSON."""

    purpose: Purpose
    origin: str
    nonce: bytes
    body: bytes


@dataclass(frozen=True)
class ProvenCard:
    """A card whose proof held."""

    fingerprint: str  # keyed; the only name under which a card is stored
    key_fingerprint: str  # keyed, of the signing key
    revocation: str  # source and status, for the audit
    generations: tuple[str, ...] = ()  # labels of the CA generations that issued its certificates


@dataclass(frozen=True)
class ProvenFace:
    """A card face whose proof held. `card_key` is the SHA-256 of the card's own public key object, which the record names."""

    photo: bytes
    card_key: bytes

    def __repr__(self) -> str:
        return "<ProvenFace>"


class CardProofs(Protocol):
    """Verifies what a card brought: chain, profile, validity, revocation, signature; card-face record and challenge."""

    def verify(self, proof: CardProof, kind: PasswordKind, statement: Statement, at: datetime) -> ProvenCard:
        """`kind` says which certificate must have signed.

        Raises:
            ProofMalformed, CertificateUntrusted, CertificateExpired, CertificateRevoked, CertificateHeld,
            CertificateUnknown, RevocationUnavailable, CardSignatureInvalid: in the order of the checks.
        """

    def verify_face(self, face: CardFaceProof, statement: Statement) -> ProvenFace:
        """Returns the photo, JPEG 2000, not larger than `CHIP_PHOTO_BYTES`, and the key of the card that showed it.

        Raises:
            ProofMalformed, CardFaceForged, CardCloned: in the order of the checks.
        """

    def fingerprint(self, identity_certificate: bytes) -> str:
        """The keyed fingerprint under which the card of this DER certificate is known."""

    def key_fingerprint(self, certificate: bytes) -> str:
        """The keyed fingerprint of this DER certificate's key.

        Raises:
            ProofMalformed: not a certificate.
        """


@dataclass(frozen=True)
class AuthorisationRequest:
    """A reset that the server wants authorised. The certificates name the card; `card_challenge` is the card's, 16 bytes."""

    reservation_id: str
    kind: PasswordKind
    identity_certificate: bytes
    certificate: bytes
    card_challenge: bytes


class ResetAuthority(Protocol):
    """The issuer's word that this card's password may be reset. The slot where the real issuer would be."""

    def confirm(self, identity_certificate: bytes, certificate: bytes, kind: PasswordKind, card_key: bytes) -> None:
        """Says that both certificates and the card-face key are one card's; `kind` is the certificate's.

        Nothing that a card signs ties these together: without this word, a thief could show their own face's card face, or their
        own signature, in the name of a stolen card.

        Raises:
            AuthorisationRefused: the issuer knows no such card, or they are not one card's.
            Unavailable: the issuer did not answer.
        """

    def authorise(self, request: AuthorisationRequest) -> bytes:
        """The same request gives the same authorisation, for EXTERNAL AUTHENTICATE, at most 512 bytes.

        Raises:
            AuthorisationRefused: the issuer knows no such card, or the certificates are not one card's.
            Unavailable: the issuer did not answer.
        """


# ── Time, chance, storage ───────────────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""


class EvidenceKind(StrEnum):
    """What may be sealed for minutes."""

    FRONT_PICTURE = "front_picture"
    FRONT_READING = "front_reading"
    CARD_FRONT = "card_front"
    CHIP_PHOTO = "chip_photo"
    FRAME = "frame"


class Evidence(Protocol):
    """Images and readings, encrypted, until their check ends. Everything here expires by itself.

    What is written inside a transaction of the ledger, by the same thread, stands or falls with it.
    """

    def put(self, intake_id: str, kind: EvidenceKind, data: bytes, *, label: str = "") -> None:
        """Seals the data; the same kind and label of the same intake is replaced.

        Raises:
            StorageUnavailable
        """

    def get(self, intake_id: str, kind: EvidenceKind, *, label: str = "") -> bytes | None:
        """Opens the data; `None` where it is gone or has expired.

        Raises:
            StorageUnavailable
        """

    def labels(self, intake_id: str, kind: EvidenceKind) -> Sequence[str]:
        """The labels that are there, sorted.

        Raises:
            StorageUnavailable
        """

    def drop(self, intake_id: str, *kinds: EvidenceKind, label: str | None = None) -> None:
        """Removes these kinds, or all of the intake's where none is named; with a label, only what has it.

        Raises:
            StorageUnavailable
        """

    def purge(self, now: datetime) -> int:
        """Removes what has expired; returns how many.

        Raises:
            StorageUnavailable
        """


@dataclass(frozen=True)
class Guard:
    """Conditions beyond the state that a conditional UPDATE puts into its WHERE. `None` means: not asked."""

    unexpired_at: datetime | None = None  # expires_at > this
    expired_at: datetime | None = None  # expires_at <= this
    claim_id: str | None = None  # the current claim is this one
    lease_running_at: datetime | None = None  # lease_until > this
    lease_ended_at: datetime | None = None  # lease_until <= this
    claimed_before: datetime | None = None  # claimed_at < this
    authorisations_below: int | None = None


class Unit(Protocol):
    """One transaction of the ledger. Every write makes its audit entry; no entry, no write. Reads see the transaction.

    Every method may raise StorageUnavailable.
    """

    # Reservations: `advance` is the only way to move one.

    def add_reservation(self, reservation: Reservation, *, actor: str) -> None:
        """Inserts a reservation in `reserved`.

        Raises:
            NotAllowedNow: the card has a live reservation of this kind.
        """

    def advance(  # noqa: PLR0913  # the ledger's one verb
        self,
        reservation_id: str,
        event: ReservationEvent,
        *,
        at: datetime,
        actor: str,
        guard: Guard = ...,
        changes: Mapping[str, object] = ...,
        audit: Mapping[str, str | int] = ...,
    ) -> Reservation:
        """Moves the reservation by one conditional UPDATE and writes the event's audit entry; returns it as it is now.

        `changes` names columns of `Reservation`; `fence` and `authorisations` are raised by one with the value `RAISE`.

        Raises:
            StepNotAllowed: state or guard did not hold; nothing was written.
        """

    def reservation(self, reservation_id: str) -> Reservation:
        """Raises ReservationNotFound."""

    def hold_reservation(self, reservation_id: str) -> Reservation:
        """Like `reservation`, and nobody else moves it before this transaction ends."""

    def live_reservation(self, card_fingerprint: str, kind: PasswordKind) -> Reservation | None:
        """The card's live reservation of this kind, expired by the clock or not."""

    def newest_reservation(self, card_fingerprint: str, kind: PasswordKind) -> Reservation | None:
        """The card's latest reservation of this kind, whatever became of it."""

    def reservations(self, states: Sequence[ReservationState] = (), *, limit: int = 100) -> Sequence[Reservation]:
        """Newest first; all states where none is named."""

    def due_reservations(self, now: datetime) -> Sequence[Reservation]:
        """Live reservations whose lease or deadline has passed."""

    def add_claim(self, claim: Claim) -> None:
        """Inserts a claim; its audit entry is the reservation's move.

        Raises:
            NotAllowedNow: a claim of this id exists.
        """

    def claim(self, claim_id: str) -> Claim | None: ...

    def mark_claim(
        self,
        claim_id: str,
        *,
        authorised_at: datetime | None = None,
        card_challenge: bytes | None = None,
        outcome: str | None = None,
    ) -> None:
        """Notes on a claim what happened to it; its audit entry is the reservation's move."""

    def newest_authorised_claim(self, reservation_id: str) -> Claim | None: ...

    # Intakes, their card sessions and checks.

    def add_intake(self, intake: Intake) -> None: ...

    def advance_intake(  # like `advance`
        self,
        intake_id: str,
        event: IntakeEvent,
        *,
        at: datetime,
        changes: Mapping[str, object] = ...,
        audit: Mapping[str, str | int] = ...,
    ) -> Intake:
        """Like `advance`. Raises StepNotAllowed, or IntakeEnded where its time has passed."""

    def intake(self, intake_id: str) -> Intake:
        """Raises IntakeNotFound."""

    def intake_by_token(self, token_hash: bytes) -> Intake | None: ...

    def intake_of(self, reservation_id: str) -> Intake | None:
        """The intake that led to this reservation."""

    def ended_intakes(self, now: datetime) -> Sequence[Intake]:
        """Intakes under way whose time has passed."""

    def add_card_session(self, session: CardSession) -> None: ...

    def card_session(self, session_id: str) -> CardSession | None: ...

    def newest_card_session(self, intake_id: str) -> CardSession | None: ...

    def move_card_session(
        self, session_id: str, source: CardSessionState, target: CardSessionState, *, failure: str | None = None
    ) -> bool:
        """Conditional: `False` when the session was not in `source`. One attach, one result."""

    def add_check(self, check: Check) -> None: ...

    def check(self, check_id: str) -> Check | None: ...

    def newest_check(self, intake_id: str, kind: CheckKind) -> Check | None: ...

    def checks_of(self, intake_id: str, kind: CheckKind) -> Sequence[Check]:
        """All of the intake's checks of this kind, oldest first."""

    def settle_check(self, check_id: str, *, failure: str | None = None, reason: str | None = None) -> bool:
        """Ends a waiting check; `False` when it was not waiting."""

    def waiting_checks(self) -> Sequence[Check]: ...

    def hold_card(self, card_fingerprint: str) -> None:
        """Nobody else who holds this card goes on before this transaction ends. To be asked first of all."""

    def add_liveness(self, session: LivenessSession) -> None: ...

    def liveness(self, session_id: str) -> LivenessSession | None: ...

    def newest_liveness(self, intake_id: str) -> LivenessSession | None: ...

    def newest_liveness_of_card(self, card_fingerprint: str) -> LivenessSession | None:
        """Over all intakes of the card, ended ones as well."""

    def move_liveness(self, session_id: str, step: int, *, asked_at: datetime) -> bool:
        """Moves from `step` to the next; `False` when it was elsewhere."""

    # Nonces, attempts.

    def add_nonce(
        self, nonce: bytes, purpose: Purpose, subject: str, *, issued_at: datetime, ends_at: datetime
    ) -> None:
        """Keeps the nonce's SHA-256 until it is consumed or has ended."""

    def consume_nonce(self, nonce: bytes, purpose: Purpose, subject: str, *, at: datetime) -> datetime:
        """Consumes at once, whatever follows; returns when it was issued.

        Raises:
            NonceUsed: unknown, of another purpose or subject, used, or ended.
        """

    def purge_nonces(self, now: datetime) -> int:
        """Removes nonces that have ended; returns how many."""

    def failures(self, subject: str, attempt: Attempt) -> tuple[int, datetime | None]:
        """Consecutive failures, and when the last one was."""

    def count_failure(self, subject: str, attempt: Attempt, *, at: datetime) -> int: ...

    def take_back_failure(self, subject: str, attempt: Attempt, *, counted_at: datetime, before: datetime) -> None:
        """One failure fewer: what was counted at `counted_at`, beforehand, turned out to be none.

        Where nothing was counted since, the last failure is dated `before`, so that no wait begins anew.
        """

    def forget_failures(self, subject: str, attempt: Attempt) -> None: ...

    # Terminals as devices.

    def add_enrolment_code(self, code: EnrolmentCode, *, at: datetime) -> None:
        """Keeps a one-time code; ended ones are forgotten.

        Raises:
            NotAllowedNow: a code with this selector waits already.
        """

    def enrolment_code(self, selector: str) -> EnrolmentCode | None:
        """The code, held until the transaction ends: of two terminals that bring it, one comes first."""

    def count_enrolment_try(self, selector: str) -> None: ...

    def enrol_terminal(self, terminal: Terminal, code: EnrolmentCode, *, at: datetime) -> None:
        """Uses the code up for this terminal."""

    def terminal(self, terminal_id: str) -> Terminal | None: ...

    def revoke_terminal(self, terminal_id: str, *, at: datetime, by: str, why: str) -> None:
        """Accepts nothing that this terminal signs any more.

        Raises:
            TerminalUnknown
        """

    def note_report(self, terminal_id: str, report: Report, *, at: datetime) -> None:
        """Keeps the terminal's last report; makes no audit entry, because it moves nothing."""

    def reported_build(self, terminal_id: str) -> str | None: ...

    def add_build(self, build: str, *, at: datetime, by: str) -> None:
        """Makes a build known. Safe to repeat."""

    def builds(self) -> frozenset[str]:
        """The known builds."""

    # The terminal policy. Each change raises its serial, and returns it.

    def suspensions(self) -> Sequence[Suspension]:
        """Those in force, oldest first."""

    def lifted_suspensions(self) -> Sequence[Suspension]:
        """The last ones that are no longer in force, newest first."""

    def add_suspension(self, suspension: Suspension) -> int:
        """Suspends a cohort.

        Raises:
            NotAllowedNow: it is suspended already.
        """

    def lift_suspension(self, suspension_id: str, *, at: datetime, by: str, why: str) -> int:
        """Ends a suspension.

        Raises:
            NotFound: none of this id is in force.
        """

    def matchers(self) -> Sequence[str]:
        """The engines that reservations were made with."""

    def maintenance(self, now: datetime) -> Sequence[Window]:
        """What is planned and not over."""

    def plan_maintenance(self, window: Window, *, at: datetime, by: str, why: str) -> int: ...

    def renew_policy(self, *, at: datetime, by: str, why: str) -> int:
        """Raises the serial and changes nothing else."""

    def policy_serial(self) -> int:
        """The number of the policy as this transaction sees it; waits for a change that is being made."""

    # The log.

    def record(
        self, event: AuditEvent, subject: str, *, at: datetime, actor: str, audit: Mapping[str, str | int] = ...
    ) -> None:
        """Writes an entry that accompanies no other write."""

    def audit_of(self, subject: str) -> Sequence[AuditEntry]:
        """One subject's entries, oldest first."""

    def audit_links(self) -> Sequence[tuple[bytes, bytes]]:
        """The whole log as (entry octets, chain hash), for `audit.first_break`."""

    def audit_chain(self, index: int) -> bytes:
        """The chain hash after the entry of this index, which is there."""

    def audit_head(self) -> tuple[int, bytes]:
        """How many entries the log has, and its chain hash: a cut-off end shows against it."""


RAISE: object = object()  # "this counter plus one", decided by the database


class Ledger(Protocol):
    """The reservations, their checks and the audit log."""

    def begin(self) -> AbstractContextManager[Unit]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Raises:
            StorageUnavailable: the database did not answer.
        """


class Office(Protocol):
    """What acts of staff on terminals need; `Ports` is one, and a command line has no more than this."""

    @property
    def clock(self) -> Clock: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def rehearsal(self) -> bool: ...


@dataclass(frozen=True)
class Ports:
    """What the use cases work with, chosen in `bootstrap`."""

    clock: Clock
    random: Random
    ledger: Ledger
    evidence: Evidence
    runner: CheckRunner
    proofs: CardProofs
    authority: ResetAuthority
    origin: str  # of the server, part of every signed statement
    rehearsal: bool  # whether rehearsal cards are accepted, and only they
    free_face_attempts: int = FREE_ATTEMPTS
