"""What the checks answer. A verdict never carries an image, a template or a password."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FrontFault(StrEnum):
    """Why a card front, or one field of it, was not read."""

    NOT_FOUND = "not_found"  # no card in the picture
    NOT_THIS_CARD = "not_this_card"
    WRONG_SIDE = "wrong_side"
    BLURRED = "blurred"
    GLARE = "glare"
    COVERED = "covered"
    CUT_OFF = "card_cut_off"  # the field reaches over the picture's edge; the plain words are the face's
    UNCERTAIN = "uncertain"  # read, but another reading is nearly as likely
    INCONSISTENT = "inconsistent"  # birth date and expiry contradict each other


@dataclass(frozen=True)
class FieldReading:
    """One field as it was read.

    `value` is ISO text (`1989-03-31`, `2025-03-31`, `1234`), `None` where `fault` says why not. `printed` is the text as
    printed, for the resident to compare (`平成元年3月31日`). `margin` is the log-likelihood distance in nats to the next
    best reading. `strip` is a JPEG of where it was read.
    """

    value: str | None
    printed: str | None
    margin: float
    strip: bytes
    fault: FrontFault | None = None


@dataclass(frozen=True)
class FrontReading:
    """A card front as it was read. `fault` stands for the whole picture; the fields are then empty."""

    birth: FieldReading | None
    expiry: FieldReading | None
    security_code: FieldReading | None
    fault: FrontFault | None = None

    @property
    def accepted(self) -> bool:
        """Whether every field was read with certainty."""
        fields = (self.birth, self.expiry, self.security_code)
        return self.fault is None and all(field is not None and field.value is not None for field in fields)


class CaptureFault(StrEnum):
    """Why frames cannot be judged; costs no attempt."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    CUT_OFF = "cut_off"  # the face reaches over the picture's edge
    TOO_SMALL = "too_small"
    TOO_NEAR = "too_near"  # in the front view: no room is left for coming nearer
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    BACK_LIT = "back_lit"
    GLARE = "face_glare"  # a reflection; the plain words are the card's faults
    BLURRED = "face_blurred"
    COVERED_EYES = "covered_eyes"  # sunglasses, hair, a hand
    COVERED_MOUTH = "covered_mouth"  # a mask, a hand
    TOO_FEW_FRAMES = "too_few_frames"
    SCREEN_LIKE = "screen_like"  # the passive check's grey zone: flat light, or a screen
    FRAMES_MISSING = "frames_missing"  # the camera stood still for a while


class LivenessFault(StrEnum):
    """What did not fit a living person who follows the instructions."""

    ACTION_NOT_SEEN = "action_not_seen"
    FLAT = "flat"  # no parallax: a picture
    FACE_CHANGED = "face_changed"
    FRAMES_REPEATED = "frames_repeated"
    FRAMES_OUT_OF_TIME = "frames_out_of_time"  # in an order or at a pace that no camera delivers
    REPLAY = "replay"  # passive check


@dataclass(frozen=True)
class LivenessVerdict:
    """Exactly one of: live (both faults `None`), to be captured again, or failed.

    `frontal` indexes the frames that are fit for the match, best first.
    """

    frontal: tuple[int, ...] = ()
    capture_fault: CaptureFault | None = None
    fault: LivenessFault | None = None
    action: str | None = None  # the action that was not seen

    @property
    def live(self) -> bool:
        """Whether a living person followed the instructions."""
        return self.capture_fault is None and self.fault is None


class FaceAnswer(StrEnum):
    MATCH = "match"
    NO_MATCH = "no_match"
    ASK_AGAIN = "ask_again"


@dataclass(frozen=True)
class FaceVerdict:
    """Whether the frames show the person of the card's photo; the engine's name and threshold go into the audit."""

    answer: FaceAnswer
    engine: str
    threshold_milli: int  # thousandths, so that it has a canonical form


class RevocationStatus(StrEnum):
    """Only `good` passes."""

    GOOD = "good"
    REVOKED = "revoked"
    HELD = "held"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class RevocationVerdict:
    """What OCSP or a CRL said, and when it was said."""

    status: RevocationStatus
    source: str  # "ocsp" or "crl"
    produced_at: datetime | None
