"""The 24-hour rule, canonical JSON, the audit chain, the growing wait and the error catalogue."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.domain import errors, policy
from services.domain.audit import GENESIS, AuditEntry, AuditEvent, chain, first_break
from services.domain.canonical import SAFE_INTEGER, canonical_json
from services.domain.reservation import deadline, printed

NINE = datetime(2024, 9, 13, 0, 0, tzinfo=UTC)  # 09:00 in Japan


def test_a_reservation_lasts_24_hours_and_is_printed_in_japan_time():
    assert printed(deadline(NINE)) == "2024/09/14 09:00"


@given(st.integers(0, 59))
def test_the_printed_deadline_is_the_enforced_one(second):
    assert deadline(NINE) == deadline(NINE + timedelta(seconds=second))


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(plain)
def test_canonical_json_is_rfc_8785(value):
    assert rfc8785.dumps(value) == canonical_json(value)


@pytest.mark.parametrize("value", [1.5, SAFE_INTEGER + 1, {"é": 1}, [b"bytes"], {1: 2}])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)


def entry(index: int) -> bytes:
    return AuditEntry(index, NINE, AuditEvent.RESERVATION_EXPIRED, f"r{index}", "job", {}).octets


def log_of(entries: list[bytes]) -> list[tuple[bytes, bytes]]:
    head, links = GENESIS, []
    for octets in entries:
        head = chain(head, octets)
        links.append((octets, head))
    return links


def test_a_whole_log_holds():
    assert first_break(log_of([entry(index) for index in range(5)])) is None


@given(st.integers(0, 4), st.sampled_from(["change", "remove", "insert", "swap"]))
def test_any_tampering_breaks_the_chain(position, how):
    links = log_of([entry(index) for index in range(6)])
    match how:
        case "change":
            links[position] = (links[position][0] + b" ", links[position][1])
        case "remove":
            del links[position]
        case "insert":
            links.insert(position, (entry(99), links[position][1]))
        case "swap":
            links[position], links[position + 1] = links[position + 1], links[position]
    assert position == first_break(links)


def test_an_audit_entry_has_only_the_fields_of_its_catalogue():
    with pytest.raises(ValueError, match="has no field"):
        AuditEntry(0, NINE, AuditEvent.RESERVATION_EXPIRED, "r", "job", {"birth": "1989-03-31"})


@pytest.mark.parametrize(("failures", "wait_s"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (12, 3600), (400, 3600)])
def test_the_wait_before_the_next_attempt_grows(failures, wait_s):
    assert NINE + timedelta(seconds=wait_s) == policy.next_attempt(failures, NINE)


@pytest.mark.parametrize("error", errors.catalogue(), ids=lambda error: error.__name__)
def test_every_error_says_what_happened_what_it_cost_and_what_next(error):
    assert re.fullmatch(r"PR-[1-7]\d{3}", error.code)
    for text in (error.message, error.cost, error.remedy, error.helper):
        assert text.endswith(("。", "へ。")) or text in {errors.COUNTER, errors.SELF, errors.OPERATOR}


def test_no_two_errors_share_a_code():
    codes = [error.code for error in errors.catalogue()]
    assert sorted(set(codes)) == codes
