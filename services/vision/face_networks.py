"""The networks that look at a face, loaded once for all that use them: matcher and liveness in one worker share their memory."""

from dataclasses import dataclass, field

from services.vision.face_finder import FaceFinder
from services.vision.face_recogniser import FaceRecogniser
from services.vision.mesh import FaceMesh


@dataclass(frozen=True)
class FaceNetworks:
    """YuNet, the face mesh and SFace. Made where they are loaded; one thread uses them, whoever holds them."""

    finder: FaceFinder = field(default_factory=FaceFinder)
    mesh: FaceMesh = field(default_factory=FaceMesh)
    recogniser: FaceRecogniser = field(default_factory=FaceRecogniser)
