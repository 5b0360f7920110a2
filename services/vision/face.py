"""The default matcher: the chip's photo against frontal camera frames, with YuNet, the face mesh and SFace.

A card photo is aligned by YuNet's five points, camera frames by the face mesh's: the mesh was measured better on camera frames
(lowest genuine similarity .752 against .742) and worse on stills from other sources (3.8 % more false non-matches).
Neither a similarity nor an embedding leaves this module.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final

import cv2
import numpy as np

from services.domain.errors import ImageUnreadable
from services.domain.verdicts import FaceAnswer, FaceVerdict
from services.vision.face_finder import FaceFinder
from services.vision.face_recogniser import Embedding, FaceRecogniser
from services.vision.image import Pixels, decode_chip_photo, decode_picture
from services.vision.mesh import FaceMesh, five_points
from services.vision.models import threshold

FEWEST_FRAMES: Final = 3  # fewer with a face in them are no ground for a decision
MOST_FRAMES: Final = 9  # the median does not get steadier beyond


class SFaceMatcher:
    """`ports.FaceMatcher`. The constructor loads the models; one thread uses it."""

    engine = "yunet+sface"

    def __init__(self) -> None:
        self._finder = FaceFinder()
        self._mesh = FaceMesh()
        self._recogniser = FaceRecogniser()
        self._match = threshold("sface", "match")
        self._ask_again = threshold("sface", "ask_again")

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:
        """Decides over the median of the frames' similarities."""
        similarities = self.similarities(card_photo, frontal[:MOST_FRAMES])
        if len(similarities) < FEWEST_FRAMES:
            return self._verdict(FaceAnswer.ASK_AGAIN)
        similarity = median(similarities)
        if similarity >= self._match:
            return self._verdict(FaceAnswer.MATCH)
        return self._verdict(FaceAnswer.ASK_AGAIN if similarity >= self._ask_again else FaceAnswer.NO_MATCH)

    def similarities(self, card_photo: bytes, frames: Sequence[bytes]) -> list[float]:
        """The cosine similarity of each frame that shows a face; for the decision and the bench only."""
        card = self.card_embedding(card_photo)
        live = (self.frame_embedding(frame) for frame in frames)
        return [float(card @ embedding) for embedding in live if embedding is not None]

    def card_embedding(self, card_photo: bytes) -> Embedding:
        """The chip photo's face.

        Raises:
            ImageTooLarge, ImageUnreadable: not within the limits, or without a face.
        """
        picture: Pixels = np.asarray(cv2.cvtColor(decode_chip_photo(card_photo), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        faces = self._finder.find(picture)
        if not faces:
            raise ImageUnreadable(picture="chip_photo")
        return self._recogniser.embed(self._recogniser.align(picture, faces[0].points))

    def frame_embedding(self, frame: bytes) -> Embedding | None:
        """The largest face of a camera frame; `None` where there is none."""
        picture = decode_picture(frame)
        faces = self._finder.find(picture)
        if not faces:
            return None
        landmarks, _ = self._mesh.settle(picture, faces[0].outline)
        return self._recogniser.embed(self._recogniser.align(picture, five_points(landmarks)))

    def _verdict(self, answer: FaceAnswer) -> FaceVerdict:
        return FaceVerdict(answer, self.engine, round(self._match * 1000))
