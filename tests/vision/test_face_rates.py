"""Error rates of a face bench on made-up scores whose answer is known."""

import numpy as np
import pytest

from services.vision.face_derive import derive
from services.vision.face_rates import comparisons, det, misses_at, passed, tail
from services.vision.face_scores import SYMMETRIC, EngineScores, Kind, Person, ScoreBook, Session

PEOPLE = 30


def made_up(own: float = 0.9, seed: int = 1) -> EngineScores:
    """Everybody is at `own` with themselves; others are exponentially above 0."""
    random = np.random.default_rng(seed)
    tables = {}
    for kind in Kind:
        table = random.exponential(0.05, (PEOPLE, PEOPLE))
        table = (table + table.T) / 2 if kind in SYMMETRIC else table
        tables[kind] = np.where(np.eye(PEOPLE, dtype=bool), own, np.round(table, 4))
    return EngineScores("made-up", tables, [Session(7, 0.8)] * PEOPLE)


def changed(scores: EngineScores, kind: Kind, cells: list[tuple[int, int]], value: float) -> EngineScores:
    table = scores.tables[kind].copy()
    for cell in cells:
        table[cell] = value
    return EngineScores(scores.engine, {**scores.tables, kind: table}, scores.sessions)


def test_the_same_photograph_is_no_genuine_comparison() -> None:
    assert len(comparisons(made_up(), [Kind.CARD_NEUTRAL]).genuine) == 0
    assert len(comparisons(made_up(), [Kind.CARD_SMILE]).genuine) == PEOPLE


def test_a_pair_of_pictures_counts_once_where_both_sides_are_the_same_pictures() -> None:
    assert len(comparisons(made_up(), [Kind.SMILE_SMILE]).impostor) == PEOPLE * (PEOPLE - 1) // 2
    assert len(comparisons(made_up(), [Kind.CARD_SMILE]).impostor) == PEOPLE * (PEOPLE - 1)


def test_pairs_of_people_are_counted_once_over_all_tables() -> None:
    both = comparisons(made_up(), [Kind.CARD_SMILE, Kind.SMILE_SMILE])
    assert both.pairs == PEOPLE * (PEOPLE - 1) // 2


def test_pictures_without_a_face_are_not_compared() -> None:
    lacking = changed(made_up(), Kind.CARD_SMILE, [(3, column) for column in range(PEOPLE)], np.nan)
    compared = comparisons(lacking, [Kind.CARD_SMILE])
    assert (len(compared.genuine), len(compared.impostor)) == (PEOPLE - 1, (PEOPLE - 1) ** 2)


def test_the_false_match_rate_says_how_many_may_pass() -> None:
    scores = changed(made_up(), Kind.CARD_SMILE, [(0, 0), (1, 1)], 0.5)
    scores = changed(scores, Kind.CARD_SMILE, [(0, 1), (2, 3)], 0.6)
    compared = comparisons(scores, [Kind.CARD_SMILE])
    assert (misses_at(compared, 1e-3).allowed, misses_at(compared, 1e-3).missed) == (0, 2)
    assert (misses_at(compared, 3e-3).allowed, misses_at(compared, 3e-3).missed) == (2, 0)


def test_drawing_people_shows_that_one_person_makes_all_the_errors() -> None:
    cells = [(0, column) for column in range(1, PEOPLE)]
    one_person = passed(comparisons(changed(made_up(), Kind.CARD_SMILE, cells, 0.95), [Kind.CARD_SMILE]), 0.9)
    spread = [(row, (row + 1) % PEOPLE) for row in range(PEOPLE - 1)]
    many_people = passed(comparisons(changed(made_up(), Kind.CARD_SMILE, spread, 0.95), [Kind.CARD_SMILE]), 0.9)
    assert one_person.count == many_people.count == PEOPLE - 1
    assert one_person.interval[1] - one_person.interval[0] > 1.5 * (many_people.interval[1] - many_people.interval[0])


def test_intervals_are_the_same_every_time() -> None:
    scores = changed(made_up(), Kind.CARD_SMILE, [(0, 1), (5, 6)], 0.95)
    compared = comparisons(scores, [Kind.CARD_SMILE])
    assert passed(compared, 0.9) == passed(compared, 0.9)
    assert misses_at(compared, 1e-3) == misses_at(compared, 1e-3)


def test_an_exponential_tail_is_continued_to_where_it_leads() -> None:
    continued = tail(comparisons(made_up(), [kind for kind in Kind if kind not in SYMMETRIC]))
    truth = 0.05 * np.log(1 / 1e-4)
    assert continued.estimate(1e-4) == pytest.approx(truth, rel=0.1)
    assert continued.bound(1e-4) > continued.estimate(1e-4)
    assert continued.rate(continued.estimate(1e-5)) == pytest.approx(1e-5)


def test_a_threshold_lies_above_every_impostor_and_above_where_the_tail_ends() -> None:
    scores = made_up()
    assert 0.4 < derive(scores).limits.match < 0.7
    look_alikes = changed(scores, Kind.SMILE_SMILE, [(1, 2), (2, 1)], 0.81)
    assert derive(look_alikes).limits.match >= 0.82
    assert derive(look_alikes).counts["match"]["impostors_above"] == 0


def test_thresholds_do_not_know_the_genuine_scores() -> None:
    assert derive(made_up(own=0.9)).limits == derive(made_up(own=0.1)).limits


def test_a_trade_off_is_marked_where_it_is_no_count() -> None:
    points = det(comparisons(changed(made_up(), Kind.CARD_SMILE, [(0, 0)], 0.01), [Kind.CARD_SMILE]))
    assert (points[0].counted, points[1].counted) == (True, False)
    assert points[0].false_match > 0.5
    assert [point.false_non_match for point in points[:2]] == [0, 1 / PEOPLE]


def test_a_kept_book_says_what_the_first_one_said() -> None:
    people = [Person(f"{number:03d}", 20 + number, "female", "white") for number in range(PEOPLE)]
    scores = changed(made_up(), Kind.CARD_SMILE, [(3, 4)], np.nan)
    book = ScoreBook(people, [scores], {"card": {"fit": PEOPLE}}, {"card": (3900, 4000)})
    again = ScoreBook.read(book.written())
    assert again.written() == book.written()
    table, kept = scores.tables[Kind.CARD_SMILE], again.engines[0].tables[Kind.CARD_SMILE]
    assert np.isnan(kept[3, 4])
    assert np.nanmax(np.abs(table - kept)) < 1e-4
