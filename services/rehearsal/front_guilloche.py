"""Guilloche of our own: what is printed below the print. One family is for tuning, the other, the rosettes, for the report only."""

from collections.abc import Sequence

import numpy as np

from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Box, Canvas, Colour

ROSE: Colour = (236, 176, 172)
LEAF: Colour = (186, 204, 96)
STEEL: Colour = (150, 160, 176)


def waves(canvas: Canvas, rng: np.random.Generator, colours: Sequence[Colour]) -> None:
    """Families of interfering waves all over the sheet, as banknote printers engrave them."""
    x = np.linspace(0, WIDTH_MM, 400)
    for colour in colours:
        amplitude, length, phase, slant = rng.uniform((0.6, 9, 0, -0.1), (1.6, 22, 6.3, 0.1))
        for offset in np.arange(-6, HEIGHT_MM + 6, 0.62):
            swell = 1 + 0.5 * np.sin(x / 17 + offset / 9)
            y = offset + slant * x + amplitude * swell * np.sin(2 * np.pi * x / length + phase + offset / 5)
            canvas.line(np.column_stack([x, y]), colour, 0.06)


def rosettes(canvas: Canvas, rng: np.random.Generator, colours: Sequence[Colour]) -> None:
    """Flowers of a turning-lathe all over the sheet: another printer's art, which no template and no threshold has seen."""
    turn = np.linspace(0, 2 * np.pi, 360)
    for colour in colours:
        petals = int(rng.integers(7, 17))
        for _ in range(7):
            middle, size = rng.uniform((0, 0), (WIDTH_MM, HEIGHT_MM)), rng.uniform(7, 17)
            for ring in np.linspace(0.2, 1.0, 9):
                reach = size * ring * (1 + 0.28 * np.cos(petals * turn + 5 * ring))
                canvas.line(middle + np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]), colour, 0.06)


def word_rows(canvas: Canvas, rng: np.random.Generator, word: str, box: Box) -> None:
    """Rows of one small word in rose, every second row shifted: the micro-pattern behind birth date and code."""
    left, top, right, bottom = box
    for row, y in enumerate(np.arange(top, bottom, 1.9)):
        start = left + (row % 2) * 2.1 + rng.uniform(-0.2, 0.2)
        letters = int((right - start) / 1.1)
        canvas.text((start, y), (f"{word} " * letters)[:letters], "sans-bold", 1.5, ROSE)


def stars(canvas: Canvas, rng: np.random.Generator, box: Box, count: int) -> None:
    """Stars of leaf-green rays."""
    left, top, right, bottom = box
    for _ in range(count):
        centre = rng.uniform((left, top), (right, bottom))
        for angle in np.arange(0, 2 * np.pi, np.pi / 12) + rng.uniform(0, 0.3):
            reach = rng.uniform(5, 15)
            tip = centre + reach * np.array([np.cos(angle), np.sin(angle)])
            canvas.line(np.array([centre, tip]), LEAF, 0.05)


def ringed_panel(canvas: Canvas, box: Box, rows: int) -> None:
    """A writing panel filled with chains of grey rings and ruled into rows."""
    left, top, right, bottom = box
    canvas.tint(box, (244, 244, 246))
    turn = np.linspace(0, 2 * np.pi, 24)
    for y in np.arange(top + 0.7, bottom - 0.5, 1.15):
        for x in np.arange(left + 0.8, right - 0.6, 1.6):
            ring = np.column_stack([x + 0.72 * np.cos(turn), y + 0.62 * np.sin(turn)])
            canvas.line(ring, (206, 208, 214), 0.05)
    for row in range(rows + 1):
        y = top + (bottom - top) * row / rows
        canvas.line(np.array([[left, y], [right, y]]), STEEL, 0.16)
    canvas.frame(box, STEEL, 0.2)
