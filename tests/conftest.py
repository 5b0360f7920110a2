"""What every lane shares: the repository on the path, and Hypothesis without its own clock."""

import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # builders.py and postgres_server.py are shared by the lanes

# A deadline would fail tests when a neighbour on the machine is busy; speed belongs into benchmarks.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")
