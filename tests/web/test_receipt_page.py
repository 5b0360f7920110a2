"""手続きの控え on the phone: offered after the reset, to the browser that reserved, until the deadline."""

import re
from base64 import b64decode
from datetime import timedelta

import cv2
import numpy as np
import pytest
from receipts_of_web import reset_once, use_reservation
from resident_way import to_the_end, words
from web_world import Browser

from services.domain.password import PasswordKind
from services.domain.terminal import PlaceClass


@pytest.fixture
def kept(browser, world):
    """The receipt of what this browser reserved with `card 1`."""
    to_the_end(browser, world)
    return use_reservation(world, card="card 1", kind=PasswordKind.SIGNATURE)


def test_before_the_reset_there_is_no_receipt(browser, world):
    to_the_end(browser, world)
    assert "手続きの控え" not in words(browser.get("/done"))
    browser.post("/done")
    assert "手続きの控え" not in words(browser.get("/"))


def test_after_the_reset_home_and_the_done_page_lead_to_it(browser, kept):
    assert f'href="/receipt/{kept.index}"' in words(browser.get("/done"))
    browser.post("/done")
    assert f'href="/receipt/{kept.index}"' in words(browser.get("/"))


def test_the_page_says_what_when_and_where(browser, kept):
    page = words(browser.get(f"/receipt/{kept.index}"))
    for said in (
        "署名用パスワードの初期化・再設定",
        "2026/11/21 09:00",
        "コンビニエンスストア等",
        kept.fields["entry"],
    ):
        assert str(said) in page


@pytest.mark.parametrize("place", list(PlaceClass))
@pytest.mark.parametrize("kind", list(PasswordKind))
def test_every_class_of_place_and_both_kinds_have_their_words(browser, world, kind, place):
    to_the_end(browser, world, kind)
    kept = use_reservation(world, card="card 1", kind=kind, place=place)
    assert browser.get(f"/receipt/{kept.index}").status_code == 200


def test_what_is_downloaded_is_the_receipt_to_the_byte(browser, kept):
    answer = browser.get(f"/receipt/{kept.index}/file")
    assert (kept.octets, "application/json") == (answer.data, answer.mimetype)
    assert f'attachment; filename="receipt-{kept.index}.json"' == answer.headers["Content-Disposition"]


def scanned(picture):
    """What a phone reads that comes nearer until it can: of one size, OpenCV's readers find no code in some of any contents."""
    for part in (1, 1 / 2, 1 / 3, 1 / 4):
        nearer = cv2.resize(picture, None, fx=part, fy=part, interpolation=cv2.INTER_AREA)
        for reader in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            yield reader.detectAndDecode(nearer)[0]


def test_the_code_on_the_page_is_the_receipt_to_the_byte(browser, kept):
    drawn = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", words(browser.get(f"/receipt/{kept.index}")))[1]
    picture = cv2.imdecode(np.frombuffer(b64decode(drawn), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert kept.octets in {read.encode() for read in scanned(picture)}


@pytest.mark.parametrize("address", ["/receipt/{}", "/receipt/{}/file"])
def test_another_browser_finds_nothing(app, world, kept, address):
    other = Browser(app.test_client(), world.ports.origin)
    assert other.get(address.format(kept.index)).status_code == 404


def test_a_receipt_of_somebody_else_is_not_mine(browser, world, kept):
    others = reset_once(world, card="momiji", claim_id="0b9b5a3e-6f0c-4d5c-9d53-000000000002")
    assert browser.get(f"/receipt/{others.index}").status_code == 404


@pytest.mark.parametrize("index", ["0", "-1", "x", "99999999999999999999999", "%00"])
def test_an_index_of_no_receipt_is_no_page(browser, kept, index):
    assert browser.get(f"/receipt/{index}").status_code == 404


def test_after_the_deadline_it_is_gone(browser, world, kept):
    browser.post("/done")
    world.clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert browser.get(f"/receipt/{kept.index}").status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert browser.get(f"/receipt/{kept.index}").status_code == 404


def test_page_and_file_hold_no_card_terminal_or_reservation(browser, world, kept):
    with world.ports.ledger.begin() as unit:
        (reservation,) = unit.reservations()
    shown = words(browser.get(f"/receipt/{kept.index}")) + words(browser.get(f"/receipt/{kept.index}/file"))
    for hidden in (reservation.id, reservation.card_fingerprint, reservation.other_key_fingerprint, "card 1"):
        assert hidden not in shown
