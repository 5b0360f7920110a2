"""Checklist 003, item by item: the words stand where they belong.

The pages are gathered in one walk. 003-37 to 003-42 (the password's entry) are the companion's own screens.
"""

import re
from html import unescape
from pathlib import Path

import pytest
from builders import make_world
from checklist_003 import ITEMS
from resident_way import choose, hand_over, photograph, say_yes, show_face, use_companion
from web_world import Browser, make_services

from reset_app import create_app
from services.domain.password import PasswordKind

FLOW = ("/reserve", "/front/guide", "/front/picture", "/front/manual", "/card", "/card/return", "/face", "/done")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    directory = tmp_path_factory.mktemp("checklist")
    world = make_world(directory)
    app = create_app(make_services(world, directory))
    return walk(Browser(app.test_client(), world.ports.origin), world, PasswordKind.SIGNATURE)


@pytest.fixture(scope="module")
def pages_of_the_other_kind(tmp_path_factory):
    directory = tmp_path_factory.mktemp("checklist-other")
    world = make_world(directory)
    app = create_app(make_services(world, directory))
    return walk(Browser(app.test_client(), world.ports.origin), world, PasswordKind.USER_AUTHENTICATION)


def walk(browser, world, kind):
    seen = {}

    def look(name, address=None):
        seen[name] = browser.get(address or name).get_data(as_text=True)

    for name in ("/", "/guide", "/info", "/start", "/counter", "/reserve"):
        look(name)
    choose(browser, kind)
    for name in ("/front/guide", "/front/picture", "/front/manual"):
        look(name)
    photograph(browser)
    look("/front/confirm")
    say_yes(browser)
    look("/card")
    use_companion(world, hand_over(browser), kind)
    for name in ("/card/return", "/face", "/face/capture"):
        look(name)
    show_face(browser)
    browser.get("/face/status")
    look("/done")
    browser.post("/done")
    look("/ after", "/")
    return seen


def read(page):
    """The page's text as a person reads it, without spaces."""
    body = page[page.index("<body") :]
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", body)))


@pytest.mark.parametrize(("item", "page", "words"), ITEMS, ids=[f"{item}-{n}" for n, (item, *_) in enumerate(ITEMS)])
def test_the_words_of_the_checklist_stand_on_their_page(pages, item, page, words):
    assert words in read(pages[page]), item


def test_the_information_button_is_on_every_header(pages):
    # 003-05
    without = [name for name, page in pages.items() if not re.search(r'<a class="information" href="/info"', page)]
    assert without == []


def test_every_page_has_a_title_of_its_own_and_a_way_back_or_to_the_menu(pages):
    titles = [re.search(r"<title>(.*?) \|", page, re.DOTALL).group(1) for page in pages.values()]
    no_menu = [name for name, page in pages.items() if 'href="/">メニュー' not in page]
    no_way_back = [name for name, page in pages.items() if name[:2] not in ("/", "/ ") and "way-back" not in page]
    assert (all(title.strip() for title in titles), no_menu, no_way_back) == (True, [], [])


def test_the_card_picture_has_three_numbered_marks(app):
    # 003-21
    picture = Path(app.static_folder, "images", "card_front.svg").read_text(encoding="utf-8")
    assert re.findall(r"<text[^>]*>([123])</text>", picture) == ["1", "2", "3"]


def test_the_buttons_and_links_lead_where_the_checklist_says(pages):
    # 003-07, 003-09, 003-30, 003-59
    assert '<a class="button second wide" href="/guide">初めての方はこちら</a>' in pages["/"]
    assert '<a class="button wide" href="/start">パスワード初期化予約</a>' in pages["/"]
    assert '<a class="way-back" href="/">⟨メニュー</a>' in pages["/card"]
    assert 'href="/guide#kiosk"' in pages["/done"]
    assert ('id="kiosk"' in pages["/guide"], 'id="stores"' in pages["/guide"]) == (True, True)


def test_both_kinds_have_their_own_button(pages):
    # 003-13, 003-15
    buttons = re.findall(r'<button [^>]*name="kind" value="(\w+)"[^>]*>([^<]+)</button>', pages["/reserve"])
    assert buttons == [("signature", "署名用パスワード"), ("user_authentication", "利用者証明用パスワード")]


def test_for_the_other_kind_the_warnings_name_the_other_password(pages_of_the_other_kind):
    # 003-32, 003-57, 003-62 for the user-authentication password
    assert "署名用パスワードは5回連続で間違えるとロックされます。" in read(pages_of_the_other_kind["/card"])
    assert "事前にパスワード(数字4桁)を決定しておいてください。" in read(pages_of_the_other_kind["/done"])
    assert "利用者証明用パスワード初期化予約有効期限2026/11/2209:00" in read(pages_of_the_other_kind["/ after"])


def test_no_page_asks_for_a_password(pages):
    assert [name for name, page in pages.items() if 'type="password"' in page] == []


def test_no_page_has_inline_script_or_style_or_loads_from_another_host(pages):
    inline = [name for name, page in pages.items() if re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", page)]
    foreign = [name for name, page in pages.items() if re.search(r'(?:src|rel="stylesheet" href)="https?:', page)]
    assert (inline, foreign) == ([], [])
