"""Staff and terminals: who needs somebody is on top, codes are told once, and a cohort is stopped with a reason."""

from datetime import timedelta

import pytest
from console_cases import PASSWORD, fleet
from web_world import Browser

from services.domain.audit import AuditEvent
from services.domain.terminal_policy import Scope, Trait
from services.storage.tables_of_access import StaffRole
from services.usecases.enrol_terminal import enrol

WHY = "カードリーダーの不具合の調査のため"
CODE = {"name": "駅前店", "store": "S-0107", "place": "store", "cohort": "pilot"}


def at_desk(app, services, origin, role):
    services.staff.add(role.value, role, PASSWORD)
    desk = Browser(app.test_client(), origin)
    desk.post("/console/sign-in", {"number": role.value, "password": PASSWORD})
    return desk


@pytest.fixture
def desk(app, services, browser):
    return at_desk(app, services, browser.origin, StaffRole.OPERATOR)


@pytest.fixture
def viewer(app, services, browser):
    return at_desk(app, services, browser.origin, StaffRole.VIEWER)


def words(answer):
    return answer.get_data(as_text=True)


def live(world):
    with world.ports.ledger.begin() as unit:
        return unit.suspensions()


@pytest.mark.parametrize("address", ["/console/terminals", "/console/suspensions"])
def test_nobody_sees_terminals_without_a_session(browser, address):
    turned_away = browser.get(address)
    assert (turned_away.status_code, turned_away.headers["Location"]) == (303, "/console/sign-in")


def test_terminals_that_need_somebody_are_on_top(desk, services):
    fleet(services)
    page = words(desk.get("/console/terminals"))
    places = {name: page.index(f">{name}<") for name in ("t-well", "t-silent", "t-clock", "t-night", "t-new")}
    order = sorted(places, key=places.get)
    assert set(order[:3]) == {"t-silent", "t-clock", "t-new"}
    assert ("-41.5" in page, "連絡が途絶えている" in page, "一度も連絡がない" in page) == (True, True, True)
    assert page.count('class="alert"') == 3


def test_a_terminal_becomes_alarming_when_it_falls_silent(desk, services, world):
    fleet(services)
    world.clock.advance(timedelta(seconds=60))
    before = words(desk.get("/console/terminals")).count('class="alert"')
    world.clock.advance(timedelta(seconds=1))
    assert (before, words(desk.get("/console/terminals")).count('class="alert"')) == (3, 5)


def test_a_code_is_told_once_and_lets_one_terminal_in(desk, world, services):
    page = words(desk.post("/console/terminals/codes", CODE))
    code = page.partition('class="deadline mono">')[2][:24]
    assert enrol(world.ports, code, b"k" * 32, "b").store == "S-0107"
    assert code not in words(desk.get("/console/terminals"))


@pytest.mark.parametrize("wrong", ["name", "store", "place", "cohort"])
def test_a_code_for_a_place_out_of_form_is_not_issued(desk, wrong):
    refused = desk.post("/console/terminals/codes", {**CODE, wrong: "\n"})
    assert (refused.status_code, f'href="#{wrong}"' in words(refused)) == (422, True)


def test_a_cohort_is_suspended_and_lifted_with_reasons_that_are_on_record(desk, world, services):
    fleet(services)
    page = words(desk.get("/console/suspensions"))
    assert 'value="store:S-0100"' in page
    assert 'value="card_generation:signature-1"' in page
    assert desk.post("/console/suspensions", {"cohort": "store:S-0100", "why": WHY}).status_code == 303
    found = live(world)[0]
    assert (found.trait, found.reason, found.issued_by) == (Trait(Scope.STORE, "S-0100"), WHY, "operator")
    assert "対象の端末: 3台" in words(desk.get("/console/suspensions"))
    assert "休止中" in words(desk.get("/console/terminals"))
    lifted = desk.post(f"/console/suspensions/{found.id}/lift", {"why": "調査が終わった"})
    assert (lifted.status_code, list(live(world))) == (303, [])
    with world.ports.ledger.begin() as unit:
        entries = unit.audit_of(found.id)
    assert [(entry.event, entry.actor, entry.fields["why"]) for entry in entries] == [
        (AuditEvent.POLICY_SUSPENDED, "operator", WHY),
        (AuditEvent.POLICY_LIFTED, "operator", "調査が終わった"),
    ]


@pytest.mark.parametrize(
    ("cohort", "why"),
    [
        ("", WHY),
        ("shop:1", WHY),
        ("store:", WHY),
        ("store:あ", WHY),
        ("store:S-0100", "abc"),
        ("store:S-0100", "x" * 201),
    ],
)
def test_a_suspension_out_of_form_changes_nothing(desk, world, cohort, why):
    refused = desk.post("/console/suspensions", {"cohort": cohort, "why": why})
    assert (refused.status_code, "PR-1000" in words(refused), list(live(world))) == (422, True, [])


def test_a_cohort_that_is_suspended_already_is_said_to_be(desk):
    desk.post("/console/suspensions", {"cohort": "store:S-0100", "why": WHY})
    again = desk.post("/console/suspensions", {"cohort": "store:S-0100", "why": WHY})
    assert (again.status_code, "すでに休止しています" in words(again)) == (422, True)


def test_lifting_what_is_not_suspended_is_no_such_thing(desk):
    assert desk.post(f"/console/suspensions/{'a' * 32}/lift", {"why": WHY}).status_code == 404


def test_a_viewer_looks_and_does_nothing(viewer, world):
    assert "<form" not in words(viewer.get("/console/suspensions")).partition("<main")[2]
    acts = [
        ("/console/terminals/codes", CODE),
        ("/console/suspensions", {"cohort": "store:S-1", "why": WHY}),
        (f"/console/suspensions/{'a' * 32}/lift", {"why": WHY}),
    ]
    assert [viewer.post(address, form).status_code for address, form in acts] == [403, 403, 403]
    assert list(live(world)) == []


def test_another_sites_form_suspends_nobody(desk, world):
    form = {"cohort": "store:S-1", "why": WHY}
    assert desk.post("/console/suspensions", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert list(live(world)) == []
