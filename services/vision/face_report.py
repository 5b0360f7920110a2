"""`docs/matcher-report.md`: what the matcher is, what was measured, and what that allows to say. Written from a score book only.

Timings and memory are not in it: they differ from run to run, and the report is the same for the same scores.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from services.vision.face import FEWEST_FRAMES, MOST_FRAMES, Limits
from services.vision.face_derive import COMMAND, RULES, derive
from services.vision.face_gate import (
    BLUR_VARIANCE,
    BRIGHTEST,
    DARKEST,
    FEWEST_EYE_PIXELS,
    LARGEST_PITCH_DEG,
    LARGEST_YAW_DEG,
)
from services.vision.face_group_tables import FEWEST_FOR_A_RATE, groups, halves, same_group
from services.vision.face_pictures import Curve, Panel, det_picture, likeness_picture
from services.vision.face_rates import RESAMPLES, SEED, comparisons, det
from services.vision.face_scores import SINGLE, Kind, ScoreBook
from services.vision.face_tables import (
    Shipped,
    acquisition,
    false_matches,
    head,
    row,
    sessions,
    single_pictures,
)
from services.vision.model_entry import NetworkInput
from services.vision.models import registry
from services.vision.rates import at_most

REPORT: Final = "matcher-report.md"
TEMPLATE: Final = Path(__file__).with_suffix(".md")
SCORES: Final = "matcher-scores.json"
DET: Final = "matcher-det.svg"
LIKENESSES: Final = "matcher-likenesses.svg"
MODELS: Final = ("yunet", "face-mesh", "canonical-face", "sface", "dlib-resnet", "dlib-five-points")
DECIDING_MODEL: Final = {"yunet+sface": ("sface", 1), "face_recognition": ("dlib-resnet", -1)}
_COLOURS: Final = {
    ("yunet+sface", Kind.CARD_SMILE): "#0b57d0",
    ("yunet+sface", Kind.CARD_2_SMILE): "#7a9fe0",
    ("face_recognition", Kind.CARD_SMILE): "#b3261e",
    ("face_recognition", Kind.CARD_2_SMILE): "#e08a84",
}


def shipped_limits() -> Shipped:
    """What the registry says of each engine."""
    return {
        engine: Limits.of(registry()[model_id].thresholds, sign=sign)
        for engine, (model_id, sign) in DECIDING_MODEL.items()
    }


def documents(book: ScoreBook) -> Mapping[str, str]:
    """Every file of the report by its name."""
    shipped = shipped_limits()
    return {
        REPORT: _report(book, shipped),
        SCORES: book.written(),
        DET: det_picture(_curves(book), len(comparisons(book.engines[0], [Kind.CARD_SMILE]).impostor)),
        LIKENESSES: likeness_picture(_panels(book, shipped)),
    }


def _curves(book: ScoreBook) -> list[Curve]:
    by_engine = {scores.engine: scores for scores in book.engines}
    return [
        Curve(
            f"{engine}, {'2 kB card' if kind is Kind.CARD_2_SMILE else 'card as given'}",
            colour,
            det(comparisons(by_engine[engine], [kind])),
        )
        for (engine, kind), colour in _COLOURS.items()
    ]


def _panels(book: ScoreBook, shipped: Shipped) -> list[Panel]:
    panels = []
    for scores in book.engines:
        compared, limits = comparisons(scores, SINGLE), shipped[scores.engine]
        sign = DECIDING_MODEL[scores.engine][1]
        name = f"{scores.engine}: {'cosine similarity' if sign > 0 else 'distance'}"
        panels.append(Panel(name, compared.genuine, compared.impostor, limits.match, limits.ask_again, sign))
    return panels


def _report(book: ScoreBook, shipped: Shipped) -> str:
    template = TEMPLATE.read_text(encoding="utf-8")
    return template.format_map({**_files_and_rules(), **_tables(book, shipped), **_bounds(book)})


def _files_and_rules() -> Mapping[str, object]:
    return {
        "scores_file": SCORES,
        "det_file": DET,
        "likenesses_file": LIKENESSES,
        "resamples": RESAMPLES,
        "seed": SEED,
        "fewest": FEWEST_FRAMES,
        "most": MOST_FRAMES,
        "eyes": FEWEST_EYE_PIXELS,
        "darkest": DARKEST,
        "brightest": BRIGHTEST,
        "blur": BLUR_VARIANCE,
        "yaw": LARGEST_YAW_DEG,
        "pitch": LARGEST_PITCH_DEG,
        "command": COMMAND,
        "rules": "\n".join(f"- `{name}`: {rule}." for name, rule in RULES.items()),
        "fewest_people": FEWEST_FOR_A_RATE,
    }


def _tables(book: ScoreBook, shipped: Shipped) -> Mapping[str, str]:
    tables = {
        "models": _models(),
        "thresholds": _thresholds(book, shipped),
        "halves": halves(book),
        "acquisition": acquisition(book),
        "single": single_pictures(book),
        "false_matches": false_matches(book, shipped),
        "sessions": sessions(book, shipped),
        "groups": groups(book, shipped),
        "same_group": same_group(book, shipped),
    }
    return {name: "\n".join(lines) for name, lines in tables.items()}


def _bounds(book: ScoreBook) -> Mapping[str, object]:
    everything, people = comparisons(book.engines[0], SINGLE), len(book.people)
    return {
        "people": people,
        "fnmr_bound": f"{100 * at_most(0, people):.1f} %",
        "impostors": len(everything.impostor),
        "impostors_bound": f"{at_most(0, len(everything.impostor)):.1e}",
        "pairs": everything.pairs,
        "pairs_bound": f"{at_most(0, everything.pairs):.1e}",
    }


def _models() -> Iterator[str]:
    yield from head("id", "package", "version", "SHA-256", "licence", "fed with")
    for model in (registry()[model_id] for model_id in MODELS):
        yield row(model.id, model.package, model.version, f"`{model.sha256}`", model.licence, _fed(model.input))


def _fed(fed: NetworkInput | None) -> str:
    if fed is None:
        return "–"
    size = f"{fed.size[0]} × {fed.size[1]}" if fed.size[0] else "any size"
    return f"{size}, {fed.colour}, {fed.low:g} to {fed.high:g}"


def _thresholds(book: ScoreBook, shipped: Shipped) -> Iterator[str]:
    yield from head("engine", "threshold", "shipped", "derived from these scores")
    for scores in book.engines:
        derived = derive(scores).limits
        for name in RULES:
            values = (getattr(limits, name) for limits in (shipped[scores.engine], derived))
            yield row(scores.engine, name, *(f"{abs(value):.2f}" for value in values))
