"""A policy touches exactly its cohorts; its form has one spelling, and garbage is none."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.terminal_policy import (
    LARGEST_POLICY,
    LONGEST_REASON,
    MOST_SUSPENSIONS,
    MOST_WINDOWS,
    POLICY_LIFE,
    Scope,
    Stop,
    TerminalPolicy,
    Trait,
    Window,
)

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)

# Few values, so that cohorts meet; the same value in two scopes is two cohorts.
traits = st.builds(Trait, st.sampled_from(Scope), st.sampled_from(["a", "b", "S-0107", "0.1.0+ab12"]))
windows = st.builds(
    lambda begins, length: Window(NINE + timedelta(minutes=begins), NINE + timedelta(minutes=begins + length)),
    st.integers(0, 10_000),
    st.integers(1, 600),
)
policies = st.builds(
    TerminalPolicy,
    serial=st.integers(0, 2**53 - 1),
    issued_at=st.integers(0, 10**9).map(lambda seconds: NINE + timedelta(seconds=seconds)),
    valid=st.just(POLICY_LIFE),
    answers=st.sampled_from(["", "bm9uY2U"]),
    stops=st.lists(st.builds(Stop, traits, st.text("理由 ab", max_size=12)), max_size=5).map(tuple),
    maintenance=st.lists(windows, max_size=3).map(tuple),
)


@given(policies, st.frozensets(traits, max_size=6))
def test_a_policy_touches_exactly_its_cohorts(policy, having):
    touched = policy.stop_of(having) is not None
    assert touched == any(stop.trait in having for stop in policy.stops)


@given(policies, st.frozensets(traits, max_size=6), traits)
def test_a_further_stop_changes_nothing_for_those_without_its_trait(policy, having, trait):
    more = TerminalPolicy(policy.serial, NINE, POLICY_LIFE, stops=(*policy.stops, Stop(trait, "why")))
    if trait not in having:
        assert more.stop_of(having) == policy.stop_of(having)
    else:
        assert more.stop_of(having) is not None


@given(policies)
def test_a_policy_is_read_as_it_was_written(policy):
    assert TerminalPolicy.parse(policy.octets) == policy
    assert TerminalPolicy.parse(policy.octets).octets == policy.octets


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_garbage_is_no_policy(octets):
    with pytest.raises(ValueError, match=r"."):
        TerminalPolicy.parse(octets)


@given(policies, st.data())
def test_a_policy_with_a_field_of_another_type_is_none(policy, data):
    found = json.loads(policy.octets)
    name = data.draw(st.sampled_from(sorted(found)))
    found[name] = data.draw(st.sampled_from([None, 1.5, -1, True, {}, [1]]))
    with pytest.raises(ValueError, match=r"."):
        TerminalPolicy.parse(json.dumps(found).encode())


def test_a_scope_of_a_newer_server_is_left_out():
    octets = TerminalPolicy(1, NINE, POLICY_LIFE, stops=(Stop(Trait(Scope.STORE, "a"), "why"),)).octets
    newer = octets.replace(b'"suspensions":[', b'"suspensions":[{"scope":"weather","value":"rain","reason":"wet"},')
    assert TerminalPolicy.parse(newer).stops == (Stop(Trait(Scope.STORE, "a"), "why"),)


def test_the_largest_policy_is_still_read():
    stops = tuple(
        Stop(Trait(Scope.STORE, f"{number:064}"), "理" * LONGEST_REASON) for number in range(MOST_SUSPENSIONS)
    )
    windows = tuple(Window(NINE, NINE + timedelta(hours=1)) for _ in range(MOST_WINDOWS))
    full = TerminalPolicy(1, NINE, POLICY_LIFE, stops=stops, maintenance=windows)
    assert len(full.octets) <= LARGEST_POLICY
    assert TerminalPolicy.parse(full.octets) == full


@pytest.mark.parametrize(
    "text", ["", "store", "store:", "shop:a", "store:a b", "store:" + "a" * 65, "store:a\n", "store:あ"]
)
def test_what_is_no_trait_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Trait.parse(text)


@given(traits)
def test_a_trait_is_read_as_it_is_written(trait):
    assert Trait.parse(str(trait)) == trait


def test_a_window_begins_and_ends_to_the_instant():
    window = Window(NINE, NINE + timedelta(hours=1))
    moments = [NINE - timedelta(seconds=1), NINE, NINE + timedelta(minutes=59), NINE + timedelta(hours=1)]
    assert [window.covers(moment) for moment in moments] == [False, True, True, False]
