"""What every lane shares: Hypothesis without its own clock."""

from hypothesis import settings

# A deadline would fail tests when a neighbour on the machine is busy; speed belongs into benchmarks.
settings.register_profile("house", deadline=None, database=None)
settings.load_profile("house")
