"""`pinreset bench liveness`: what attacks get through, and whom the checks send home."""

from pathlib import Path

import click

from reset_app.commands.bench_heading import heading

PEOPLE = Path(
    "../shared/data/faces/frll"
)  # pictures for benchmarks, beside the project; without them two portraits serve
KEPT = Path("var/bench/liveness")
FILMS = Path("var/bench/films")


@click.command()
@click.option("--attempts", type=click.IntRange(1), default=300, show_default=True, help="Attempts a species.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Changes nothing but the time.")
@click.option("--species", "chosen", multiple=True, help="Only these, and `genuine`; all where none is named.")
@click.option("--people", type=click.Path(path_type=Path), default=PEOPLE, show_default=True)
@click.option("--write", "target", type=click.Path(path_type=Path), help="The report's file.")
@click.option(
    "--derive", is_flag=True, help="Measure what the limits of liveness rest on, over its development people, and stop."
)
def liveness(  # noqa: PLR0913  # one parameter an option, as click hands them over
    attempts: int, workers: int, chosen: tuple[str, ...], people: Path, target: Path | None, *, derive: bool
) -> None:
    """The attack bench (ISO/IEC 30107-3), seeded: APCER per species, BPCER, and what no check of images stops."""
    from services.rehearsal.liveness_bench_main import Wish, take_stock  # noqa: PLC0415
    from services.rehearsal.liveness_bench_plan import all_species  # noqa: PLC0415
    from services.rehearsal.liveness_derive import derive as derive_limits  # noqa: PLC0415

    if unknown := set(chosen) - set(all_species()):
        raise click.BadParameter(f"{', '.join(sorted(unknown))}; there are {', '.join(all_species())}")
    if derive:
        for line in derive_limits(people):
            click.echo(line)
        return
    if target is None:
        heading("liveness")
    wish = Wish(attempts, workers, list(chosen) or all_species(), people, KEPT, FILMS)
    text = "\n".join(take_stock(wish, lambda line: click.echo(line, err=True))) + "\n"
    if target is None:
        click.echo(text, nl=False)
    else:
        target.write_text(text, encoding="utf-8")
