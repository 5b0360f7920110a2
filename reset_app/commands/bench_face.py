"""`pinreset bench face`: how faces are matched, what it costs, and the report about it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reset_app.commands.bench_heading import heading

if TYPE_CHECKING:
    from services.vision.face import Limits, Recogniser
    from services.vision.face_scores import ScoreBook

PEOPLE = Path("../shared/data/faces/frll")  # beside the project; without them no accuracy is measured

Loaders = Mapping[str, "Callable[[], Recogniser]"]


@click.command()
@click.option(
    "--people", type=click.Path(path_type=Path), default=PEOPLE, show_default=True, help="laid out like the London set"
)
@click.option(
    "--model", type=click.Path(path_type=Path, exists=True), help="an operator's face.toml, measured beside ours"
)
@click.option("--derive", is_flag=True, help="print the thresholds that the data support, as registry entries")
@click.option(
    "--write",
    type=click.Path(path_type=Path, dir_okay=False),
    help="docs/matcher-report.md: the report; scores and pictures beside it",
)
@click.option(
    "--scores", type=click.Path(path_type=Path, exists=True), help="kept scores (docs/matcher-scores.json), no pictures"
)
@click.option("--rounds", default=20, show_default=True, help="of each timing")
def face(  # noqa: PLR0913  # one for each option
    people: Path, model: Path | None, write: Path | None, scores: Path | None, rounds: int, *, derive: bool
) -> None:
    """Face matching: cost of each engine, error rates with intervals, thresholds, report. About 5 s a person."""
    from services.vision.model_entry import EntryIncomplete  # noqa: PLC0415

    if write is not None and model is not None:
        raise click.UsageError("the report is about the product's own engines: write it without --model")
    heading("face")
    try:
        book = _kept(scores) if scores else _measured(people, _loaders(model), rounds)
        if book is None:
            click.echo("accuracy: no folder with people's pictures here")
            return
        _tell_rates(book, model)
        _tell_thresholds(book, model, derive=derive, data=people)
    except EntryIncomplete as exc:
        raise click.ClickException(str(exc)) from exc
    if write is not None:
        _write(book, write)


def _write(book: "ScoreBook", report: Path) -> None:
    from services.vision.face_report import REPORT, documents  # noqa: PLC0415

    for name, text in documents(book).items():
        path = report if name == REPORT else report.parent / name
        path.write_text(text, encoding="utf-8")
        click.echo(f"written: {path}")


def _loaders(model: Path | None) -> Loaders:
    from services.vision.face import SFace  # noqa: PLC0415
    from services.vision.face_dlib import Dlib  # noqa: PLC0415
    from services.vision.face_file import read_face_model  # noqa: PLC0415
    from services.vision.face_onnx import FileRecogniser  # noqa: PLC0415

    ours: dict[str, Callable[[], Recogniser]] = {"yunet+sface": SFace, "face_recognition": Dlib}
    if model is None:
        return ours
    brought = read_face_model(model, underived=True)
    return {**ours, f"file:{brought.id}": lambda: FileRecogniser(brought)}


def _kept(scores: Path) -> "ScoreBook":
    from services.vision.face_scores import ScoreBook  # noqa: PLC0415

    return ScoreBook.read(scores.read_text(encoding="utf-8"))


def _measured(people: Path, loaders: Loaders, rounds: int) -> "ScoreBook | None":
    import cv2  # noqa: PLC0415

    from services.domain.liveness import Action  # noqa: PLC0415
    from services.rehearsal.clip import CameraClip  # noqa: PLC0415
    from services.rehearsal.face_bench import score  # noqa: PLC0415
    from services.rehearsal.face_people import People  # noqa: PLC0415
    from services.rehearsal.portrait import card_photo, load_portrait  # noqa: PLC0415
    from services.vision.bench_face import costs  # noqa: PLC0415
    from services.vision.face_scores import ScoreBook  # noqa: PLC0415

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns of a target that nobody has set
    portrait = load_portrait()
    frame = CameraClip(portrait, Path("var/rehearsal")).frames(Action.FRONT, 10, seed=0)[0]
    for line in costs(card_photo(portrait), frame, loaders, rounds=rounds):
        click.echo(line)
    if not (people / "card_jp2").is_dir():
        return None
    book = score(People.of(people), [load() for load in loaders.values()])
    # Read back as it is kept, so that what is printed is what the kept scores say.
    return ScoreBook.read(book.written())


def _tell_rates(book: "ScoreBook", model: Path | None) -> None:
    from services.vision import face_group_tables, face_tables  # noqa: PLC0415
    from services.vision.face_derive import derive  # noqa: PLC0415
    from services.vision.face_report import shipped_limits  # noqa: PLC0415

    shipped = {**shipped_limits(), **_brought_limits(model)}
    # An engine that has no thresholds yet is told at those that its data support.
    limits = {scores.engine: shipped.get(scores.engine) or derive(scores).limits for scores in book.engines}
    for title, lines in (
        ("failure to enrol and to acquire", face_tables.acquisition(book)),
        ("single pictures", face_tables.single_pictures(book)),
        ("false matches at the threshold", face_tables.false_matches(book, limits)),
        ("whole decisions", face_tables.sessions(book, limits)),
        ("sex, age and group", face_group_tables.groups(book, limits)),
        ("people who resemble each other", face_group_tables.same_group(book, limits)),
    ):
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(line)


def _tell_thresholds(book: "ScoreBook", model: Path | None, *, derive: bool, data: Path) -> None:
    from services.vision import face_derive  # noqa: PLC0415
    from services.vision.face_report import DECIDING_MODEL  # noqa: PLC0415

    described = f"{'London set' if data == PEOPLE else data.name}, {len(book.people)} people"
    for scores in book.engines:
        ours = scores.engine in DECIDING_MODEL
        if ours and not derive:
            continue
        text = face_derive.entry_text(
            face_derive.derive(scores),
            sign=DECIDING_MODEL[scores.engine][1] if ours else 1,
            data=described,
            command=face_derive.COMMAND if ours or model is None else f"pinreset bench face --model {model.name}",
            own_table=not ours,
        )
        click.echo(f"\n# {scores.engine}: the thresholds that these scores support\n\n{text}")


def _brought_limits(model: Path | None) -> "Mapping[str, Limits]":
    from services.vision.face import Limits  # noqa: PLC0415
    from services.vision.face_file import read_face_model  # noqa: PLC0415

    brought = read_face_model(model, underived=True) if model else None
    return {f"file:{brought.id}": Limits.of(brought.thresholds)} if brought and brought.thresholds else {}
