"""Pictures from a fuzzer: whatever the bytes, pixels within the limits or a refusal of the catalogue, in bounded memory."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_image import SEEDS, bomb, chip_photo, encoded, picture
from test_image_hostile import CASES, REFUSED, metadata_everywhere

SECONDS = int(os.environ.get("PINRESET_FUZZ_SECONDS", "20"))
RSS_MB = 700  # the fuzzer itself, Python, numpy and Pillow take 150
PROGRAM = Path(__file__).with_name("fuzz_pictures.py")


def seeds():
    """Each small picture that another test looks at."""
    yield from SEEDS.values()
    yield from (metadata_everywhere(kind) for kind in ("JPEG", "PNG", "WEBP"))
    yield from (REFUSED[error][name] for error, name in CASES)
    yield from (chip_photo(24, 32, no_jp2=flag) for flag in (False, True))
    yield encoded(picture().convert("LA"), "WEBP", lossless=True)
    yield encoded(Image.fromarray(np.eye(9, dtype=np.uint8) * 255), "PNG", optimize=True)
    yield bomb(200)


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="no atheris for this machine")
def test_a_fuzzer_finds_nothing_in_its_time(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds()):
        if len(data) < 20_000:
            (corpus / f"{number:03d}").write_bytes(data)
    options = [
        f"-max_total_time={SECONDS}",
        f"-rss_limit_mb={RSS_MB}",
        "-timeout=5",
        "-max_len=20000",
        "-print_final_stats=1",
    ]
    command = [sys.executable, str(PROGRAM), str(corpus), *options, f"-artifact_prefix={tmp_path}/", "-seed=20261122"]
    # A child inherits its parent's peak memory, a grandchild does not: in a suite that grew past the limit it would give up.
    command = ["sh", "-c", '"$@"; exit $?', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROGRAM.parents[2])
    found = sorted(path.name for path in tmp_path.iterdir() if path != corpus)
    assert (0, []) == (done.returncode, found), done.stderr[-3000:]
    executed = int(re.search(r"number_of_executed_units: (\d+)", done.stderr)[1])
    assert executed > 10 * SECONDS, "it looked at pictures"
