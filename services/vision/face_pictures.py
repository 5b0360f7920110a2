"""The report's pictures as SVG, drawn by plain code: the same scores give the same bytes, which no plotting library promises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.vision.face_rates import DETPoint

_WIDTH: Final = 760
_HEIGHT: Final = 420
_LEFT: Final = 70
_RIGHT: Final = 740
_TOP: Final = 40
_BOTTOM: Final = 340
_LOWEST_FMR: Final = 1e-9
_LOWEST_FNMR: Final = 0.01
_BINS: Final = 60
INK: Final = "#333333"


@dataclass(frozen=True)
class Curve:
    """One detection error trade-off."""

    name: str
    colour: str
    points: Sequence[DETPoint]


@dataclass(frozen=True)
class Panel:
    """One engine's likenesses, and the limits that decide."""

    name: str
    genuine: NDArray[np.float64]
    impostor: NDArray[np.float64]
    match: float
    ask_again: float
    sign: int  # -1 where they are distances with their sign turned: shown as distances


def det_picture(curves: Sequence[Curve], impostors: int) -> str:
    """Both axes logarithmic. A dot on the lower edge is the false match rate at which nobody is missed yet."""
    return _svg(
        "Detection error trade-off",
        [
            *_det_axes(1 / impostors),
            *(line for number, curve in enumerate(curves) for line in _det_curve(curve, number)),
        ],
        _HEIGHT,
    )


def _det_axes(least_counted: float) -> Iterator[str]:
    counted = _fmr_x(least_counted)
    yield f'<rect x="{_LEFT}" y="{_TOP}" width="{counted - _LEFT:.1f}" height="{_BOTTOM - _TOP}" fill="#f4f4f4"/>'
    yield _text(counted - 6, _BOTTOM - 10, "fewer than one counted impostor: the continued tail", "end")
    yield _text(counted + 6, _BOTTOM - 10, "counted", "start")
    yield _frame(_LEFT, _TOP, _RIGHT, _BOTTOM)
    for power in range(-9, 1):
        x = _fmr_x(10.0**power)
        yield _line(x, _TOP, x, _BOTTOM, "#dddddd")
        yield _text(x, _BOTTOM + 18, f"1e{power}" if power else "1", "middle")
    for rate in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        y = _fnmr_y(rate)
        yield _line(_LEFT, y, _RIGHT, y, "#dddddd")
        yield _text(_LEFT - 8, y + 4, f"{rate:g}" if rate > _LOWEST_FNMR else "none", "end")
    yield _text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, "false match rate (FMR)", "middle")
    yield _text(_LEFT, _TOP - 14, "false non-match rate (FNMR)", "start")


def _det_curve(curve: Curve, number: int) -> Iterator[str]:
    shown = [point for point in curve.points if point.false_non_match > 0]
    for counted in (True, False):
        part = [point for point in shown if point.counted is counted]
        corners = " ".join(f"{_fmr_x(p.false_match):.1f},{_fnmr_y(p.false_non_match):.1f}" for p in part)
        dashes = "" if counted else ' stroke-dasharray="2 4"'
        if len(part) > 1:
            yield f'<polyline points="{corners}" fill="none" stroke="{curve.colour}" stroke-width="2"{dashes}/>'
    if curve.points:
        x = _fmr_x(curve.points[0].false_match)
        yield f'<circle cx="{x:.1f}" cy="{_BOTTOM}" r="5" fill="{curve.colour}"/>'
    y = _TOP + 22 + 20 * number
    yield f'<rect x="{_RIGHT - 250}" y="{y - 6}" width="25" height="3" fill="{curve.colour}"/>'
    yield _text(_RIGHT - 218, y, curve.name, "start")


def _fmr_x(rate: float) -> float:
    share = 1 - log10(max(rate, _LOWEST_FMR)) / log10(_LOWEST_FMR)
    return _LEFT + share * (_RIGHT - _LEFT)


def _fnmr_y(rate: float) -> float:
    share = 1 - log10(max(rate, _LOWEST_FNMR)) / log10(_LOWEST_FNMR)
    return _BOTTOM - share * (_BOTTOM - _TOP)


def likeness_picture(panels: Sequence[Panel]) -> str:
    """How likenesses are spread: impostors grey, genuine green, each as shares of its own count, and the limits."""
    each = 240
    body = [line for number, panel in enumerate(panels) for line in _panel(panel, 40 + number * each, 150)]
    return _svg("Likenesses and limits", body, 40 + each * len(panels))


def _panel(panel: Panel, top: float, height: float) -> Iterator[str]:
    values = np.concatenate([panel.genuine, panel.impostor])
    low, high = float(np.floor(values.min() * 10) / 10), float(np.ceil(values.max() * 10) / 10)
    bottom = top + height

    def across(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT)

    yield _text(_LEFT, top - 10, panel.name, "start")
    yield _frame(_LEFT, top, _RIGHT, bottom)
    for scores, colour in ((panel.impostor, "#888888"), (panel.genuine, "#1b7f4b")):
        counts, edges = np.histogram(scores, bins=_BINS, range=(low, high))
        shares = counts / max(int(counts.max()), 1)
        for share, left, right in zip(shares.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if share:
                tall = max(1.5, share * (height - 6))
                x, width = across(left), across(right) - across(left)
                place = f'x="{x:.1f}" y="{bottom - tall:.1f}" width="{width:.1f}" height="{tall:.1f}"'
                yield f'<rect {place} fill="{colour}" fill-opacity="0.75"/>'
    for name, limit, anchor in (("match", panel.match, "start"), ("ask again", panel.ask_again, "end")):
        yield _line(across(limit), top - 6, across(limit), bottom, "#b3261e")
        yield _text(across(limit), top - 10, f"{name} {panel.sign * limit:.2f}", anchor, colour="#b3261e")
    for tick in np.linspace(low, high, round((high - low) * 10) + 1).tolist():
        yield _text(across(tick), bottom + 18, f"{panel.sign * tick + 0.0:.1f}".replace("-0.0", "0.0"), "middle")


def _svg(title: str, body: Sequence[str], height: float) -> str:
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'font-family="sans-serif" font-size="13"><title>{title}</title>'
    )
    return "\n".join([opening, f'<rect width="{_WIDTH}" height="{height:.0f}" fill="white"/>', *body, "</svg>"]) + "\n"


def _frame(left: float, top: float, right: float, bottom: float) -> str:
    return f'<rect x="{left}" y="{top:.1f}" width="{right - left}" height="{bottom - top:.1f}" fill="none" stroke="{INK}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
