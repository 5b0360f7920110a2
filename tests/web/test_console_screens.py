"""The console in Chromium at desk size: fit for everybody, and without anything from another host."""

from datetime import timedelta

import pytest
from builders import NINE, make_world
from console_cases import PASSWORD, WHY, fleet, in_doubt, reserved
from real_port import served
from screens import AXE, CHROMIUM, DESK, ROOT, Inspector, chromium, need, picture_folder
from web_world import at_origin, make_services

from reset_app import create_app
from services.domain.password import PasswordKind
from services.storage.tables_of_access import StaffRole

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

PORT = 18432
HOME = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def running(tmp_path):
    need(AXE, CHROMIUM, ROOT / "reset_app" / "static" / "build" / "app.css")
    world = at_origin(make_world(tmp_path), HOME)
    services = make_services(world, tmp_path)
    services.staff.add("2001", StaffRole.OPERATOR, PASSWORD)
    with served(create_app(services), PORT):
        yield world, services


def test_the_console_is_fit_for_everybody(running, tmp_path):
    world, services = running
    name = in_doubt(world)
    world.clock.advance(timedelta(hours=24))
    fleet(services)
    for number, kind in enumerate([*PasswordKind, *PasswordKind]):
        reserved(world, f"{number}b" * 16, kind, at=NINE + timedelta(hours=24, minutes=7 * number))
    inspector = Inspector(picture_folder(tmp_path, "console"))
    hosts = set()
    with chromium(None, viewport=DESK, device_scale_factor=1) as context:
        page = context.new_page()
        inspector.watch(page)
        page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
        walk(page, inspector, name)
    assert (inspector.wrong, hosts) == ([], {f"127.0.0.1:{PORT}"})


def walk(page, inspector, name):
    page.goto(f"{HOME}/console/")
    page.wait_for_url(f"{HOME}/console/sign-in")
    inspector.look(page, "01-sign-in")
    page.get_by_label("職員番号").fill("2001")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    page.wait_for_url(f"{HOME}/console/")
    inspector.look(page, "02-reservations")
    page.get_by_role("link", name=name[:12]).click()
    page.get_by_label("目的").wait_for()
    inspector.look(page, "03-purpose")
    page.get_by_label("目的").fill(WHY)
    page.get_by_role("button", name="経過を表示する").click()
    page.get_by_role("heading", name="予約の経過").wait_for()
    inspector.look(page, "04-timeline")
    page.get_by_label("確認した内容").fill("ご本人が窓口で新しいパスワードを確認")
    page.get_by_role("button", name="確認済みにする").click()
    page.get_by_label("目的").wait_for()
    page.goto(f"{HOME}/console/log")
    inspector.look(page, "05-log")
    page.goto(f"{HOME}/console/terminals")
    inspector.look(page, "06-terminals")
    page.get_by_label("端末の呼び名").fill("駅前店 6号機")
    page.get_by_label("店舗番号").fill("S-0107")
    page.get_by_role("button", name="登録コードを発行する").click()
    page.get_by_role("heading", name="登録コード").wait_for()
    inspector.look(page, "07-code")
    page.goto(f"{HOME}/console/suspensions")
    page.get_by_label("対象").select_option("store:S-0100")
    page.get_by_label("理由").fill("カードリーダーの不具合の調査のため")
    page.get_by_role("button", name="休止する").click()
    page.get_by_text("対象の端末: 3台").wait_for()
    inspector.look(page, "08-suspensions")
    page.get_by_label("再開の理由").fill("調査が終わり、異常はなかった")
    page.get_by_role("button", name="再開する").click()
    page.get_by_text("休止している対象はありません").wait_for()
    inspector.look(page, "09-lifted")
