"""The console: who may look, what is shown, and that every look is on record."""

from datetime import timedelta

import pytest
from console_cases import PASSWORD, WHY, in_doubt, reserved
from resident_way import to_the_end
from sqlalchemy import text
from web_world import Browser

from services.domain.audit import AuditEvent
from services.domain.reservation import ReservationState
from services.storage.tables import audit_entries
from services.storage.tables_of_access import StaffRole


@pytest.fixture
def staff(services):
    for name, role in (("1001", StaffRole.VIEWER), ("2001", StaffRole.OPERATOR)):
        services.staff.add(name, role, PASSWORD)
    return services.staff


@pytest.fixture
def desk(app, staff, browser):
    return Browser(app.test_client(), browser.origin)


def sign_in(desk, number="1001", password=PASSWORD):
    return desk.post("/console/sign-in", {"number": number, "password": password})


def words(answer):
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("address", ["/console/", "/console/log", f"/console/reservations/{'a' * 32}"])
def test_nobody_enters_without_a_session(desk, address):
    turned_away = desk.get(address)
    assert (turned_away.status_code, turned_away.headers["Location"]) == (303, "/console/sign-in")


@pytest.mark.parametrize(
    ("number", "password"), [("1001", "wrong"), ("9999", PASSWORD), ("", ""), ("1001", "x" * 5000)]
)
def test_a_wrong_number_and_a_wrong_password_get_the_same_answer(desk, number, password):
    refused = sign_in(desk, number, password)
    assert (refused.status_code, "PR-3401" in words(refused), "Set-Cookie" in refused.headers) == (403, True, False)


def test_the_session_cookie_is_out_of_reach(desk):
    cookie = sign_in(desk).headers["Set-Cookie"]
    assert ("HttpOnly" in cookie, "SameSite=Strict" in cookie, "Path=/console" in cookie) == (True, True, True)


def test_signing_in_is_on_record(desk, world):
    sign_in(desk)
    with world.ports.ledger.begin() as unit:
        assert [entry.event for entry in unit.audit_of("1001")] == [AuditEvent.STAFF_SIGNED_IN]


def test_signing_out_ends_the_session_for_whoever_copied_the_cookie(app, desk):
    sign_in(desk)
    copied = desk.client.get_cookie("staff", domain="reset.example", path="/console").value
    desk.post("/console/sign-out")
    thief = Browser(app.test_client(), desk.origin)
    thief.client.set_cookie("staff", copied, domain="reset.example", path="/console")
    assert thief.get("/console/").status_code == 303


def test_a_session_lasts_a_working_day(desk, world):
    sign_in(desk)
    world.clock.advance(timedelta(hours=8))
    assert desk.get("/console/").status_code == 303


def test_the_list_shows_kind_state_and_deadline_in_japanese(desk, world):
    reserved(world)
    sign_in(desk)
    page = words(desk.get("/console/"))
    assert [part in page for part in ("署名用パスワード", "予約済み", "2026/11/22 09:00")] == [True] * 3


def test_the_list_is_filtered_by_state(desk, world):
    reserved(world)
    sign_in(desk)
    assert "a" * 12 in words(desk.get("/console/?state=reserved"))
    assert "a" * 12 not in words(desk.get("/console/?state=completed"))
    assert desk.get("/console/?state=nonsense").status_code == 200


def test_a_timeline_is_shown_for_a_purpose_only(desk, world):
    name = reserved(world)
    sign_in(desk)
    assert "経過を表示する" in words(desk.get(f"/console/reservations/{name}"))
    refused = desk.post(f"/console/reservations/{name}", {"why": "  x "})
    assert (refused.status_code, "予約の作成" in words(refused)) == (422, False)


def test_the_purpose_is_on_record(desk, world):
    name = reserved(world)
    sign_in(desk)
    desk.post(f"/console/reservations/{name}", {"why": WHY})
    with world.ports.ledger.begin() as unit:
        last = unit.audit_of("1001")[-1]
    assert (last.event, last.fields) == (AuditEvent.STAFF_LOOKED, {"staff": "1001", "what": name, "why": WHY})


def test_a_timeline_tells_time_meaning_actor_and_fields(desk, world):
    name = in_doubt(world)
    sign_in(desk)
    page = words(desk.post(f"/console/reservations/{name}", {"why": WHY}))
    parts = ("2026/11/21 09:00:00", "予約の作成", "本人", "初期化の許可", "端末による解放", "card_removed")
    assert [part in page for part in parts] == [True] * 6


def test_a_residents_own_reservation_appears_in_the_console(browser, desk, world):
    to_the_end(browser, world)
    sign_in(desk)
    assert "予約済み" in words(desk.get("/console/"))


def test_an_unbroken_log_is_said_to_hold(desk, world):
    reserved(world)
    sign_in(desk)
    assert 'data-chain="holds"' in words(desk.get("/console/log"))


def test_a_changed_log_is_seen(desk, world, services):
    name = reserved(world)
    with services.database.write() as connection:
        # Whoever owns the database can drop what keeps its log from being changed; the chain still tells.
        for trigger in (
            connection.execute(text("select name from sqlite_master where type = 'trigger'")).scalars().all()
        ):
            connection.execute(text(f"drop trigger {trigger}"))
        connection.execute(audit_entries.update().values(chain=bytes(32)))
    sign_in(desk)
    assert 'data-chain="broken"' in words(desk.get("/console/log"))
    assert 'data-chain="broken"' in words(desk.post(f"/console/reservations/{name}", {"why": WHY}))


def test_a_doubt_is_closed_by_an_operator_after_the_deadline(desk, world):
    name = in_doubt(world)
    world.clock.advance(timedelta(hours=24))
    sign_in(desk, "2001")
    assert "確認済みにする" in words(desk.post(f"/console/reservations/{name}", {"why": WHY}))
    assert desk.post(f"/console/reservations/{name}/review", {"why": WHY}).status_code == 303
    with world.ports.ledger.begin() as unit:
        assert unit.reservation(name).state is ReservationState.EXPIRED


def test_a_doubt_is_not_closed_before_the_deadline(desk, world):
    name = in_doubt(world)
    sign_in(desk, "2001")
    assert "確認済みにする" not in words(desk.post(f"/console/reservations/{name}", {"why": WHY}))
    assert desk.post(f"/console/reservations/{name}/review", {"why": WHY}).status_code == 409


def test_a_viewer_closes_nothing(desk, world):
    name = in_doubt(world)
    world.clock.advance(timedelta(hours=24))
    sign_in(desk, "1001")
    assert "確認済みにする" not in words(desk.post(f"/console/reservations/{name}", {"why": WHY}))
    assert desk.post(f"/console/reservations/{name}/review", {"why": WHY}).status_code == 403


@pytest.mark.parametrize("name", ["nothing", "%00", "A" * 32, f"{'a' * 31}%00", f"{'a' * 32}%0A"])
def test_what_is_no_reservations_name_is_no_page(desk, name):
    sign_in(desk)
    address = f"/console/reservations/{name}"
    answers = (desk.get(address), desk.post(address, {"why": WHY}), desk.post(f"{address}/review", {"why": WHY}))
    assert [answer.status_code for answer in answers] == [404] * 3


def test_an_unknown_reservation_is_not_found(desk):
    sign_in(desk)
    assert desk.post(f"/console/reservations/{'b' * 32}", {"why": WHY}).status_code == 404


@pytest.mark.parametrize("number", ["\x00", "10\x0001", "1001\n", "1001\x7f"])
def test_a_number_with_control_characters_is_refused_and_reaches_no_database(desk, number):
    # A try that had been counted would end in a wait after the fifth.
    answers = [sign_in(desk, number) for _ in range(7)]
    assert [(answer.status_code, "PR-3401" in words(answer)) for answer in answers] == [(403, True)] * 7


def test_a_purpose_with_control_characters_is_none(desk, world):
    name = reserved(world)
    sign_in(desk)
    assert desk.post(f"/console/reservations/{name}", {"why": f"{WHY}\x00"}).status_code == 422


def test_a_form_from_another_site_does_nothing(desk, world):
    name = in_doubt(world)
    world.clock.advance(timedelta(hours=24))
    sign_in(desk, "2001")
    forged = desk.post(f"/console/reservations/{name}/review", {"why": WHY}, headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
