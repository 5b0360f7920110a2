"""The benchmark measures what it says: pgbench sends the ledger's own statements, and they claim."""

import pytest

from services.storage.bench import KIOSKS, ClaimFigures, bench_claims


@pytest.mark.postgres
def test_pgbench_claims_as_the_ledger_does():
    # The benchmark itself counts what pgbench has claimed, and raises when a statement did nothing.
    figures = list(bench_claims(each=2))
    assert [figure.database for figure in figures] == ["SQLite", "PostgreSQL"]
    assert all(figure.claims_per_s > 0 and figure.fdatasync_ms > 0 for figure in figures)
    assert figures[0].ratio is None
    assert figures[1].ratio > 0


def test_a_figure_is_one_line():
    figure = ClaimFigures("PostgreSQL", 1234.5, 2469.0, 0.256)
    expected = (
        f"1,234 claims/s from {KIOSKS} threads; pgbench, same SQL: 2,469/s; ratio 0.50; fdatasync of 4 KiB: 0.26 ms"
    )
    assert str(figure) == f"PostgreSQL: {expected}"
