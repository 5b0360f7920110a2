"""Every limit of liveness says where it comes from, and what is said to be measured is measured."""

import re
from pathlib import Path

import pytest

from services.rehearsal import liveness_derive
from services.rehearsal.liveness_origins import ORIGINS, Origin, origin_lines
from services.vision import liveness_limits

NAMES = re.findall(r"^([A-Z_]+): Final", Path(liveness_limits.__file__).read_text(encoding="utf-8"), re.MULTILINE)
DERIVED = Path(liveness_derive.__file__).read_text(encoding="utf-8")


def test_every_limit_has_its_origin_in_the_order_of_the_file() -> None:
    assert NAMES == list(ORIGINS)
    assert len(NAMES) == len(list(origin_lines()))


@pytest.mark.parametrize("name", [name for name, (origin, _) in ORIGINS.items() if origin is Origin.MEASURED])
def test_what_is_said_to_be_measured_is_a_line_of_the_command_with_this_limit(name: str) -> None:
    assert f"limits.{name}" in DERIVED
    title = re.split(r" \(|, left", ORIGINS[name][1])[0]
    assert title in DERIVED
