"""What the command prints."""

from .explore import Tally


def summary(total: Tally, seed: str, seconds: float) -> str:
    """What was run."""
    each = 1000 * total.seconds / max(1, total.schedules)
    return f"""
{total.schedules} schedules were run (seed {seed}); promises broken: {len(total.violations)}
  {total.singles} single faults: every fault at every point
  {total.pairs} pairs of faults, {total.joined} of them up to a state from which an earlier run had gone on;
    they stand for {total.pairs + total.alike} pairs, of which the others are alike or go on like one of them
  {total.drawn} drawn, with up to six faults
{seconds:.0f} s, {each:.1f} ms of a processor each"""


def smallest_of(total: Tally) -> list[tuple[str, str]]:
    """Of the schedules that broke the same promise the one with the fewest faults."""
    best: dict[str, str] = {}
    for line, what in total.violations:
        if what not in best or (line.count("."), len(line)) < (best[what].count("."), len(best[what])):
            best[what] = line
    return [(line, what) for what, line in best.items()]


def how_to_replay(total: Tally) -> str:
    """One command for each promise that was broken."""
    return "\n".join(
        f"{what}\n  python -m tests.simulation replay --minimise '{line}'" for line, what in smallest_of(total)
    )
