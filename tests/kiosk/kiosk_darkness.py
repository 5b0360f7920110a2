"""A power cut in process: at a named point, and nothing catches it."""

from kiosk.crash import CrashPoint, PowerCut


class Dark(BaseException):
    """The power is cut. Nothing in the terminal catches it, as nothing catches kill -9."""


def dark_at(point: CrashPoint, nth: int = 1) -> PowerCut:
    """Cuts the power when this point is passed for the nth time."""
    left = [nth]

    def cut(passed: CrashPoint) -> None:
        if passed is point:
            left[0] -= 1
            if left[0] == 0:
                raise Dark

    return cut
