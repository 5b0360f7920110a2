"""What a person types, and what may reach the card of it."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import PasswordMalformed
from services.domain.password import Password, PasswordKind

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION


@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        (USER, "1234", b"1234"),
        (USER, "１２３４", b"1234"),
        (USER, " 1234 ", b"1234"),
        (SIGNATURE, "ABC123", b"ABC123"),
        (SIGNATURE, "abc123", b"ABC123"),
        (SIGNATURE, "ａｂｃ１２３", b"ABC123"),
        (SIGNATURE, "A234567890123456", b"A234567890123456"),
    ],
)
def test_a_slip_without_doubt_is_normalised(kind, typed, sent):
    assert sent == Password.parse(kind, typed).octets


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (USER, ""),
        (USER, "123"),
        (USER, "12345"),
        (USER, "12 34"),
        (USER, "12a4"),
        (USER, "ABC123"),
        (USER, "١٢٣٤"),  # Arabic-Indic digits are digits to Python
        (SIGNATURE, "AB123"),
        (SIGNATURE, "A2345678901234567"),
        (SIGNATURE, "ABCDEF"),
        (SIGNATURE, "123456"),
        (SIGNATURE, "ABC 123"),
        (SIGNATURE, "ABC-123"),
        (SIGNATURE, "ÄBC123"),
        (SIGNATURE, "A1" * 400),
    ],
)
def test_an_entry_that_cannot_be_a_password_is_refused_before_the_card(kind, typed):
    with pytest.raises(PasswordMalformed):
        Password.parse(kind, typed)


@given(st.sampled_from(PasswordKind), st.text(max_size=80))
def test_whatever_is_typed_either_has_the_form_or_is_refused(kind, typed):
    try:
        password = Password.parse(kind, typed)
    except PasswordMalformed:
        return
    assert kind.rule.pattern.fullmatch(password.octets.decode("ascii"))


def test_a_password_shows_itself_nowhere():
    password = Password.parse(SIGNATURE, "CANARY77")
    shown = f"{password} {password!r} {[password]} {vars(type(password))!r}"
    assert "CANARY77" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(password)
    with pytest.raises(TypeError):
        hash(password)


def test_a_refused_entry_is_not_repeated_in_the_error():
    with pytest.raises(PasswordMalformed) as refusal:
        Password.parse(SIGNATURE, "CANARY-77")
    assert "CANARY" not in f"{refusal.value} {refusal.value!r} {refusal.value.detail}"


def test_a_wiped_password_is_empty():
    password = Password.parse(USER, "1234")
    password.wipe()
    assert password.octets == b""


def test_each_kind_needs_the_other():
    assert [SIGNATURE.other, USER.other] == [USER, SIGNATURE]
