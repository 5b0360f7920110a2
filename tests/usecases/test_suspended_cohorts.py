"""The kill-switch at the server: at once, for the cohort and for nobody else; who was authorised may finish."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import make_world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain.audit import AuditEvent
from services.domain.errors import (
    BuildSuspended,
    CardGenerationSuspended,
    CohortSuspended,
    InvalidInput,
    MatcherSuspended,
    NotAllowedNow,
    NotFound,
    PlaceSuspended,
)
from services.domain.reservation import ReservationState
from services.domain.terminal import EnrolmentCode, Part, PlaceClass, Report, Terminal
from services.domain.terminal_policy import MOST_SUSPENSIONS, Scope, Trait, Window
from services.usecases.complete import Completion
from services.usecases.hear_terminal import hear_terminal
from services.usecases.release import release
from services.usecases.suspend import lift, plan_maintenance, policy_at, renew, suspend
from services.usecases.suspended import refuse_suspended

WHY = "不具合の調査のため"
REPORT = Report("0.1.0+ab12", 0, 0, Part.PRESENT, Part.OFF, True, 900, 0, 0, 0)


def know(world, terminal_id="t1", store="S-1", build="0.1.0+ab12"):
    """An enrolled terminal that was heard."""
    now = world.clock.now()
    terminal = Terminal(terminal_id, b"key", "端末", PlaceClass.STORE, store=store, cohort="pilot")
    code = EnrolmentCode("K7QD", b"", "端末", store, PlaceClass.STORE, "pilot", "2001", now)
    with world.ports.ledger.begin() as unit:
        unit.enrol_terminal(terminal, code, at=now)
        unit.note_report(terminal_id, replace(REPORT, build=build), at=now)


def stop(world, text):
    return suspend(world.ports, Trait.parse(text), by="2001", why=WHY)


def live(world):
    with world.ports.ledger.begin() as unit:
        return unit.suspensions()


OF_THE_TERMINAL = ["terminal:t1", "store:S-1", "place:store", "cohort:pilot"]
CASES = [
    *((text, PlaceSuspended) for text in OF_THE_TERMINAL),
    ("build:0.1.0+ab12", BuildSuspended),
    ("card_generation:signature-1", CardGenerationSuspended),
    ("card_generation:user_authentication-1", CardGenerationSuspended),
    ("matcher:scripted", MatcherSuspended),
]
OTHERS = [
    *("terminal:t2", "store:S-2", "place:municipal", "cohort:general", "build:0.1.0"),
    *("card_generation:signature-2", "matcher:yunet+sface", "store:t1", "cohort:S-1"),
]


@pytest.mark.parametrize(("text", "refusal"), CASES)
def test_a_claim_of_a_suspended_cohort_is_refused_with_its_own_code(story, text, refusal):
    know(story.world)
    reservation, nonce = story.reserved(), story.nonce()
    stop(story.world, text)
    with pytest.raises(refusal):
        story.claimed(nonce=nonce)
    assert story.reservation(reservation.id).state is ReservationState.RESERVED


@pytest.mark.parametrize(("text", "refusal"), CASES)
def test_a_claim_that_was_not_authorised_yet_is_not_any_more(story, text, refusal):
    know(story.world)
    reservation = story.reserved()
    story.claimed()
    stop(story.world, text)
    with pytest.raises(refusal):
        story.authorised()
    assert (story.world.authority.requests, story.reservation(reservation.id).authorisations) == ([], 0)


@pytest.mark.parametrize(("text", "_refusal"), CASES)
def test_who_was_authorised_may_finish(story, text, _refusal):
    know(story.world)
    story.reserved()
    grant = story.claimed()
    story.authorised()
    stop(story.world, text)
    story.authorised(challenge=b"d" * 16)  # the card was lifted and put back
    assert Completion.COMPLETED is story.completed(grant)


def test_a_suspension_while_the_issuer_thinks_lets_no_authorisation_out(story):
    know(story.world)
    reservation = story.reserved()
    story.claimed()
    story.world.authority.meanwhile = lambda: stop(story.world, "store:S-1")
    with pytest.raises(PlaceSuspended):
        story.authorised()
    assert story.reservation(reservation.id).state is ReservationState.CLAIMED


@pytest.mark.parametrize("text", OTHERS)
def test_all_others_are_left_alone(story, text):
    know(story.world)
    story.reserved()
    stop(story.world, text)
    grant = story.claimed()
    story.authorised()
    assert Completion.COMPLETED is story.completed(grant)


def test_a_suspended_terminal_gets_no_nonce(story):
    know(story.world)
    know(story.world, "t2", store="S-2")
    stop(story.world, "store:S-1")
    with pytest.raises(PlaceSuspended):
        story.nonce("t1")
    assert story.nonce("t2")


def test_a_doubt_may_be_settled_though_its_engine_is_suspended(story):
    know(story.world)
    reservation = story.reserved()
    grant = story.claimed()
    story.authorised()
    release(story.world.ports, grant.claim.id, "t1", why="card_removed")
    stop(story.world, "matcher:scripted")
    story.world.clock.advance(timedelta(seconds=1))
    again = story.claimed("c2")
    assert again.evidence_first
    with pytest.raises(MatcherSuspended):
        story.authorised("c2", challenge=b"e" * 16)
    assert Completion.COMPLETED is story.completed(again)
    assert story.reservation(reservation.id).state is ReservationState.COMPLETED


def test_a_lifted_suspension_refuses_nobody(story):
    know(story.world)
    story.reserved()
    stop(story.world, "store:S-1")
    lift(story.world.ports, live(story.world)[0].id, by="2001", why="調査が終わった")
    assert story.claimed()


def test_each_change_raises_the_serial_and_is_on_record_with_its_reason(world):
    first = stop(world, "store:S-1")
    suspended = live(world)[0]
    second = lift(world.ports, suspended.id, by="2002", why="調査が終わった")
    window = Window(world.clock.now(), world.clock.now() + timedelta(hours=1))
    third = plan_maintenance(world.ports, window, by="2001", why="定期点検")
    fourth = renew(world.ports, by="2001", why="復元した")
    assert first < second < third < fourth
    with world.ports.ledger.begin() as unit:
        entries = unit.audit_of(suspended.id)
        assert unit.policy_serial() == fourth
    assert [(entry.event, entry.fields["staff"], entry.fields["serial"]) for entry in entries] == [
        (AuditEvent.POLICY_SUSPENDED, "2001", first),
        (AuditEvent.POLICY_LIFTED, "2002", second),
    ]


def test_after_a_restored_backup_the_next_change_is_above_all_that_was_seen(world, tmp_path):
    seen = [stop(world, f"store:S-{number}") for number in range(5)][-1]
    later = world.clock.now() + timedelta(minutes=1)
    (tmp_path / "restored").mkdir()
    restored = make_world(tmp_path / "restored", now=later)
    assert renew(restored.ports, by="2001", why="復元した") > seen


def test_a_cohort_is_suspended_once(world):
    stop(world, "store:S-1")
    with pytest.raises(NotAllowedNow):
        stop(world, "store:S-1")


def test_a_suspension_is_lifted_once(world):
    stop(world, "store:S-1")
    name = live(world)[0].id
    lift(world.ports, name, by="2001", why=WHY)
    with pytest.raises(NotFound):
        lift(world.ports, name, by="2001", why=WHY)


def test_the_document_has_an_end(world):
    for number in range(MOST_SUSPENSIONS):
        stop(world, f"store:S-{number}")
    with pytest.raises(NotAllowedNow):
        stop(world, "store:one-more")


@pytest.mark.parametrize("why", ["", "abc", "x" * 201, "line\nbreak"])
def test_nothing_is_suspended_without_a_fit_reason(world, why):
    with pytest.raises(InvalidInput):
        suspend(world.ports, Trait(Scope.STORE, "S-1"), by="2001", why=why)
    assert list(live(world)) == []


def test_the_reservation_remembers_the_engine_that_compared_the_faces(story):
    assert story.reserved().matcher == "scripted"


def test_an_unknown_build_is_refused_and_its_report_kept(world):
    know(world)
    with world.ports.ledger.begin() as unit:
        unit.add_build("0.2.0", at=world.clock.now(), by="2001")
    with pytest.raises(BuildSuspended):
        hear_terminal(world.ports, "t1", replace(REPORT, build="0.1.0+dirty"), nonce="")
    with world.ports.ledger.begin() as unit:
        assert unit.reported_build("t1") == "0.1.0+dirty"
    assert hear_terminal(world.ports, "t1", replace(REPORT, build="0.2.0"), nonce="n").answers == "n"


def test_in_production_no_build_is_known_until_one_is_listed(story):
    know(story.world)
    production = replace(story.world.ports, rehearsal=False)
    with pytest.raises(BuildSuspended):
        hear_terminal(production, "t1", REPORT, nonce="")
    with production.ledger.begin() as unit:
        unit.add_build(REPORT.build, at=story.world.clock.now(), by="2001")
    assert hear_terminal(production, "t1", REPORT, nonce="").serial == 0


texts = st.sampled_from([text for text, _ in CASES] + OTHERS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stopped=st.frozensets(texts, max_size=4), having=st.frozensets(texts, max_size=4))
def test_server_and_document_touch_the_same(world, stopped, having):
    """What the server refuses by its rows is what a terminal refuses by the signed document, and exactly the cohorts."""
    for suspension in live(world):
        lift(world.ports, suspension.id, by="2001", why=WHY)
    for text in sorted(stopped):
        stop(world, text)
    traits = frozenset(map(Trait.parse, having))
    with world.ports.ledger.begin() as unit:
        document = policy_at(unit, world.clock.now())
        try:
            refuse_suspended(unit, traits)
            refused = False
        except CohortSuspended:
            refused = True
    assert refused == (document.stop_of(traits) is not None) == bool(stopped & having)
