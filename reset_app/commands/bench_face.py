"""`pinreset bench face`: how faces are matched."""

from pathlib import Path

import click

from reset_app.commands.bench_heading import heading

PEOPLE = Path(
    "../shared/data/faces/frll"
)  # pictures for benchmarks, beside the project; without them no accuracy is printed


@click.command()
@click.option("--people", type=click.Path(path_type=Path), default=PEOPLE, show_default=True)
def face(people: Path) -> None:
    """Face matching and liveness: milliseconds a stage, and accuracy where pictures of people are to be had."""
    import cv2  # noqa: PLC0415

    from services.domain.liveness import Action  # noqa: PLC0415
    from services.rehearsal.clip import CameraClip  # noqa: PLC0415
    from services.rehearsal.portrait import card_photo, load_portrait  # noqa: PLC0415
    from services.vision.bench_face import report  # noqa: PLC0415

    heading("face")
    cv2.setNumThreads(1)
    portrait = load_portrait()
    frame = CameraClip(portrait, Path("var/rehearsal")).frames(Action.FRONT, 10, seed=0)[0]
    for line in report(card_photo(portrait), frame, people):
        click.echo(line)
