"""The queue of checks: one child a check, late ones ended, killed ones tried again, nobody else disturbed."""

import os
import signal
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import runner_cases
from process_memory import ended

from services.domain.errors import ChecksBusy
from services.vision.runner import PoolRunner
from services.vision.worker_process import Recipe

LONG, SHORT = timedelta(seconds=30), timedelta(seconds=0.3)
MEMORY = 512 * 1024**2


@contextmanager
def pool(name, folder, prepare=runner_cases.prepared, **options):
    """A pool whose children do what the case of this name does; yields it with the list of the checks it lost."""
    arguments = (name, folder) if prepare is runner_cases.prepared else (folder,)
    runner, lost = PoolRunner(Recipe(prepare, arguments, MEMORY), **options), []
    runner.start(lost.append)
    try:
        yield runner, lost
    finally:
        runner.close()


def judged(folder, check_id):
    """(child, worker) of every time that this check was judged."""
    return [(int(path.name.rpartition("-")[2]), int(path.read_text())) for path in folder.glob(f"{check_id}-*")]


def has_ended(pid):
    """Gone, or a zombie whose new parent has not asked for it."""
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


def test_each_check_has_a_child_of_its_own_and_all_have_one_warm_worker(tmp_path):
    with pool("note", tmp_path) as (runner, lost):
        for check_id in "abc":
            runner.submit(check_id, LONG)
    found = [judged(tmp_path, check_id) for check_id in "abc"]
    assert [1, 1, 1] == [len(one) for one in found]
    children, workers = zip(*(one[0] for one in found), strict=True)
    assert (3, 1, []) == (len(set(children)), len(set(workers)), lost)
    assert not set(children) & set(workers)


def test_a_child_killed_in_the_middle_is_replaced_once(tmp_path):
    with pool("killed_once", tmp_path) as (runner, lost):
        runner.submit("a", LONG)
    assert (1, []) == (len(judged(tmp_path, "a")), lost)


def test_a_check_that_kills_twice_is_lost(tmp_path):
    with pool("killed_always", tmp_path) as (runner, lost):
        runner.submit("a", LONG)
    assert (2, ["a"]) == (len(judged(tmp_path, "a")), lost)


def test_a_fault_while_a_lost_check_is_settled_ends_no_lane(tmp_path):
    lost = []

    def settle(check_id):
        lost.append(check_id)
        raise ValueError

    runner = PoolRunner(Recipe(runner_cases.prepared, ("killed_always", tmp_path), MEMORY), workers=1)
    runner.start(settle)
    for check_id in ("a", "b"):
        runner.submit(check_id, LONG)
    runner.close()
    assert ["a", "b"] == lost


def test_a_late_child_is_ended_and_its_check_lost_at_once(tmp_path):
    with pool("never_ending", tmp_path) as (runner, lost):
        runner.submit("a", SHORT)
    ((child, _),) = judged(tmp_path, "a")
    assert ["a"] == lost
    assert has_ended(child)


def test_a_child_that_has_used_up_its_processor_time_is_late_and_not_tried_again(tmp_path):
    """The hard limit is above the soft one: at the hard one the system kills, and a killed child would be tried again."""
    with pool("spinning", tmp_path) as (runner, lost):
        runner.submit("a", LONG)
    soft, hard = map(int, (tmp_path / "limits").read_text().split())
    assert (31, True) == (soft, hard > soft)
    assert (1, ["a"]) == (len(judged(tmp_path, "a")), lost)


def test_a_child_gets_no_more_memory_than_its_limit(tmp_path):
    with pool("greedy", tmp_path) as (runner, lost):
        runner.submit("a", LONG)
    assert (1, ["a"], False) == (len(judged(tmp_path, "a")), lost, (tmp_path / "had it").exists())


def test_a_fault_of_ours_is_not_tried_again(tmp_path):
    with pool("broken", tmp_path) as (runner, lost):
        runner.submit("a", LONG)
        runner.submit("b", LONG)
    assert (1, 1, ["a", "b"]) == (len(judged(tmp_path, "a")), len(judged(tmp_path, "b")), lost)


def test_a_worker_killed_in_the_middle_is_replaced_and_its_child_ends_with_it(tmp_path):
    with pool("worker_killed_once", tmp_path) as (runner, lost):
        runner.submit("before", LONG)
        runner.submit("unlucky", LONG)
        runner.submit("after", LONG)
    ((_, first),), ((_, second),), ((_, third),) = (judged(tmp_path, one) for one in ("before", "unlucky", "after"))
    assert ([], False, True) == (lost, first == second, second == third)
    assert has_ended(int((tmp_path / "orphan").read_text()))


def test_a_dying_worker_disturbs_no_other(tmp_path):
    with pool("worker_killed_once", tmp_path, workers=2) as (runner, lost):
        for check_id in ("a", "unlucky", "b", "c", "d"):
            runner.submit(check_id, LONG)
    assert ([1] * 5, []) == ([len(judged(tmp_path, one)) for one in ("a", "unlucky", "b", "c", "d")], lost)


def test_a_worker_that_died_while_idle_is_replaced(tmp_path):
    with pool("note", tmp_path, workers=1) as (runner, lost):
        runner.submit("a", LONG)
        while not runner.endings:
            os.sched_yield()
        os.kill(runner.worker_pids[0], signal.SIGKILL)
        runner.submit("b", LONG)
    (_, first), (_, second) = judged(tmp_path, "a")[0], judged(tmp_path, "b")[0]
    assert (False, []) == (first == second, lost)


def test_a_worker_is_replaced_after_its_number_of_jobs(tmp_path):
    with pool("note", tmp_path, jobs_per_worker=2) as (runner, _):
        for check_id in "abcd":
            runner.submit(check_id, LONG)
    workers = [judged(tmp_path, check_id)[0][1] for check_id in "abcd"]
    assert (True, False, True) == tuple(workers[n] == workers[n + 1] for n in range(3))


@pytest.mark.parametrize("prepare", [runner_cases.unprepared, runner_cases.with_a_thread])
def test_a_worker_that_cannot_be_prepared_loses_its_checks_and_hangs_nobody(tmp_path, prepare):
    with pool("", tmp_path, prepare) as (runner, lost):
        runner.submit("a", LONG)
        runner.submit("b", LONG)
    assert (["a", "b"], []) == (lost, judged(tmp_path, "a"))


def test_a_full_queue_says_when_to_come_back(tmp_path):
    with gate(tmp_path) as let_go, pool("until_let_go", tmp_path, queue=2) as (runner, lost):
        taken, busy = submitted_until_busy(runner)
        let_go()
    assert taken in {2, 3}, "two wait, and one may already be under way"
    assert 2 <= busy.retry_after_s <= 60
    assert [] == lost


def test_a_queue_in_which_a_check_would_be_lost_takes_none(tmp_path):
    with gate(tmp_path) as let_go, pool("until_let_go", tmp_path, queue=100) as (runner, lost):
        taken, _ = submitted_until_busy(runner)
        let_go()
    assert 12 <= taken <= 14, "25 s of waiting, 2 s each before anything was measured"
    assert [] == lost


def begun(folder, check_id):
    """Waits until the check's child is at work."""
    while not any(path.read_text() for path in folder.glob(f"{check_id}-*")):
        os.sched_yield()


def test_at_the_end_of_the_server_nothing_is_left_of_a_check_that_does_not_end(tmp_path):
    runner, lost = PoolRunner(Recipe(runner_cases.prepared, ("never_ending", tmp_path), MEMORY)), []
    runner.start(lost.append)
    for check_id in ("under way", "waiting"):
        runner.submit(check_id, LONG)
    begun(tmp_path, "under way")
    ((child, worker),) = judged(tmp_path, "under way")
    ending = [ended(pid) for pid in (child, worker)]
    runner.stop(patience_s=0.1)
    assert ["waiting", "under way"] == lost
    assert ([True, True], []) == ([wait() for wait in ending], judged(tmp_path, "waiting"))
    with pytest.raises(ChecksBusy):
        runner.submit("too late", LONG)


def test_at_the_end_of_the_server_a_check_under_way_may_end(tmp_path):
    (tmp_path / "begun").mkdir()
    with gate(tmp_path) as let_go:
        runner, lost = PoolRunner(Recipe(runner_cases.prepared, ("told_and_let_go", tmp_path), MEMORY)), []
        runner.start(lost.append)
        runner.submit("a", LONG)
        begun(tmp_path / "begun", "a")
        let_go()
        runner.stop()
    assert (1, []) == (len(judged(tmp_path, "a")), lost)
    assert has_ended(judged(tmp_path, "a")[0][1])


@contextmanager
def gate(folder):
    """Children wait here until they are let go, all of them."""
    os.mkfifo(folder / "gate")
    writing = os.open(folder / "gate", os.O_RDWR)
    try:
        yield lambda: os.write(writing, bytes(100))
    finally:
        os.close(writing)


def submitted_until_busy(runner):
    for number in range(100):
        try:
            runner.submit(str(number), LONG)
        except ChecksBusy as busy:
            return number, busy
    return pytest.fail("a hundred checks were taken")
