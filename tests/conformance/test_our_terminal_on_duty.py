"""Heartbeats and policies: terminals with one fault each fail the one requirement that is about it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from kiosk_hand import KioskHand, client_trial
from verdict import failed

from kiosk.policy import PolicyKeeper
from services.conformance.client_trial import Shown, try_client
from services.domain.terminal_policy import Scope, TerminalPolicy
from services.pki.policy_signature import opened_policy


class Keeps(PolicyKeeper):
    """Takes a policy without asking for one of the three things that make it count."""

    asks_key = asks_nonce = asks_serial = True

    def accept(self, octets, signature, nonce):
        policy = opened_policy(octets, signature, self._public_key) if self.asks_key else TerminalPolicy.parse(octets)
        if (self.asks_nonce and policy.answers != nonce) or (self.asks_serial and policy.serial < self.serial):
            raise ValueError("not taken")
        self.serial, self.policy, self._accepted_at = policy.serial, self.heeded(policy), self._stopwatch()

    def heeded(self, policy):
        return policy


class TakesAnyKey(KioskHand):
    class keeper(Keeps):  # noqa: N801  # the hand's attribute
        asks_key = False


class TakesAnyAnswer(KioskHand):
    class keeper(Keeps):  # noqa: N801
        asks_nonce = False


class TakesAnOlderOne(KioskHand):
    class keeper(Keeps):  # noqa: N801
        asks_serial = False


class IgnoresSuspensions(KioskHand):
    class keeper(Keeps):  # noqa: N801
        def heeded(self, policy):
            return replace(policy, stops=())


class IgnoresItsStore(KioskHand):
    class keeper(Keeps):  # noqa: N801
        def heeded(self, policy):
            return replace(policy, stops=tuple(stop for stop in policy.stops if stop.trait.scope is not Scope.STORE))


class StopsForEverybody(KioskHand):
    """Takes every suspension for its own."""

    class keeper(Keeps):  # noqa: N801
        def heeded(self, policy):
            return SimpleNamespace(**vars(policy), stop_of=lambda _: next(iter(policy.stops), None))


class SaysNotWhy(KioskHand):
    """Closes without a word about the suspension."""

    def look(self):
        return Shown.CLOSED if super().look() is Shown.SUSPENDED else super().look()


class StaysShut(KioskHand):
    """Whoever was suspended once is never served again."""

    class keeper(Keeps):  # noqa: N801
        stops = ()

        def heeded(self, policy):
            self.stops = self.stops or policy.stops
            return replace(policy, stops=self.stops)


class BeatsSeldom(KioskHand):
    """Every forty seconds: its policies are fresh, and nobody sees in time that it is gone."""

    def attend(self):
        if self.heartbeat.report is None or self.stopwatch() >= self.heartbeat._next_s + 20:
            self.heartbeat.attend()
        self.heartbeat.decide()
        self.world.kiosk.wait()


BROKEN = {
    BeatsSeldom: {"C-23"},
    IgnoresSuspensions: {"C-24"},
    IgnoresItsStore: {"C-24"},
    SaysNotWhy: {"C-24"},
    # Once it is shut for good, nothing after that can be asked.
    StaysShut: {"C-25", "C-26", "C-27", "C-28", "C-29"},
    StopsForEverybody: {"C-26"},
    TakesAnyKey: {"C-27"},
    TakesAnyAnswer: {"C-28"},
    TakesAnOlderOne: {"C-29"},
}


@pytest.mark.parametrize("hand", BROKEN)
def test_a_terminal_that_keeps_its_duty_badly_fails_for_that(world, hand):
    assert failed(try_client(client_trial(world, hand(world)))).keys() == BROKEN[hand]


def test_a_terminal_whose_nonces_repeat_fails_for_that(world, monkeypatch):
    monkeypatch.setattr("kiosk.heartbeat.secrets", SimpleNamespace(token_bytes=lambda size: b"n" * size))
    assert failed(try_client(client_trial(world))).keys() == {"C-23"}


def test_a_terminal_that_sends_no_heartbeat_does_not_conform(world):
    trial = client_trial(world)
    trial.hand.attend = lambda: None
    assert "C-23" in failed(try_client(trial))
