"""Checklist 003, item by item: the words stand where they belong.

The pages are gathered in one walk. 003-37 to 003-42 (the password's entry) are the companion's own screens.
"""

import re
from html import unescape
from pathlib import Path

import pytest
from builders import make_world
from resident_way import choose, hand_over, photograph, show_face, use_companion
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
    browser.post("/front/confirm")
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


ITEMS = [
    ("003-01", "/guide", "コンビニエンスストア等のキオスク端末で行います"),
    ("003-02", "/start", "注意!"),
    ("003-02", "/start", "利用者証明用電子証明書のパスワードが不明な場合は本サービスは利用できません"),
    ("003-03", "/start", "お住まいの市町村窓口で手続きを行ってください"),
    ("003-03", "/counter", "お住まいの市町村窓口で手続きを行ってください"),
    ("003-04", "/", "JPKI暗証番号リセットアプリ"),
    ("003-06", "/", "初めてアプリを操作される方は、まず以下のボタンからアプリの操作方法をご確認ください。"),
    ("003-07", "/", "初めての方はこちら"),
    (
        "003-08",
        "/",
        "パスワードを初期化・再設定する方は「パスワード初期化予約」を選択して、手続きを行ってください。",
    ),
    ("003-09", "/", "パスワード初期化予約"),
    (
        "003-10",
        "/",
        (
            "パスワード初期化予約が完了している方は、コンビニエンスストア等のキオスク端末(マルチコピー機)の"
            "マイナンバーカードパスワード初期化予約メニューを選択して有効期限内にパスワード初期化を行ってください。"
        ),
    ),
    ("003-11", "/reserve", "初期化予約選択"),
    (
        "003-12",
        "/reserve",
        (
            "マイナンバーカード受け取りの際に設定した、英(大文字)数字6~16文字のパスワードを初期化・再設定する方は"
            "「署名用パスワード」を選択してください。"
        ),
    ),
    ("003-13", "/reserve", "署名用パスワード"),
    (
        "003-14",
        "/reserve",
        "数字4桁のパスワードを初期化・再設定する方は「利用者証明用パスワード」を選択してください。",
    ),
    ("003-15", "/reserve", "利用者証明用パスワード"),
    (
        "003-16",
        "/reserve",
        (
            "マイナンバーカードの数字4桁のパスワードのうち次のものは、このアプリでは初期化・再設定の予約はできません。"
            "・券面事項入力補助用パスワード・個人番号カード用パスワード"
        ),
    ),
    ("003-17", "/reserve", "〈戻る"),
    ("003-18", "/front/guide", "操作説明"),
    ("003-19", "/front/guide", "カメラで読み取る"),
    ("003-19", "/front/guide", "手で入力する"),
    ("003-20", "/front/manual", "券面情報入力"),
    ("003-20", "/front/manual", "〈戻る"),
    (
        "003-21",
        "/front/manual",
        "1.生年月日は①を入力してください。2.有効期限は②を入力してください。3.セキュリティコードは③を入力してください。",
    ),
    ("003-22", "/front/manual", "①生年月日"),
    ("003-23", "/front/manual", "②有効期限"),
    (
        "003-24",
        "/front/manual",
        "*有効期限とは生年月日の右隣に印字されているカードの有効期限です。手書きの「電子証明書の有効期限」ではありません。",
    ),
    ("003-25", "/front/manual", "③セキュリティコード"),
    (
        "003-26",
        "/front/manual",
        "*セキュリティコードとはマイナンバーカードの表面の写真の下に記載された、4桁の数字です。",
    ),
    ("003-27", "/front/manual", "次へ"),
    ("003-28", "/front/picture", "マイナンバーカード(表面)を黒わくにあわせてください。"),
    ("003-29", "/front/picture", "表面の内容(有効期限やマイナちゃんマーク)が隠れないようご注意ください。"),
    ("003-30", "/card", "ICカードセット案内"),
    ("003-30", "/card", "⟨メニュー"),
    (
        "003-31",
        "/card",
        "画面右下の「次へ」を選択し、パスワード入力後、上のイメージのとおり、ICカードの上にiPhoneを乗せてください。",
    ),
    ("003-31", "/card", "カードにスマートフォンを乗せて読み取"),
    ("003-32", "/card", "利用者証明用パスワードは3回連続で間違えるとロックされます。"),
    ("003-33", "/card", "ケースやカバーを外して、読み取りしてください。"),
    ("003-34", "/card", "金属製の机の上では、カードが認識されない場合があります。"),
    (
        "003-35",
        "/card",
        "読み取れない場合は、一度メニュー画面に戻り、右上のinformationボタンから「アプリの使い方」を確認してください。",
    ),
    ("003-35", "/info", "アプリの使い方"),
    ("003-36", "/card", "※注意※"),
    ("003-36", "/card", "次へ"),
    ("003-43", "/card/return", "ICチップ読み取り"),
    ("003-44", "/face", "左を向く、右を向く、正面を向く、笑う、などの指示"),
    ("003-45", "/face", "顔認証の開始"),
    (
        "003-46",
        "/face",
        "「開始」を押すと、スマートフォンのカメラで撮影する顔画像を、マイナンバーカードの顔写真と照合します。",
    ),
    ("003-47", "/face", "顔認証の開始後は、画面の上部に表示される指示に従ってください。"),
    (
        "003-48",
        "/face",
        "①明るい場所で行ってください。ただし、照明が反射する場所や逆光になる場所は避けてください。",
    ),
    ("003-49", "/face", "②マスクやサングラスなどの顔を覆うものは外してください。"),
    ("003-50", "/face", "③髪で顔の輪郭や眉が隠れないようにしてください。"),
    (
        "003-51",
        "/face",
        (
            "④カメラに向かってまっすぐ正面を見てください。顔認証開始直後に顔を下から撮影するなどした場合、"
            "正しく顔を認識できないことがあります。"
        ),
    ),
    ("003-52", "/face", "【注意】"),
    ("003-52", "/face", "開始"),
    ("003-53", "/done", "パスワード初期化予約完了"),
    ("003-54", "/done", "パスワードの初期化予約が完了しました。"),
    ("003-55", "/done", "完了ボタンを押して、2026/11/2209:00までに"),
    (
        "003-56",
        "/done",
        (
            "コンビニエンスストア等のキオスク端末(マルチコピー機)画面に表示されている「行政サービス」ボタンを押して、"
            "パスワードを初期化・再設定してください。"
        ),
    ),
    ("003-57", "/done", "事前にパスワード(英大文字数字6文字以上16文字以下)を決定しておいてください。"),
    ("003-58", "/done", "また、マイナンバーカードを持参してください。"),
    ("003-59", "/done", "キオスク端末の操作方法や対象のコンビニ一覧はこちらをご確認ください。"),
    ("003-60", "/done", "アプリメニュー画面の「アプリの使い方」からもご確認いただけます。"),
    ("003-61", "/done", "完了"),
    ("003-62", "/ after", "署名用パスワード初期化予約有効期限2026/11/2209:00"),
    (
        "003-63",
        "/ after",
        "*パスワード初期化実施後も有効期限まではパスワード初期化予約の有効期限が表示されます。",
    ),
    ("003-64", "/guide", "予約は24時間有効です。"),
    ("003-65", "/done", "※予約後、コンビニ等での手続きとなります。"),
]


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
