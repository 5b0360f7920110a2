"""The one portrait that a virtual resident is made from, and the photo that goes on their card's chip.

The default is NASA's public-domain portrait of Eileen Collins; any file with one face serves.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from services.domain.errors import ImageUnreadable
from services.vision.face_finder import FaceFinder
from services.vision.image import Pixels, decode_picture
from services.vision.mesh import FaceMesh, Points, five_points
from services.vision.models import model_path

CARD_PHOTO_SIZE: Final = (320, 240)  # height, width: the stand-in for tag DF27, whose real size is not public
_CARD_PHOTO_BYTES: Final = 4000
_CARD_EYES: Final = 62.0  # pixels between the eyes: a head of about two thirds of an ID photo's height
_CARD_EYES_AT: Final = (120.0, 145.0)
_SEARCH_SIDE: Final = 640


@dataclass(frozen=True)
class Portrait:
    """A picture with a face. `landmarks` are the face mesh's, in the picture's pixels."""

    pixels: Pixels
    landmarks: Points
    sha256: str

    def __repr__(self) -> str:
        return f"<Portrait {self.sha256[:12]}>"

    def framed(self, size: tuple[int, int], eyes: float, eyes_at: tuple[float, float]) -> tuple[Pixels, Points]:
        """The picture and landmarks with the eyes level, so far apart and there; what lies beyond its edge is mirrored in."""
        right, left = five_points(self.landmarks)[:2]
        across = left - right
        angle = float(np.degrees(np.arctan2(across[1], across[0])))
        middle = (right + left) / 2
        transform = cv2.getRotationMatrix2D(
            (float(middle[0]), float(middle[1])), angle, eyes / float(np.linalg.norm(across))
        )
        transform[:, 2] += np.array(eyes_at) - middle
        scale = float(np.hypot(transform[0, 0], transform[0, 1]))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        picture = cv2.warpAffine(self.pixels, transform, size[::-1], flags=how, borderMode=cv2.BORDER_REFLECT_101)
        flat = self.landmarks[:, :2] @ transform[:, :2].T + transform[:, 2]
        points = np.column_stack([flat, self.landmarks[:, 2] * scale]).astype(np.float32)
        return np.asarray(picture, dtype=np.uint8), points


def load_portrait(path: Path | None = None) -> Portrait:
    """The portrait of the file, or the default one.

    Raises:
        ImageTooLarge, ImageUnreadable: not a picture within the limits, or without a face.
        ModelMissing: a model file, or the default portrait, is absent or differs.
    """
    data = (path or model_path("astronaut")).read_bytes()
    pixels = decode_picture(data)
    faces = FaceFinder().find(pixels, side=_SEARCH_SIDE)
    if not faces:
        raise ImageUnreadable(picture="portrait")
    landmarks, _ = FaceMesh().settle(pixels, faces[0].outline)
    return Portrait(pixels, landmarks, hashlib.sha256(data).hexdigest())


def card_photo(portrait: Portrait) -> bytes:
    """The photo as on the chip: grey JPEG 2000 of about 4 kB, framed as an ID photo."""
    picture, _ = portrait.framed(CARD_PHOTO_SIZE, _CARD_EYES, _CARD_EYES_AT)
    grey = Image.fromarray(picture).convert("L")
    encoded = BytesIO()
    ratio = CARD_PHOTO_SIZE[0] * CARD_PHOTO_SIZE[1] / _CARD_PHOTO_BYTES
    grey.save(encoded, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True)
    return encoded.getvalue()
