"""The counters as a machine: whatever is entered in whatever order, and wherever the power fails, they tell the truth."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sample_card import SIGN_PASSWORD, USER_PIN

from services.card.apdu import Command
from services.card.applications import Application
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import Pin
from services.card.virtual.faults import Fault, FaultScript, Moment, Torn
from services.domain.errors import CardConnectionLost

PINS = {Pin.USER_AUTHENTICATION: (0x18, 3), Pin.SIGNATURE: (0x1B, 5)}
WRONG = {Pin.USER_AUTHENTICATION: b"0000", Pin.SIGNATURE: b"WRONG99"}
KINDS = st.sampled_from(list(PINS))


class CounterMachine(RuleBasedStateMachine):
    """The model: two counters and two values. The card must agree with it after every step, a power cut included."""

    contents = None

    @initialize()
    def begin(self):
        self.saved = self.contents
        self.values = {Pin.USER_AUTHENTICATION: USER_PIN.encode(), Pin.SIGNATURE: SIGN_PASSWORD.encode()}
        self.left = {pin: tries for pin, (_, tries) in PINS.items()}
        self.power_on()

    def power_on(self):
        self.script = FaultScript()
        card = VirtualCard(self.saved, self.save, self.script.committed)
        self.card = self.script.around(card)
        self.card.transmit(Command(0x00, 0xA4, 0x04, 0x0C, Application.JPKI.value).octets)
        self.verified = set()

    def save(self, contents):
        self.saved = contents

    def enter(self, pin, value):
        return self.card.transmit(Command(0x00, 0x20, 0x00, 0x80 | PINS[pin][0], value).octets)[1]

    @rule(pin=KINDS)
    def enter_the_right_value(self, pin):
        blocked = self.left[pin] == 0
        assert self.enter(pin, self.values[pin]) == (0x6984 if blocked else 0x9000)
        if not blocked:
            self.left[pin] = PINS[pin][1]
            self.verified.add(pin)

    @rule(pin=KINDS)
    def enter_a_wrong_value(self, pin):
        if self.left[pin] == 0:
            assert self.enter(pin, WRONG[pin]) == 0x6984
            return
        self.left[pin] -= 1
        self.verified.discard(pin)
        assert self.enter(pin, WRONG[pin]) == 0x63C0 | self.left[pin]

    @rule(pin=KINDS, right=st.booleans(), moment=st.sampled_from(Moment))
    def pull_the_card_during_an_entry(self, pin, right, moment):
        value = self.values[pin] if right else WRONG[pin]
        self.script.add(Fault(Torn(moment)))
        with pytest.raises(CardConnectionLost):
            self.enter(pin, value)
        if self.left[pin] and moment is not Moment.BEFORE:
            granted = right and moment is Moment.AFTER
            self.left[pin] = PINS[pin][1] if granted else self.left[pin] - 1
        self.power_on()

    @precondition(lambda self: self.verified)
    @rule(data=st.data())
    def change_a_verified_value(self, data):
        pin = data.draw(st.sampled_from(sorted(self.verified)))
        new = b"2580" if pin is Pin.USER_AUTHENTICATION else b"NEWONE1"
        self.card.transmit(Command(0x00, 0xA4, 0x02, 0x0C, bytes([0, PINS[pin][0]])).octets)
        assert self.card.transmit(Command(0x00, 0x24, 0x01, 0x80, new).octets)[1] == 0x9000
        self.values[pin] = new

    @rule()
    def cut_the_power(self):
        self.power_on()

    @invariant()
    def the_card_tells_the_models_counters(self):
        for pin, (reference, _) in PINS.items():
            status = self.card.transmit(Command(0x00, 0x20, 0x00, 0x80 | reference).octets)[1]
            assert status == 0x63C0 | self.left[pin]

    @invariant()
    def only_a_verified_password_signs(self):
        for pin, key in ((Pin.USER_AUTHENTICATION, 0x97), (Pin.SIGNATURE, 0x9A)):
            # A length that no scheme takes is refused after the password is looked at, and costs no signature.
            status = self.card.transmit(Command(0x80, 0x2A, 0x02, key, b"?", 256).octets)[1]
            assert status == (0x6700 if pin in self.verified else 0x6982)


def test_the_counters_tell_the_truth_after_any_sequence(contents):
    CounterMachine.contents = contents
    run_state_machine_as_test(
        CounterMachine,
        settings=settings(
            max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
