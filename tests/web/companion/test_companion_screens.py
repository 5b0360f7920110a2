"""The companion's screens in Chromium at phone size, handed over to by the server's own page and handing back to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import pytest
from builders import NINE
from companion_desk import PIN, SIGNATURE_PASSWORD, Issued, make_server
from playwright.sync_api import Page, expect
from real_port import served
from screens import AXE, CHROMIUM, PHONE, ROOT, Inspector, chromium, need, picture_folder

from reset_app.companion.app import create_companion
from reset_app.companion.flow import Flow
from reset_app.companion.reader_thread import ReaderThread
from reset_app.companion.server import Server, client
from reset_app.companion.settings import CompanionSettings
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents, Pin
from services.card.virtual.faults import Fault, FaultScript, Slow, instruction
from services.card.virtual.reader import VirtualReader
from services.domain.card import CardFront
from services.domain.password import PasswordKind
from services.ports import Ports
from services.usecases.read_card_front import confirm_front
from services.usecases.start_intake import start_intake

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
PORT, COMPANION_PORT = 18441, 18442
ORIGIN, COMPANION = f"http://127.0.0.1:{PORT}", f"http://127.0.0.1:{COMPANION_PORT}"
BUILD = ROOT / "reset_app" / "static" / "build" / "app.css"
PHONE_CONTEXT = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}
LONGEST_S = 30.0


@dataclass
class Phone:
    """A browser with the server's and the companion's pages, and a card on the reader beside it."""

    page: Page
    ports: Ports
    issued: Issued
    reader: VirtualReader

    def hand_over(self, kind: PasswordKind, front: CardFront | None = None) -> None:
        """From the server's ICカードセット案内 to the companion's first screen, by the page's own form."""
        started = start_intake(self.ports, kind=kind.value, terms_accepted=True)
        confirm_front(self.ports, started.intake.id, front or self.issued.front, method="hand")
        self.page.context.clear_cookies()
        self.page.context.add_cookies([{"name": "intake", "value": started.token, "url": ORIGIN}])
        self.page.goto(f"{ORIGIN}/card")
        self.page.get_by_role("button", name="次へ").click()
        self.see("consent")

    def see(self, screen: str) -> None:
        expect(self.page.locator(f'main[data-screen="{screen}"]')).to_be_visible(timeout=LONGEST_S * 1000)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def to_placement(self, kind: PasswordKind, front: CardFront | None = None) -> None:
        self.hand_over(kind, front)
        self.press("内容を確認して進む")
        self.see("placement")

    def to_password(self, kind: PasswordKind, front: CardFront | None = None) -> None:
        self.to_placement(kind, front)
        self.press("次へ")
        self.see("password")

    def enter(self, text: str) -> None:
        self.page.fill("input[name=password]", text)
        self.press("次へ")

    def lay(self, change: Callable[[CardContents], CardContents] = lambda contents: contents) -> None:
        self.reader.insert(VirtualCard(change(self.issued.contents)))

    def lay_slow(self, nth_select: int) -> Event:
        """A card that waits, at this SELECT, for the event that is returned."""
        go_on = Event()
        script = FaultScript(
            [Fault(Slow(LONGEST_S), nth=nth_select, matches=instruction(0xA4))],
            wait=go_on.wait,
        )
        self.reader.insert(script.around(VirtualCard(self.issued.contents)))
        return go_on


@contextmanager
def companion(reader: VirtualReader) -> Iterator[None]:
    thread = ReaderThread(reader)
    settings = CompanionSettings(servers=(ORIGIN,), port=COMPANION_PORT)
    with client() as line, served(create_companion(settings, Flow(thread, Server(line))), COMPANION_PORT):
        yield
    thread.close()


@pytest.fixture
def phone(issued, tmp_path) -> Iterator[Phone]:
    need(AXE, CHROMIUM, BUILD)
    server = make_server(issued, tmp_path / "server", origin=ORIGIN, companion_origin=COMPANION)
    reader = VirtualReader()
    reader.insert(VirtualCard(issued.contents))
    with served(server.site.app, PORT), companion(reader), chromium(None, **PHONE_CONTEXT) as context:
        assert server.site.world.clock.now() == NINE
        yield Phone(context.new_page(), server.site.world.ports, issued, reader)


@pytest.fixture
def inspector(phone, tmp_path) -> Inspector:
    made = Inspector(picture_folder(tmp_path, "companion"))
    made.watch(phone.page)
    return made


def tries(pin: Pin, left: int) -> Callable[[CardContents], CardContents]:
    return lambda contents: contents.with_pin(pin, replace(contents.pins[pin], tries_left=left))


def test_the_way_through_the_companion_and_back(phone: Phone, inspector: Inspector):
    phone.hand_over(SIGNATURE)
    inspector.look(phone.page, "01-consent")
    phone.press("内容を確認して進む")
    expect(phone.page.get_by_text("カードが置かれています")).to_be_visible()
    inspector.look(phone.page, "02-placement")
    go_on = phone.lay_slow(2)
    phone.press("次へ")
    phone.see("looking")
    inspector.look(phone.page, "03-looking")
    go_on.set()
    phone.see("password")
    phone.page.fill("input[name=password]", PIN)
    assert phone.page.locator("[data-counter]").text_content() == "4"
    inspector.look(phone.page, "04-password")
    phone.press("表示")
    assert phone.page.locator("#password").get_attribute("type") == "text"
    go_on = phone.lay_slow(6)
    phone.press("次へ")
    phone.see("reading")
    expect(phone.page.locator('[data-stage="face"][aria-current]')).to_be_visible()
    inspector.look(phone.page, "05-reading")
    go_on.set()
    phone.page.wait_for_url(f"{ORIGIN}/card/return", timeout=LONGEST_S * 1000)
    assert inspector.wrong == []


def test_the_screens_for_the_signature_password(phone: Phone, inspector: Inspector):
    phone.to_placement(USER)
    phone.reader.remove()
    expect(phone.page.get_by_text("カードが置かれていません")).to_be_visible()
    phone.press("次へ")
    expect(phone.page.locator('main[data-code="PR-6002"]')).to_be_visible()
    inspector.look(phone.page, "06-no-card")
    phone.lay()
    phone.press("次へ")
    phone.see("password")
    inspector.look(phone.page, "07-signature-password")
    phone.enter(PIN)
    expect(phone.page.locator('main[data-code="PR-1101"]')).to_be_visible()
    inspector.look(phone.page, "08-malformed")
    phone.enter("WRONG000")
    expect(phone.page.locator('main[data-code="PR-3601"]')).to_be_visible()
    inspector.look(phone.page, "09-wrong")
    phone.enter(SIGNATURE_PASSWORD)
    phone.page.wait_for_url(f"{ORIGIN}/card/return", timeout=LONGEST_S * 1000)
    assert inspector.wrong == []


def test_the_screens_of_refusals(phone: Phone, inspector: Inspector):
    phone.lay(tries(Pin.USER_AUTHENTICATION, 1))
    phone.to_password(SIGNATURE)
    inspector.look(phone.page, "10-last-try")
    phone.press("中止してサイトに戻る")
    phone.page.wait_for_url(f"{ORIGIN}/card/return")
    phone.lay(tries(Pin.USER_AUTHENTICATION, 0))
    phone.to_placement(SIGNATURE)
    phone.press("次へ")
    phone.see("failed")
    inspector.look(phone.page, "11-locked")
    phone.lay()
    other = "0000" if phone.issued.front.security_code != "0000" else "1111"
    phone.to_password(SIGNATURE, replace(phone.issued.front, security_code=other))
    phone.enter(PIN)
    phone.see("failed")
    inspector.look(phone.page, "12-wrong-card-front")
    phone.page.get_by_role("link", name="サイトに戻る").click()
    phone.page.wait_for_url(f"{ORIGIN}/card/return")
    assert inspector.wrong == []


def test_the_screen_for_somebody_who_has_no_visit(phone: Phone, inspector: Inspector, tmp_path: Path):
    phone.page.goto(f"{COMPANION}/visit")
    phone.see("error")
    inspector.look(phone.page, "13-no-visit")
    # Chromium reports every answer of the 400s to a navigation on its console.
    assert [fault for fault in inspector.wrong if "404" not in fault] == []
