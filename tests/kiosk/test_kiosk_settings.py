"""What an operator can set is written down, in the one place where operators look."""

from pathlib import Path

from kiosk.settings import KioskSettings

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_setting_of_a_terminal_is_documented():
    _, _, terminal = OPERATIONS.read_text(encoding="utf-8").partition("## Settings of a terminal")
    table = terminal.partition("\n## ")[0]
    assert [] == [name for name in KioskSettings.model_fields if f"`{name.upper()}`" not in table]
