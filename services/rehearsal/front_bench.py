"""Measures the card-front reader on drawn cards, wrong documents and damaged print: one row a picture, nothing of what was read.

All of it is synthetic: real cards will do worse until measured.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from services.domain.card import CardFront
from services.domain.verdicts import FrontReading
from services.rehearsal.front_ablation import (
    FIELDS,
    NONE_UNKNOWN,
    Instrument,
    Tables,
    Unknown,
    Values,
    policies,
    printed,
    values,
)
from services.rehearsal.front_blank import HELD_OUT_ART
from services.rehearsal.front_capture import shoot
from services.rehearsal.front_damage import ARTS, damaged_shot
from services.rehearsal.front_hand import NATURAL, Tier
from services.rehearsal.front_lettering import kin
from services.rehearsal.front_others import document_at
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import letterings, render_front
from services.vision.front import CardFrontByTemplate, Looked
from services.vision.front_decide import Choice, decide_code, decide_dates
from services.vision.front_glyph import Wholeness
from services.vision.front_template import load_template
from services.vision.image import decode_picture

TODAY: Final = datetime(2026, 6, 1, tzinfo=UTC)
SIDE_TIERS: Final = tuple(tier for tier in Tier if tier not in NATURAL)
SIDE_EVERY: Final = 5  # of so many cards one is also photographed in the side tiers
RIGHT: Final = "right"
WRONG: Final = "wrong"
REFUSED: Final = "refused"


@dataclass(frozen=True)
class Row:
    """One picture: what it was, what came of it, and the numbers that decided. It holds no value that was read."""

    suite: str  # natural, damage, others
    kind: str  # tier, damage, document
    seed: int
    outcome: str  # right, wrong, or why it was refused
    legible: bool = False
    held_out: bool = False  # in lettering that nothing was tuned on
    damaged: int | None = None  # birth 0, expiry 1, code 2
    forced: tuple[bool, ...] = ()  # whether the best candidate of each field is right, counting or not
    ablation: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shot:
    """One natural picture read by the bare reader."""

    tier: Tier
    outcome: str
    legible: bool


def shots(reader: CardFrontByTemplate, cards: int, first_seed: int = 0) -> Iterator[Shot]:
    """Reads each card once in every natural tier."""
    for seed in range(first_seed, first_seed + cards):
        fields = someone(seed, TODAY.date())
        card = render_front(fields, seed=seed, art=seed % ARTS)
        for tier in NATURAL:
            taken = shoot(card, seed=seed, tier=tier)
            yield Shot(tier, outcome(reader.read(taken.jpeg), fields.front), taken.legible and in_window(fields.front))


def in_window(front: CardFront) -> bool:
    """Whether the reader is meant to know such an expiry."""
    rule = load_template().rule
    return rule.earliest_expiry_year <= front.expiry.year <= TODAY.year + rule.longest_validity_years


def outcome(reading: FrontReading, truth: CardFront) -> str:
    """`right`, `wrong`, or the first reason for refusal. One wrong field that carries a value is wrong, accepted or not."""
    fields = (reading.birth, reading.expiry, reading.security_code)
    expected = (truth.birth.isoformat(), truth.expiry.isoformat(), truth.security_code)
    for field_read, value in zip(fields, expected, strict=True):
        if field_read is not None and field_read.value not in {None, value}:
            return WRONG
    birth = reading.birth
    if birth is not None and birth.printed is not None and birth.printed[0].isdigit() is not truth.western_birth_year:
        return WRONG
    if reading.accepted:
        return RIGHT
    return next(str(fault) for fault in (reading.fault, *(each.fault for each in fields if each)) if fault)


def natural_rows(instrument: Instrument, seed: int, *, held_out: bool) -> Iterator[Row]:
    """One card in every natural tier, and now and then in the side tiers."""
    fields = someone(seed, TODAY.date())
    card = render_front(fields, seed=seed, art=_art(seed, held_out=held_out))
    unknown = _unknown(seed, held_out=held_out)
    for tier in (*NATURAL, *(SIDE_TIERS if seed % SIDE_EVERY == 0 else ())):
        taken = shoot(card, seed=seed, tier=tier)
        looked = instrument.look(decode_picture(taken.jpeg))
        yield Row(
            suite="natural",
            kind=str(tier),
            seed=seed,
            legible=taken.legible and in_window(fields.front),
            held_out=_held_out_lettering(seed, held_out=held_out),
            **_measured(instrument, looked, fields.front, unknown),
        )


def damage_row(instrument: Instrument, seed: int, *, held_out: bool) -> Row:
    """One damaged letter, in a pose that is given."""
    shot = damaged_shot(seed, TODAY.date(), held_out=held_out)
    pixels = decode_picture(shot.jpeg)
    looked = instrument.look_at(pixels, shot.to_picture)
    return Row(
        suite="damage",
        kind=str(shot.damage),
        seed=seed,
        legible=in_window(shot.fields.front),
        held_out=_held_out_lettering(seed, held_out=held_out),
        damaged=shot.field,
        **_measured(instrument, looked, shot.fields.front, _unknown(seed, held_out=held_out)),
    )


def others_row(instrument: Instrument, seed: int, *, held_out: bool) -> Row:
    """One wrong document. Whatever value it yields is wrong."""
    kind, jpeg = document_at(seed, held_out=held_out)
    looked = instrument.look(decode_picture(jpeg))
    reading = looked if isinstance(looked, FrontReading) else instrument.conclude(looked)
    fields = (reading.birth, reading.expiry, reading.security_code)
    given = any(each is not None and each.value is not None for each in fields)
    refusals = (reading.fault, *(each.fault for each in fields if each))
    said = WRONG if given else next(str(fault) for fault in refusals if fault)
    ablation, evidence = {}, {}
    if isinstance(looked, Looked):
        tables = instrument.tables(looked.lines)
        named = policies(looked, tables, instrument.acceptance)
        ablation = {name: WRONG if any(found) else REFUSED for name, found in named}
        evidence = _evidence(instrument, tables, looked, None)
    return Row("others", str(kind), seed, said, ablation=ablation, evidence=evidence)


def _measured(
    instrument: Instrument, looked: Looked | FrontReading, front: CardFront, unknown: Unknown
) -> dict[str, Any]:
    if isinstance(looked, FrontReading):
        return {"outcome": outcome(looked, front)}
    truth = printed(front)
    tables = instrument.tables(looked.lines)
    named = policies(looked, tables, instrument.acceptance)
    evidence = _evidence(instrument, tables, looked, truth, unknown)
    return {
        "outcome": outcome(instrument.conclude(looked), front),
        "ablation": {name: compared(found, truth) for name, found in named},
        "evidence": evidence,
        "forced": tuple(evidence[name][-1] for name in FIELDS),
    }


def compared(found: Values, truth: Values) -> str:
    """Right, wrong or refused: a wrong field is wrong even where another one is missing."""
    if any(value not in {None, true} for value, true in zip(found, truth, strict=True)):
        return WRONG
    return RIGHT if None not in found else REFUSED


def _evidence(
    instrument: Instrument, tables: Tables, looked: Looked, truth: Values | None, unknown: Unknown = NONE_UNKNOWN
) -> dict[str, Any]:
    """What thresholds can be derived from: each field's margin, support, agreement, whether it is right and how whole it stands.

    How whole it stands comes twice: as the reader sees it, and as it would if the card's letterings were unknown to it.
    """
    dates = decide_dates(tables.births, tables.expiries, tables.calendar)
    code = decide_code(tables.codes)
    found = values(tables.calendar, dates, code)
    right = (False,) * 3 if truth is None else tuple(a == b for a, b in zip(found, truth, strict=True))
    choices: tuple[Choice, ...] = (dates.birth, dates.expiry, code)
    named = zip(FIELDS, choices, right, strict=True)
    return {
        **{name: [round(c.margin, 3), round(c.support, 3), c.agreed, hit] for name, c, hit in named},
        "whole": _rounded(instrument.whole(looked)),
        "unknown": _rounded(instrument.whole(looked, unknown)) if any(unknown) else {},
        "ruled": dates.ruled,
        "contradicted": dates.contradicted,
        "western": tables.calendar.birth_years[dates.birth.cell[0]].era is None,
        "inliers": looked.card.inliers,
    }


def _rounded(whole: dict[str, Wholeness]) -> dict[str, list[float]]:
    return {name: [round(part, 3) for part in found] for name, found in whole.items()}


def _unknown(seed: int, *, held_out: bool) -> Unknown:
    """The letterings to leave out so that this card's are unknown: a lettering goes with its whole family."""
    dates, code = (kin(name) for name in letterings(seed, _art(seed, held_out=held_out)))
    return dates, dates, code


def _art(seed: int, *, held_out: bool) -> int:
    return seed % ARTS + (HELD_OUT_ART if held_out else 0)


def _held_out_lettering(seed: int, *, held_out: bool) -> bool:
    return held_out and seed % 3 > 0
