"""A password of four digits counts as written where the number stands alone, and not where it is part of something else."""

import pytest

from services.rehearsal.canary import traces


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("pin=1230", True),
        ("a 12:1230 and then 1230", True),
        ("51230", False),
        ("0.1230", False),
        ("2026-11-22 12:30:12.301230", False),
        ("[1230] [INFO] Booting worker", False),
        ("[1230]", True),
    ],
)
def test_four_digits(tmp_path, text, seen):
    file = tmp_path / "a.log"
    file.write_text(text)
    assert (["a PIN in a.log"] if seen else []) == list(traces([file], {"a PIN": b"1230"}))
