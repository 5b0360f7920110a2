"""`pinreset bench reliability`: kill, cut, fill and pull for real, and see that nothing is lost."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reset_app.commands.bench_heading import heading

if TYPE_CHECKING:
    from services.rehearsal.reliability import Fault

ROWS = Path("var/bench/reliability.jsonl")
STAGE = Path("var/stage-reliability")


@click.command()
@click.option("--only", multiple=True, help="one kind of misfortune; may be given several times, in the order wanted")
@click.option("--database", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="one database only")
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="docs/reliability.md, of all rows kept")
@click.option("--rows", type=click.Path(path_type=Path), default=ROWS, show_default=True, help="where rows are kept")
@click.option("--kept-only", is_flag=True, help="run nothing: the document of the rows that are kept")
@click.option("--plain", is_flag=True, help="nothing that needs root: no namespace, no tmpfs, no pcscd")
def reliability(  # noqa: PLR0913  # one for each option
    only: tuple[str, ...], database: tuple[str, ...], write: Path | None, rows: Path, *, kept_only: bool, plain: bool
) -> None:
    """Real misfortunes on real programs; ends with status 1 when anything is violated. All of them take about half an hour."""
    from services.rehearsal.reliability import FAULTS, kept_rows  # noqa: PLC0415  # a bench brings only what it needs
    from services.rehearsal.reliability_report import report  # noqa: PLC0415

    named = {fault.name: fault for fault in FAULTS}
    if unknown := set(only) - set(named):
        raise click.UsageError(f"{sorted(unknown)} is none of {list(named)}")
    heading("reliability")
    wanted = [named[name] for name in only or named]
    if not kept_only:
        _run(wanted, database, rows, plain=plain)
    kept = kept_rows(rows)
    if write is not None:
        write.write_text(report(kept), encoding="utf-8")
        click.echo(f"written: {write}")
    violated = [row for row in kept if row.violations]
    click.echo(f"{len(kept)} runs kept, {len(violated)} with violations")
    if violated:
        raise SystemExit(1)


def _run(wanted: "list[Fault]", databases: tuple[str, ...], rows: Path, *, plain: bool) -> None:
    from services.rehearsal.reliability import POSTGRESQL, SQLITE, keep, run_fault  # noqa: PLC0415
    from services.rehearsal.rig import open_rig  # noqa: PLC0415

    for database in databases or (SQLITE, POSTGRESQL):
        faults = [fault for fault in wanted if database in fault.databases]
        if not faults:
            continue
        with open_rig(STAGE, database, plain=plain) as rig:
            for fault in faults:
                for row in run_fault(rig, database, fault, click.echo):
                    keep(rows, row)
