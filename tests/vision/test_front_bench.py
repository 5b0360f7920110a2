"""The card-front bench: shards that are kept, tables that are the same again, thresholds derived by the reader's own rule."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.domain.errors import ModelMissing
from services.rehearsal.front_ablation import FIELDS, GREEDY, RULE, greedy
from services.rehearsal.front_bench import RIGHT, WRONG, Row, compared
from services.rehearsal.front_damage import ARTS
from services.rehearsal.front_derive import GRIDS, MOST_LOST, Evidence, derived, written
from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_picture import letterings
from services.rehearsal.front_report import report
from services.rehearsal.front_shards import STRIDE, Plan, measure, version
from services.vision.front_accept import ACCEPTANCE, load_acceptance
from services.vision.front_panel import Lines
from services.vision.front_recognise import BLANK, FIRST_LETTER, LETTERS, OTHER

PLAN = Plan(cards=1, damage=10, others=1, seed=0)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench") / "rows.jsonl"


@pytest.fixture(scope="module")
def rows(kept: Path) -> list[Row]:
    try:
        font("mincho", 12)
        return measure(PLAN, 1, kept, lambda _: None)
    except (FontMissing, ModelMissing) as missing:
        pytest.skip(f"{missing}: run `make setup`")


@pytest.mark.models
def test_a_stopped_run_goes_on_with_what_it_has(rows: list[Row], kept: Path) -> None:
    *whole, last = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(whole) + last[: len(last) // 2] + "\n")
    said: list[str] = []
    assert rows == measure(PLAN, 1, kept, said.append)
    assert said[0].startswith("3 shards, 2 of them kept")


@pytest.mark.models
def test_derivation_counts_as_the_reader_judges(rows: list[Row]) -> None:
    located = [row for row in rows if row.evidence and row.suite != "others"]
    right, wrong = Evidence(located, unknown=False).said(load_acceptance())
    assert [row.outcome == RIGHT for row in located] == right.tolist()
    assert [row.outcome == WRONG for row in located] == wrong.tolist()


@pytest.mark.models
def test_the_report_is_the_same_again(rows: list[Row]) -> None:
    first, again = ("\n".join(report(rows, PLAN)) for _ in range(2))
    assert first == again
    assert all(word in first for word in ("Synthetic pictures only", GREEDY, RULE, "Limits", "| easy | "))


def row(  # a picture and how it looks
    margin: float,
    *,
    right: bool = True,
    suite: str = "natural",
    kind: str = "normal",
    seed: int = 0,
    unknown: Mapping[str, tuple[float, ...]] | None = None,
) -> Row:
    """A picture whose least sure field is the expiry; `unknown` is how it stands in lettering that the reader does not know."""
    sure, expiry = [9.0, -0.1, True, True], [margin, -0.1, True, right]
    whole = dict.fromkeys(FIELDS, (0.97, 0.0, 0.0, 0.0, 0.5, 1.0))
    evidence: dict[str, Any] = {
        "birth": sure,
        "expiry": expiry,
        "code": sure,
        "whole": whole,
        "unknown": unknown or whole,
    }
    evidence |= {"ruled": True, "contradicted": False, "western": False}
    return Row(suite, kind, seed, RIGHT, legible=True, evidence=evidence)


def test_derivation_keeps_a_step_between_whole_print_and_the_limit() -> None:
    found = derived([row(8.0) for _ in range(50)])
    assert found.numbers.expiry_margin == 7.5
    assert found.counts.legible_right == (0, 50, 0)


def test_derivation_gives_the_code_no_step_back() -> None:
    assert derived([row(8.0) for _ in range(50)]).numbers.code_margin == 9.0


def test_derivation_is_not_loosened_by_the_few_that_may_be_lost() -> None:
    few = round(1000 * MOST_LOST)
    found = derived([*(row(8.0) for _ in range(1000 - few)), *(row(4.0) for _ in range(few))])
    assert found.numbers.expiry_margin == 7.5


def test_derivation_never_loses_more_than_it_may() -> None:
    found = derived([*(row(8.0) for _ in range(90)), *(row(4.0) for _ in range(10))])
    assert found.counts.legible_right == (0, 100, 0)


def test_derivation_gives_no_step_back_to_a_wrong_reading() -> None:
    found = derived([*(row(8.0) for _ in range(50)), row(7.7, right=False, suite="damage", kind="ink")])
    assert found.numbers.expiry_margin == 8.0
    assert found.counts.wrong == 0


def test_derivation_bears_lettering_that_the_reader_does_not_know() -> None:
    strange = dict.fromkeys(FIELDS, (0.72, 0.0, 0.0, 0.0, 0.5, 1.0))
    found = derived([row(8.0, unknown=strange) for _ in range(50)])
    assert found.numbers.digit_likeness == 0.65
    assert found.counts.legible_right == (0, 50, 0)


def test_derivation_bears_the_strangest_lettering_though_it_be_rare() -> None:
    other = next(seed for seed in range(100) if letterings(seed, seed % ARTS) != letterings(0, 0))
    strange = dict.fromkeys(FIELDS, (0.72, 0.0, 0.0, 0.0, 0.5, 1.0))
    found = derived([*(row(8.0) for _ in range(450)), row(8.0, seed=other, unknown=strange)])
    assert found.numbers.digit_likeness == 0.65


def test_derived_numbers_are_what_the_reader_loads(tmp_path: Path) -> None:
    path = tmp_path / "acceptance.json"
    path.write_bytes(ACCEPTANCE.read_bytes())
    found = derived([row(8.0)])
    written(found, PLAN, path)
    loaded = load_acceptance(path)
    assert loaded == replace(found.numbers, version=loaded.version)


def test_every_number_that_decides_stands_inside_its_grid() -> None:
    numbers = load_acceptance()
    for name, grid in GRIDS.items():
        assert getattr(numbers, name) in grid
        assert getattr(numbers, name) not in {grid[0], grid[-1]}, name


def test_the_numbers_were_derived_from_this_reader_and_these_drawings() -> None:
    """After a change of either: `pinreset bench ocr --derive --write`, with the options that the file names."""
    assert load_acceptance().version == f"derived-{version(with_acceptance=False)}"


def lines(birth: str, expiry: str, code: str) -> Lines:
    """Readings of one engine that is sure of every letter."""
    return Lines(*(_reading(text) for text in (birth, expiry, code)))


def _reading(text: str) -> np.ndarray:
    steps = [column for letter in text for column in (_column(letter), BLANK)]
    readings = np.full((1, len(steps), FIRST_LETTER + len(LETTERS)), 1e-6)
    readings[0, np.arange(len(steps)), steps] = 1.0
    return readings


def _column(letter: str) -> int:
    return FIRST_LETTER + LETTERS.index(letter) if letter in LETTERS else OTHER


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("昭和60年1月2日生", "1985-01-02"),
        ("令和元年5月1日生", "2019-05-01"),
        ("1985年11月22日生", "1985-11-22 western"),
        ("昭和60年2月30日生", None),
        ("昭和6年1日", None),
    ],
)
def test_a_greedy_reading_is_what_the_pattern_finds(birth: str, expected: str | None) -> None:
    found = greedy(lines(birth, "2031年1月2日まで有効", "4821"))
    assert (expected, "2031-01-02", "4821") == found


def test_a_wrong_field_is_wrong_even_where_another_is_missing() -> None:
    truth = ("1985-01-02", "2031-01-02", "4821")
    assert RIGHT == compared(truth, truth)
    assert "refused" == compared(("1985-01-02", None, "4821"), truth)
    assert WRONG == compared(("1985-01-03", None, "4821"), truth)


def test_suites_keep_their_seeds_apart() -> None:
    shards = Plan(STRIDE, STRIDE, STRIDE, 10_000).shards()
    seeds = [seed for shard in shards for seed in range(shard.first, shard.end)]
    assert len(seeds) == len(set(seeds)) == 3 * STRIDE
    with pytest.raises(ValueError, match="a suite has"):
        Plan(STRIDE + 1, 0, 0, 0)


def test_only_the_report_is_drawn_with_what_is_held_out() -> None:
    assert [False, True] == [replace(PLAN, seed=seed).held_out for seed in (19_999, 20_000)]
