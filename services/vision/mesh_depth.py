"""How the landmarks moved, told apart by their depth: what a solid head does and a picture cannot.

To the first order, a plane seen from elsewhere moves its points by a homography. A head does more: points that stand out farther
shift farther when it turns, by `z`, and grow more when it comes nearer, by `z` times their place. Both are fitted together with the
homography, over all landmarks and with the canonical head's depths, so that hundreds of small errors of the network average out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.vision.mesh import Points, canonical_face, eye_distance

_TURNED_LEFT: Final = 8  # columns of the fit
_TURNED_DOWN: Final = 9
_NEARER: Final = 10


@dataclass(frozen=True)
class DepthMotion:
    """What depth adds to the motion between two views.

    `left` and `up` are about the sine of the turn to the person's own left and of the raised face. `nearer` is the difference of
    the reciprocal distances to the camera, per centimetre: from 45 to 35 cm it is 1/35 - 1/45 = .0063.
    """

    left: float
    up: float
    nearer: float


def depth_motion(frontal: Points, seen: Points) -> DepthMotion:
    """The motion by depth from the frontal view to the other one; all three are 0 for a flat picture, however it is held."""
    depth = canonical_face().points[:, 2].astype(np.float64)
    z = depth - depth.mean()
    per_centimetre = eye_distance(frontal) / eye_distance(canonical_face().points)
    x, y = (_centred(frontal) / per_centimetre).T
    none, one = np.zeros_like(x), np.ones_like(x)
    columns_x = [one, x, y, none, none, none, x * x, x * y, z, none, z * x]
    columns_y = [none, none, none, one, x, y, x * y, y * y, none, z, z * y]
    system = np.hstack([np.array(columns_x), np.array(columns_y)]).T
    fit = np.linalg.lstsq(system, _centred(seen).T.ravel(), rcond=None)[0]
    scale = np.sqrt(abs(fit[1] * fit[5] - fit[2] * fit[4]))
    left, down, nearer = fit[[_TURNED_LEFT, _TURNED_DOWN, _NEARER]] / max(scale, 1e-6)
    return DepthMotion(float(left), float(-down), float(nearer))


def _centred(points: Points) -> np.ndarray:
    flat = points[:, :2].astype(np.float64)
    return np.asarray(flat - flat.mean(axis=0))
