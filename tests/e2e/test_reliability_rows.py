"""What `pinreset bench reliability` makes of its rows: a document, and an exit status."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from reset_app.commands.bench_reliability import reliability
from services.rehearsal.reliability import Row, keep, kept_rows
from services.rehearsal.reliability_report import report

HELD = Row("kiosk-killed", "sqlite", "card_written", "signature", "", 2, 9.0, 12.0, [])
VIOLATED = replace(HELD, point="claim_signed", violations=["completed 2 times"])


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bench" / "rows.jsonl"


def ended(file, *words):
    return CliRunner().invoke(reliability, ["--kept-only", "--rows", str(file), *words])


def test_a_run_that_is_repeated_replaces_the_earlier_one(file):
    for row in (replace(HELD, violations=["completed 2 times"]), VIOLATED, HELD):
        keep(file, row)
    assert [HELD, VIOLATED] == kept_rows(file)


def test_the_document_names_every_violation_and_counts_it(file):
    text = report([HELD, VIOLATED])
    assert "| kiosk-killed | sqlite | 2 | 2 | 1 | 0 / 2 | 9.0 s | 9.0 s |" in text
    assert "**Violated** at claim_signed, signature, sqlite: completed 2 times." in text
    assert "| server-killed | sqlite | not run |" in text
    assert text == report([HELD, VIOLATED])


@pytest.mark.parametrize(("row", "status"), [(HELD, 0), (VIOLATED, 1)])
def test_the_command_ends_with_one_where_anything_was_violated(file, tmp_path, row, status):
    keep(file, row)
    written = tmp_path / "reliability.md"
    assert status == ended(file, "--write", str(written)).exit_code
    assert written.read_text() == report([row])


def test_a_misfortune_that_nobody_knows_is_refused(file):
    assert 2 == ended(file, "--only", "earthquake").exit_code
