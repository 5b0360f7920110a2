"""A password goes to the card and nowhere else: canaries, and what this program may import."""

import ast
import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from companion_desk import PIN, SIGNATURE_PASSWORD, ResidentsDesk
from structlog.testing import capture_logs

from services.card.virtual.faults import Fault, FaultScript, Moment, Torn, instruction_with_data
from services.domain.password import Password, PasswordKind

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
PROGRAM = Path(__file__).parents[3] / "reset_app" / "companion"
WRONG = "QUARTZ77"  # cannot stand in a page, a certificate or an id by accident


def accepted(desk: ResidentsDesk) -> None:
    desk.to_password(USER)
    desk.press("password", {"password": SIGNATURE_PASSWORD})


def rejected(desk: ResidentsDesk) -> None:
    desk.to_password(USER)
    desk.press("password", {"password": WRONG})


def malformed(desk: ResidentsDesk) -> None:
    desk.to_password(USER)
    desk.press("password", {"password": f"{WRONG} {SIGNATURE_PASSWORD}"})


def in_the_wrong_field(desk: ResidentsDesk) -> None:
    desk.to_password(SIGNATURE)
    desk.press("password", {"password": SIGNATURE_PASSWORD})


def pulled(desk: ResidentsDesk) -> None:
    desk.to_password(USER)
    script = FaultScript([Fault(Torn(Moment.AFTER), nth=2, matches=instruction_with_data(0x20))])
    desk.lay(desk.card.contents, script.around)
    desk.press("password", {"password": SIGNATURE_PASSWORD})


def stale(desk: ResidentsDesk) -> None:
    desk.hand_over(USER)
    desk.press("password", {"password": SIGNATURE_PASSWORD})


def refused_by_the_server(desk: ResidentsDesk) -> None:
    desk.to_password(USER)
    desk.line.cut = lambda path: path.endswith("/result")
    desk.press("password", {"password": SIGNATURE_PASSWORD})


WAYS = [accepted, rejected, malformed, in_the_wrong_field, pulled, stale, refused_by_the_server]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_password_is_in_no_log_page_address_or_message(desk, capsys, caplog, way: Callable[[ResidentsDesk], None]):
    with capture_logs() as logs:
        way(desk)
    answer = desk.client.get("/visit", base_url="http://127.0.0.1:24727")
    status = desk.client.get("/visit/status", base_url="http://127.0.0.1:24727")
    said = [str(logs), caplog.text, *capsys.readouterr(), answer.get_data(as_text=True), str(answer.headers)]
    said += [status.get_data(as_text=True), *(url for url, _ in desk.line.sent)]
    sent = b"".join(body for _, body in desk.line.sent)
    for secret in (SIGNATURE_PASSWORD, WRONG):
        assert [text for text in said if secret in text] == []
        assert secret.encode() not in sent


def test_the_trace_of_the_card_shows_commands_and_no_secret(desk):
    with capture_logs() as logs:
        accepted(desk)
    exchanges = [entry["exchange"] for entry in logs if entry["event"] == "card_exchange"]
    assert any("VERIFY" in exchange and "hidden" in exchange for exchange in exchanges)
    assert SIGNATURE_PASSWORD.encode().hex().upper() not in "".join(exchanges)


def test_the_session_secret_is_in_no_log_and_no_page(desk):
    with capture_logs() as logs:
        accepted(desk)
        page = desk.page()
    assert desk.task["secret"] not in str(logs) + page + "".join(url for url, _ in desk.line.sent)


class Witness:
    """A card that keeps hold of every password object that came to life with it and lives while it is shown one."""

    def __init__(self, card, script):
        self._card = script.around(card)
        self.held: list[Password] = []
        self._elders = [item for item in gc.get_objects() if isinstance(item, Password)]  # other tests' own

    def transmit(self, command):
        if instruction_with_data(0x20)(command):
            elders = {id(item) for item in self._elders}
            passwords = (item for item in gc.get_objects() if isinstance(item, Password))
            self.held += [item for item in passwords if id(item) not in elders]
        return self._card.transmit(command)

    def reset(self):
        self._card.reset()


@pytest.mark.parametrize("pull", [None, Moment.BEFORE, Moment.AFTER])
@pytest.mark.parametrize("entry", [SIGNATURE_PASSWORD, WRONG])
def test_a_password_is_wiped_however_the_reading_ends(desk, entry, pull):
    faults = [] if pull is None else [Fault(Torn(pull), nth=2, matches=instruction_with_data(0x20))]
    witnesses: list[Witness] = []
    desk.to_password(USER)
    desk.lay(desk.card.contents, lambda card: witnesses.append(Witness(card, FaultScript(faults))) or witnesses[0])
    desk.press("password", {"password": entry})
    desk.thread.settle()
    assert witnesses[0].held, "the card saw no password, so nothing is proven"
    assert {password.octets for password in witnesses[0].held} == {b""}


def test_the_entry_field_keeps_nothing(desk):
    desk.to_password(SIGNATURE)
    page = desk.page()
    field = page[page.index('<input id="password"') :]
    field = field[: field.index(">")]
    for attribute in ('type="password"', 'autocomplete="off"', 'inputmode="numeric"'):
        assert attribute in field
    assert "value=" not in field
    assert PIN not in page


def test_the_program_starts_without_the_servers_parts():
    program = (
        "import sys; import reset_app.companion.__main__;"
        "print([name for name in ('sqlalchemy', 'services.storage', 'services.bootstrap', 'cv2', 'reset_app.application')"
        " if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def imported(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return whole | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_the_program_uses_only_the_card_the_domain_and_the_signed_bytes():
    used = set().union(*(imported(path) for path in PROGRAM.glob("*.py")))
    ours = {name for name in used if name.split(".")[0] in ("services", "reset_app", "kiosk")}
    allowed = ("reset_app.companion", "services.card.", "services.domain", "services.pki.statement", "services.ports")
    assert {name for name in ours if not name.startswith(allowed)} == {"services.clock", "services.logs"}
