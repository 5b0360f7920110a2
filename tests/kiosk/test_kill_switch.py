"""A cohort is suspended: its terminals close in under a minute, others go on, and nobody is thrown out."""

import threading
from datetime import timedelta

import pytest
from duty import SECOND, SIGNER, WHY
from kiosk_world import NOW, E, S

from kiosk.__main__ import LOOK
from kiosk.build import build_id
from kiosk.closed import ClosedReason
from kiosk.disk import Folder
from kiosk.policy import PolicyKeeper
from kiosk.server import HEARTBEAT_WHOLE_S
from services.domain.terminal import HEARTBEAT, Part
from services.domain.terminal_policy import POLICY_LIFE, TerminalPolicy
from services.pki.policy_signature import PolicySigner
from services.usecases.suspend import lift


@pytest.mark.parametrize("text", ["store:S-0107", "place:store", "cohort:pilot", f"build:{build_id()}"])
@pytest.mark.parametrize("after_s", [0, 7, 19])
def test_a_suspended_cohort_closes_in_under_a_minute(serving, text, after_s):
    serving.pass_(timedelta(seconds=after_s))
    serving.stop(text)
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.SUSPENDED, "PR-7103")


@pytest.mark.parametrize(
    "text", ["store:S-0108", "cohort:general", "build:0.0.1", "card_generation:signature-1", "matcher:x"]
)
def test_others_go_on(serving, text):
    serving.stop(text)
    serving.pass_(3 * HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.state) == (None, S.IDLE)


@pytest.mark.parametrize("cut_s", [0, 9, 19])
def test_a_terminal_that_cannot_hear_the_policy_closes_in_under_a_minute(serving, cut_s):
    serving.pass_(timedelta(seconds=cut_s))
    serving.world.wire.cut()
    serving.pass_(timedelta(seconds=59))
    assert (serving.reason, serving.world.kiosk.code) == (ClosedReason.SERVER, "PR-7108")
    serving.world.wire.mend()
    serving.pass_(HEARTBEAT)
    assert serving.reason is None


def test_a_heartbeat_without_an_answer_in_sight_does_not_keep_the_terminal_open(serving):
    asked, over = threading.Event(), threading.Event()

    def wait(_):
        asked.set()
        over.wait(30)
        return "request"

    serving.world.wire.lose = wait
    serving.world.clock.advance(HEARTBEAT)
    asking = threading.Thread(target=serving.heartbeat.attend)
    asking.start()
    assert asked.wait(30)
    serving.world.clock.advance(timedelta(seconds=25))
    serving.heartbeat.decide()
    over.set()
    asking.join()
    assert serving.reason is ClosedReason.SERVER


def test_a_suspension_reaches_a_terminal_with_the_slowest_answers_within_the_minute():
    assert timedelta(seconds=HEARTBEAT_WHOLE_S) + POLICY_LIFE + LOOK < timedelta(minutes=1)


def test_a_lifted_suspension_opens_again(serving):
    serving.stop("store:S-0107")
    serving.pass_(HEARTBEAT)
    with serving.world.services.ports.ledger.begin() as unit:
        name = unit.suspensions()[0].id
    lift(serving.world.services.ports, name, by="2001", why=WHY)
    serving.pass_(HEARTBEAT)
    assert (serving.reason, serving.world.kiosk.state) == (None, S.IDLE)


def test_who_stands_there_is_not_thrown_out(serving):
    world = serving.world
    world.reserve()
    world.to_new_password()
    serving.parts["reader"] = Part.ABSENT
    serving.pass_(HEARTBEAT + SECOND)
    assert (serving.reason, world.kiosk.state) == (ClosedReason.READER, S.NEW_PASSWORD)
    assert world.set_password() == S.DONE
    world.clock.advance(timedelta(seconds=3))
    world.take()
    assert world.kiosk.touch(E.FINISH) == S.CLOSED


def test_a_session_that_is_not_authorised_yet_is_refused_with_its_code(serving):
    world = serving.world
    world.reserve()
    world.to_new_password()
    serving.stop("store:S-0107")
    assert world.set_password() == S.FAILED
    assert (world.kiosk.code, world.card_has("KITTE77")) == ("PR-3411", False)


def test_an_older_policy_is_refused_after_a_restart_too(serving):
    serving.stop("store:S-1")
    serving.pass_(HEARTBEAT)
    keeper = PolicyKeeper(SIGNER.public_key, Folder(serving.world.directory / "state"))
    assert keeper.serial == serving.heartbeat.keeper.serial > 0
    old = TerminalPolicy(keeper.serial - 1, NOW, POLICY_LIFE, "n").octets
    with pytest.raises(ValueError, match="older"):
        keeper.accept(old, SIGNER.sign(old), "n")
    assert not keeper.fresh


@pytest.mark.parametrize("answers", ["", "other"])
def test_an_answer_to_another_heartbeat_is_refused(serving, answers):
    octets = TerminalPolicy(2**40, NOW, POLICY_LIFE, answers).octets
    with pytest.raises(ValueError, match="another heartbeat"):
        serving.heartbeat.keeper.accept(octets, SIGNER.sign(octets), "mine")


def test_a_policy_of_somebody_elses_key_is_no_answer(serving):
    object.__setattr__(serving.world.services, "policy_signer", PolicySigner(b"q" * 32))
    serving.pass_(timedelta(seconds=59))
    assert serving.reason is ClosedReason.SERVER
