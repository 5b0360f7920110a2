"""The matcher report's tables about groups of people: how each fares, and how much those of one group are taken for each other."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.vision.face_derive import derive
from services.vision.face_rates import Comparisons, comparisons, passed
from services.vision.face_scores import SINGLE, Kind, Person, ScoreBook
from services.vision.face_tables import Shipped, continued_to, head, row, share
from services.vision.rates import at_most

FEWEST_FOR_A_RATE: Final = 10  # people; of fewer only counts are shown
FEWEST_FOR_A_TAIL: Final = 300  # pairs of people; with fewer, the highest twentieth is a handful
AGES: Final = (("18 to 24", 18, 24), ("25 to 34", 25, 34), ("35 to 54", 35, 54))


def groups(book: ScoreBook, shipped: Shipped) -> Iterator[str]:
    """By sex, age and group: own card against the smiling picture, and impostors of the same group among themselves."""
    yield from head(
        "engine",
        "group",
        "people",
        "missed at the shipped threshold",
        "lowest own",
        "impostors within the group",
        "highest of them",
        "mean of the impostors",
    )
    for scores, (name, members) in product(book.engines, _groups(book.people)):
        if not members:
            continue
        inside = np.isin(np.arange(len(book.people)), members)
        compared = comparisons(scores, [Kind.CARD_SMILE], members, like=np.outer(inside, inside))
        limit = shipped[scores.engine].match
        missed, over = int((compared.genuine < limit).sum()), int((compared.impostor >= limit).sum())
        enough = len(members) >= FEWEST_FOR_A_RATE
        yield row(
            scores.engine,
            name,
            len(members),
            share(missed, len(members)) if enough else f"{missed}/{len(members)} (too few for a rate)",
            f"{abs(compared.genuine.min()):.3f}",
            f"{over}/{len(compared.impostor)}",
            _highest(compared),
            f"{abs(compared.impostor.mean()):.3f}" if len(compared.impostor) else "–",
        )


def _groups(people: Sequence[Person]) -> Iterator[tuple[str, list[int]]]:
    def who(chosen: Callable[[Person], bool]) -> list[int]:
        return [index for index, person in enumerate(people) if chosen(person)]

    for sex in sorted({person.sex for person in people}):
        yield sex, who(lambda person, sex=sex: person.sex == sex)  # type: ignore[misc]  # bound now, not at the call
    for name, low, high in AGES:
        yield name, who(lambda person, low=low, high=high: low <= person.age <= high)  # type: ignore[misc]  # likewise
    yield "age not given", who(lambda person: person.age == 0)
    for group in sorted({person.group for person in people}):
        yield group.replace("_", " "), who(lambda person, group=group: person.group == group)  # type: ignore[misc]  # likewise


def same_group(book: ScoreBook, shipped: Shipped) -> Iterator[str]:
    """Impostors who resemble each other more than strangers do, over every single picture."""
    yield from head(
        "engine",
        "impostors",
        "comparisons",
        "pairs of people",
        "false at the shipped threshold",
        "at most, by pairs",
        "by the continued tail",
        "highest",
    )
    for scores, (name, like) in product(book.engines, _alike(book.people)):
        compared = comparisons(scores, SINGLE, like=like)
        if not len(compared.impostor):
            continue
        limit = shipped[scores.engine].match
        found = passed(compared, limit)
        yield row(
            scores.engine,
            name,
            found.total,
            found.all_pairs,
            found.count,
            f"{at_most(found.pairs, found.all_pairs):.1e}",
            continued_to(compared, limit) if found.all_pairs >= FEWEST_FOR_A_TAIL else "too few pairs",
            _highest(compared),
        )


def halves(book: ScoreBook) -> Iterator[str]:
    """The rule tried on people whom it has not seen: derived on every other person, counted on the rest, both ways."""
    yield from head("engine", "derived on", "match by the rule", "missed among the others", "false among the others")
    everybody = range(len(book.people))
    for scores, (name, start) in product(book.engines, (("1st, 3rd, … person", 0), ("2nd, 4th, … person", 1))):
        limit = derive(scores.among(everybody[start::2])).limits.match
        others = comparisons(scores.among(everybody[1 - start :: 2]), SINGLE)
        found, missed = passed(others, limit), int((others.genuine < limit).sum())
        false = f"{found.count}/{found.total}, of {found.pairs}/{found.all_pairs} pairs of people"
        yield row(scores.engine, name, f"{abs(limit):.2f}", f"{missed}/{len(others.genuine)}", false)


def _highest(compared: Comparisons) -> str:
    return f"{abs(compared.impostor.max()):.3f}" if len(compared.impostor) else "–"


def _alike(people: Sequence[Person]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    sexes, sets = np.array([person.sex for person in people]), np.array([person.group for person in people])
    same_sex, same_set = sexes[:, None] == sexes[None], sets[:, None] == sets[None]
    asian = np.array(["east_asian" in person.group for person in people])
    yield "of the same sex", same_sex
    yield "of the same group", same_set
    yield "of the same sex and group", same_sex & same_set
    yield "both East Asian", np.outer(asian, asian)
    yield "both East Asian, of the same sex", np.outer(asian, asian) & same_sex
