"""`python -m tests.simulation run` runs the campaign; `… replay '<schedule>'` runs one schedule and tells what happens."""

import argparse
import logging
import secrets
import sys
import time
from collections.abc import Sequence

from .campaign import PAIRED, campaign
from .explore import Tally
from .faults import Schedule
from .minimise import minimised
from .report import how_to_replay, summary
from .run import run, stage_set


def main(arguments: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="every single fault, every pair, and drawn schedules")
    running.add_argument(
        "--pairs", choices=PAIRED, default="usual", help="from how many of the beginnings every pair is run"
    )
    running.add_argument("--schedules", type=int, default=0, help="at least so many: the rest is drawn")
    running.add_argument("--seed", default=None, help="of the drawn schedules; a new one where none is given")
    replaying = commands.add_parser("replay", help="one schedule, point by point")
    replaying.add_argument("schedule")
    replaying.add_argument("--minimise", action="store_true", help="look for a smaller one that fails, too")
    chosen = parser.parse_args(arguments)
    if chosen.command == "replay":
        return replay(Schedule.parse(chosen.schedule), smaller=chosen.minimise)
    return campaigns(chosen.schedules, chosen.seed or secrets.token_hex(4), PAIRED[chosen.pairs])


def campaigns(wanted: int, seed: str, paired: Sequence[Schedule]) -> int:
    """Runs the campaign and says what it came to; 1 where a promise was broken."""
    _say(f"seed {seed}")
    began, total = time.monotonic(), Tally()
    with stage_set() as stage:
        for so_far in campaign(stage, seed, wanted, paired):
            total = so_far
            _say(f"{time.monotonic() - began:6.0f} s  {total.schedules} schedules, {len(total.violations)} broken")
    _say(summary(total, seed, time.monotonic() - began))
    _say(how_to_replay(total))
    return 1 if total.violations else 0


def replay(schedule: Schedule, *, smaller: bool) -> int:
    """Runs it and says every point; 1 where it breaks a promise."""
    with stage_set() as stage:
        result = run(stage, schedule)
        if smaller and result.violation is not None:
            schedule = minimised(stage, schedule)
            result = run(stage, schedule)
    faults = dict(schedule.faults)
    for number, point in enumerate(result.points):
        _say(f"{number:4}  {point.where}" + (f"   <- {faults[number]}" if number in faults else ""))
    _say(f"\n{schedule}\n{result.violation or 'every promise is kept'}")
    return 0 if result.violation is None else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # every card says that it is a virtual one
    sys.exit(main(sys.argv[1:]))
