"""Whatever people do, in whatever order: every way back wipes, no screen has a secret, and card and reservation agree."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from kiosk_world import NEW, OLD, SIGNATURE, USER, E, Issuance, S, make_world
from onwards import ONWARDS

from kiosk.closed import ClosedReason
from kiosk.controller import WIPED
from kiosk.inbox import Happening
from services.card.virtual.card import VirtualCard
from services.card.virtual.faults import Fault, Moment, Torn
from services.domain.password import PasswordKind
from services.domain.reservation import ReservationState

ENTRIES = [*OLD.values(), *NEW.values(), "WRONG999", "9990", "", "ａｂｃ１２３", "AAAAAA1", "1" * 100]


class AnythingAtAnyTime(RuleBasedStateMachine):
    issuance: Issuance  # set by the test: Hypothesis makes the instances

    @initialize(kind=st.sampled_from([SIGNATURE, USER]))
    def shop(self, kind):
        self.folder = Path(tempfile.mkdtemp())
        self.world = make_world(self.folder, self.issuance, kind)
        self.reservations = [self.world.reserve()]
        self.typed = [OLD[kind]]

    @property
    def kiosk(self):
        return self.world.kiosk

    @rule(event=st.sampled_from([*E, None]))
    def touch(self, event):
        self.kiosk.touch(event)

    @rule()
    def go_on(self):
        """The touch that leads on, so that sessions get far."""
        if self.kiosk.state is S.KIND:
            self.kiosk.touch(E.CHOOSE_KIND, kind=self.world.kind)
        elif self.kiosk.state in (S.PLACE_CARD, S.RETURN_CARD):
            self.world.put()
        elif self.kiosk.state is S.REMOVE_CARD:
            self.world.take()
        elif self.kiosk.state is S.CLOSED:
            self.kiosk.inbox.opened()
            self.kiosk.wait()
        elif self.kiosk.state in ONWARDS:
            self.kiosk.touch(ONWARDS[self.kiosk.state])

    @rule(yes=st.booleans())
    def type_what_is_right(self, yes):
        session = self.kiosk.controller._attendant.session
        if session is not None and self.kiosk.state is S.OTHER_PASSWORD:
            self.kiosk.type(OLD[session.kind.other], last_try=yes)
        elif session is not None:
            self.note_and_type(NEW[session.kind], yes=yes)

    @rule(entry=st.sampled_from(ENTRIES), yes=st.booleans())
    def type_anything(self, entry, yes):
        self.note_and_type(entry, yes=yes)

    def note_and_type(self, entry, *, yes):
        self.typed.append(entry)
        self.kiosk.type(entry, last_try=yes)

    @rule(kind=st.sampled_from([*PasswordKind, None]))
    def choose(self, kind):
        self.kiosk.touch(E.CHOOSE_KIND, kind=kind)

    @rule(reason=st.sampled_from(ClosedReason))
    def shut(self, reason):
        self.kiosk.inbox.shut(reason)
        self.kiosk.wait()

    @rule(choices=st.dictionaries(st.sampled_from(["large", "slow", "voice"]), st.sampled_from(["on", "off"])))
    def choose_a_manner(self, choices):
        manner = self.kiosk.screen.manner.with_choices(choices)
        self.kiosk.tell(Happening(None, step=self.kiosk.screen.step, manner=manner))

    @rule()
    def put(self):
        self.world.put()

    @rule()
    def put_another(self):
        self.world.put(VirtualCard(self.issuance.second))

    @rule()
    def take(self):
        self.world.take()

    @rule(seconds=st.sampled_from([1, 30, 61, 91, 200]))
    def wait(self, seconds):
        self.world.clock.advance(timedelta(seconds=seconds))
        self.kiosk.wait()

    @rule(nth=st.integers(1, 40), moment=st.sampled_from(list(Moment)))
    def plan_a_tear(self, nth, moment):
        self.world.plan(Fault(Torn(moment), nth))

    @rule(call=st.sampled_from(["/challenges", "/claims", "/authorisation", "/completion"]))
    def lose_an_answer(self, call):
        self.world.wire.lose_first(call, "answer", times=2)

    @rule()
    def cut_the_wire(self):
        self.world.wire.cut()

    @rule()
    def mend_the_wire(self):
        self.world.wire.mend()

    @rule()
    def send(self):
        self.kiosk.outbox.send()

    @rule()
    def restart(self):
        self.world.restart()

    @invariant()
    def a_session_that_is_over_holds_nothing(self):
        attendant = self.kiosk.controller._attendant
        if self.kiosk.state in WIPED:
            assert attendant.session is None
        if self.kiosk.state is S.IDLE:
            assert self.kiosk.controller._closed is None
            assert self.kiosk.reader._card is None

    @invariant()
    def no_screen_has_a_secret(self):
        told = repr(self.kiosk.screens[-1:]) + repr(self.kiosk.screen)
        assert not [entry for entry in self.typed if len(entry) > 5 and entry in told]

    @invariant()
    def completed_means_changed(self):
        for reservation in self.reservations:
            if self.world.state_of(reservation) is ReservationState.COMPLETED:
                assert self.world.card_has(NEW[self.world.kind]) or self.was_typed_and_is_on_the_card()

    @invariant()
    def whoever_is_told_that_it_is_set_can_use_it(self):
        if self.kiosk.state is S.DONE:
            assert self.was_typed_and_is_on_the_card()

    def was_typed_and_is_on_the_card(self):
        kind = self.world.kind
        fit = [entry for entry in {*self.typed, NEW[kind]} if kind.rule.pattern.fullmatch(entry)]
        return any(self.world.card_has(entry) for entry in fit)

    def teardown(self):
        shutil.rmtree(self.folder)


def test_anything_at_any_time(issuance):
    AnythingAtAnyTime.issuance = issuance
    run_state_machine_as_test(
        AnythingAtAnyTime, settings=settings(max_examples=40, stateful_step_count=40, deadline=None)
    )
