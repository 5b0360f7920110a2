"""`pinreset bench ocr`: how the card front is read."""

import click

from reset_app.commands.bench_heading import heading


@click.command()
@click.option("--cards", default=20, show_default=True, help="cards a tier")
def ocr(cards: int) -> None:
    """Card-front reading: right, refused and wrong per tier, and milliseconds a picture."""
    from services.rehearsal.front_bench import main  # noqa: PLC0415

    heading("card front")
    if main([str(cards)]):
        raise click.ClickException("a wrong value was given")
