"""A receipt against its log, another log, and a log that was changed; and a receipt that was changed."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from receipt_builders import TOLD, entry, heads, log, receipt

from services.domain.audit import AuditEvent
from services.domain.errors import RequestMalformed
from services.domain.receipt import LARGEST_RECEIPT, Finding, Receipt, Verdict, read_receipt, verify

LOG = log()
KEPT = receipt(LOG)


def fate(octets: bytes, entries: list[bytes]) -> Verdict | None:
    """What becomes of these octets; `None` where they are no receipt."""
    try:
        return verify(read_receipt(octets), entries).verdict
    except RequestMalformed:
        return None


def test_a_receipt_is_found_in_its_log():
    assert Finding(Verdict.VALID) == verify(read_receipt(KEPT.octets), LOG)


def test_a_receipt_says_what_when_and_where_and_names_nobody():
    said = json.loads(KEPT.octets)
    assert {name: said[name] for name in ("at", "format", "index", "kind", "place")} == {
        "at": "2026-11-21T09:00+09:00",
        "format": "mnc-reset-receipt:1",
        "index": 3,
        "kind": "signature",
        "place": "store",
    }
    assert set(said) == {"at", "chain", "entry", "format", "index", "kind", "log", "place"}


def test_any_flipped_bit_is_found():
    for position, byte in enumerate(KEPT.octets):
        for bit in range(8):
            changed = KEPT.octets[:position] + bytes([byte ^ 1 << bit]) + KEPT.octets[position + 1 :]
            assert fate(changed, LOG) is not Verdict.VALID


@given(at=st.integers(0, len(KEPT.octets)), cut=st.integers(0, 9), put=st.binary(max_size=9))
def test_whatever_is_put_in_cut_out_or_replaced_is_found(at, cut, put):
    changed = KEPT.octets[:at] + put + KEPT.octets[at + cut :]
    assume(changed != KEPT.octets)
    assert fate(changed, LOG) is not Verdict.VALID


@given(st.binary(max_size=2 * LARGEST_RECEIPT) | st.text().map(str.encode) | st.just(b"[" * LARGEST_RECEIPT))
def test_whatever_comes_is_a_receipt_or_refused_with_a_code(octets):
    assert fate(octets, LOG) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", "mnc-reset-receipt:2"),
        ("at", "2026-13-21T09:00+09:00"),
        ("at", "2026-11-21T00:00+00:00"),
        ("at", 5),
        ("index", -1),
        ("index", True),
        ("index", 2**53),
        ("index", "3"),
        ("kind", "text"),
        ("kind", ["signature"]),
        ("place", "練習店"),
        ("entry", ""),
        ("chain", "A" * 44),
        ("log", None),
    ],
)
def test_a_field_that_is_not_in_its_form_is_named(name, value):
    with pytest.raises(RequestMalformed) as refused:
        read_receipt(json.dumps({**KEPT.fields, name: value}).encode())
    assert refused.value.detail == {"where": name}


@pytest.mark.parametrize(
    "form", [json.dumps(KEPT.fields), KEPT.octets.decode() + "\n", KEPT.octets.decode()[:-1] + ',"a":1}']
)
def test_another_spelling_of_the_same_receipt_is_none(form):
    with pytest.raises(RequestMalformed):
        read_receipt(form.encode())


def test_a_receipt_of_another_log_is_told_from_a_changed_one():
    assert verify(receipt(log("user_authentication")), LOG).verdict is Verdict.NOT_IN_THIS_LOG


def test_a_log_that_ends_before_the_entry_does_not_have_it():
    assert verify(KEPT, LOG[:3]).verdict is Verdict.NOT_IN_THIS_LOG
    assert verify(KEPT, []).verdict is Verdict.NOT_IN_THIS_LOG


def test_a_log_that_was_rewritten_before_the_entry_is_found():
    earlier = entry(2, AuditEvent.RESERVATION_CANCELLED, why="resident").octets
    assert Finding(Verdict.CHANGED, ("chain",)) == verify(KEPT, [*LOG[:2], earlier, *LOG[3:]])


def test_a_log_that_goes_on_still_has_the_receipt():
    assert verify(KEPT, [*LOG, *log()]).verdict is Verdict.VALID


def test_an_entry_that_tells_of_no_reset_makes_no_receipt():
    others = [
        entry(3, AuditEvent.RESERVATION_EXPIRED),
        entry(3, AuditEvent.RESERVATION_COMPLETED, **{name: TOLD[name] for name in ("claim", "terminal", "key")}),
    ]
    assert [Receipt.of(other, head=heads(LOG)[3], log=heads(LOG)[0]) for other in others] == [None, None]


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b"1", LOG[3] + b" ", b"[" * 9000])
def test_a_log_that_is_none_is_refused(octets):
    with pytest.raises(RequestMalformed) as refused:
        verify(Receipt(**{**vars(KEPT), "log": heads([*LOG[:3], octets])[0]}), [*LOG[:3], octets])
    assert refused.value.detail == {"where": "3"}
