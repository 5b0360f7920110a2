"""The card is torn out at every command of a session, in every moment of it: what it remembers, and what the session says."""

import pytest
from sample_card import FRONT, SIGN_PASSWORD, USER_PIN

from services.card.apdu import Instruction
from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin, PinState
from services.card.virtual.faults import (
    Fault,
    FaultScript,
    Moment,
    Mute,
    Slow,
    Torn,
    WrongStatus,
    instruction,
    instruction_with_data,
    planned,
)
from services.card.virtual.reader import VirtualReader
from services.domain.errors import CardConnectionLost, CardMissing, PasswordRejected, RequestMalformed
from services.domain.password import Password, PasswordKind

USER, SIGNATURE = PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE
OLD = PinState(SIGN_PASSWORD.encode(), 2)
NEW = PinState(b"NEWONE1", 5)


@pytest.fixture
def weak_contents(contents):
    return contents.with_pin(Pin.SIGNATURE, OLD)


def put_on(contents, script):
    reader = VirtualReader()
    engine = VirtualCard(contents, committed=script.committed)
    reader.insert(script.around(engine))
    return reader, engine


def reset_signature_password(card, authorise):
    card.verify(Password.parse(USER, USER_PIN))
    card.reset(SIGNATURE, authorise(SIGNATURE, card.get_challenge()), Password.parse(SIGNATURE, "NEWONE1"))


@pytest.mark.parametrize(
    ("entered", "moment", "left"),
    [
        (USER_PIN, Moment.BEFORE, 3),
        (USER_PIN, Moment.AFTER_COMMIT, 2),  # counted before it was compared
        (USER_PIN, Moment.AFTER, 3),
        ("0000", Moment.BEFORE, 3),
        ("0000", Moment.AFTER_COMMIT, 2),
        ("0000", Moment.AFTER, 2),
    ],
)
def test_a_torn_entry_is_counted_before_it_is_compared(contents, entered, moment, left):
    script = FaultScript([Fault(Torn(moment), 1, instruction_with_data(Instruction.VERIFY))])
    reader, engine = put_on(contents, script)
    with pytest.raises(CardConnectionLost):
        MyNumberCard(reader.connect()).verify(Password.parse(USER, entered))
    assert not reader.card_present()
    reader.insert(engine)
    assert MyNumberCard(reader.connect()).tries_left(USER) == left


@pytest.mark.parametrize(("moment", "state"), [(Moment.BEFORE, OLD), (Moment.AFTER_COMMIT, NEW), (Moment.AFTER, NEW)])
def test_a_torn_reset_is_done_or_not_done(weak_contents, authorise, moment, state):
    script = FaultScript([Fault(Torn(moment), 1, instruction(Instruction.RESET_RETRY_COUNTER))])
    reader, engine = put_on(weak_contents, script)
    with pytest.raises(CardConnectionLost):
        reset_signature_password(MyNumberCard(reader.connect()), authorise)
    assert engine.contents.pins[Pin.SIGNATURE] == state


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("nth", range(1, 9))  # SELECT, SELECT, tries?, VERIFY, challenge, SELECT, authorise, reset
def test_whenever_the_card_is_pulled_the_reset_can_be_done_again(weak_contents, authorise, nth, moment):
    script = FaultScript([Fault(Torn(moment), nth)])
    reader, engine = put_on(weak_contents, script)
    card = MyNumberCard(reader.connect())
    with pytest.raises(CardConnectionLost):
        reset_signature_password(card, authorise)
    assert engine.contents.pins[Pin.SIGNATURE] in (OLD, NEW)
    reader.insert(engine)
    card = MyNumberCard(reader.connect())
    reset_signature_password(card, authorise)
    assert engine.contents.pins[Pin.SIGNATURE] == NEW
    assert card.tries_left(USER) == 3


def test_a_reset_has_the_eight_commands_that_are_torn_above(weak_contents, authorise):
    script = FaultScript([Fault(Torn(Moment.BEFORE), 9)])
    reader, engine = put_on(weak_contents, script)
    reset_signature_password(MyNumberCard(reader.connect()), authorise)
    assert (script.pending, engine.contents.pins[Pin.SIGNATURE]) == (True, NEW)


def test_a_lost_channel_stays_lost(virtual_card, reader):
    channel = reader.connect()
    reader.insert(virtual_card)
    with pytest.raises(CardConnectionLost):
        MyNumberCard(channel).identify()


def test_a_card_has_one_connection_at_a_time(reader):
    channel = reader.connect()
    with pytest.raises(CardConnectionLost):
        reader.connect()
    channel.close()
    channel.close()
    reader.connect()


def test_closing_powers_the_card_down(reader):
    channel = reader.connect()
    MyNumberCard(channel).verify(Password.parse(USER, USER_PIN))
    channel.close()
    with pytest.raises(Exception, match="6982"):
        MyNumberCard(reader.connect()).sign(USER, bytes(32))


def test_an_empty_reader_has_no_card():
    reader = VirtualReader()
    assert not reader.card_present()
    with pytest.raises(CardMissing):
        reader.connect()


def test_a_mute_card_did_it_and_never_says_so(contents):
    waited = []
    fault = Fault(Mute(5.0), 1, instruction_with_data(Instruction.VERIFY))
    script = FaultScript([fault], wait=waited.append)
    reader, engine = put_on(contents, script)
    with pytest.raises(CardConnectionLost):
        MyNumberCard(reader.connect()).verify(Password.parse(USER, "0000"))
    assert (waited, engine.contents.pins[Pin.USER_AUTHENTICATION].tries_left) == ([5.0], 2)


def test_a_slow_card_is_only_slow(contents):
    waited = []
    script = FaultScript([Fault(Slow(0.7), 3)], wait=waited.append)
    reader, _ = put_on(contents, script)
    card = MyNumberCard(reader.connect())
    card.verify_number_b(FRONT)
    card.card_face()
    assert waited == [0.7]


def test_each_fault_strikes_once(contents):
    script = FaultScript([Fault(WrongStatus(0x63C1), 1, instruction_with_data(Instruction.VERIFY))])
    reader, _ = put_on(contents, script)
    card = MyNumberCard(reader.connect())
    with pytest.raises(PasswordRejected):
        card.verify(Password.parse(USER, USER_PIN))
    card.verify(Password.parse(USER, USER_PIN))


@pytest.mark.parametrize(
    ("plan", "trouble"),
    [
        ({"torn": "after_commit", "instruction": 0x20, "nth": 2}, Torn(Moment.AFTER_COMMIT)),
        ({"mute": 5}, Mute(5.0)),
        ({"slow": 0.5}, Slow(0.5)),
        ({"status": 0x6F00}, WrongStatus(0x6F00)),
    ],
)
def test_a_fault_can_be_planned_from_outside(plan, trouble):
    assert planned(plan).trouble == trouble


@pytest.mark.parametrize("plan", [{}, {"torn": "sometimes"}, {"mute": "x"}, {"slow": 1, "mute": 1}, {"status": None}])
def test_a_plan_of_another_form_is_refused(plan):
    with pytest.raises(RequestMalformed):
        planned(plan)


def test_a_planned_entry_is_not_the_question_how_many_tries_are_left():
    fault = planned({"mute": 1, "instruction": 0x20})
    assert [fault.strikes(bytes.fromhex(octets)) for octets in ("00200080", "002000800431323334")] == [False, True]
