"""The printed receipt: what stands on it, and that no printer whatever delays or spoils a reset."""

import json
import socket
from datetime import timedelta

import pytest
from escpos.exceptions import DeviceNotFoundError
from escpos.printer import Dummy
from escpos_reader import read_page
from kiosk_world import NEW, E, S

from kiosk.escpos_printer import EscposPrinter
from kiosk.paper import Paper, PaperDesk
from kiosk.printer import NoPrinter, open_printer, printer_setting
from kiosk.receipt_paper import COLUMNS, wrapped
from services.domain.errors import PrinterFailed
from services.domain.receipt import read_receipt
from services.domain.reservation import ReservationState


class Paperless(Dummy):
    """A network printer that answers questions."""

    online, paper = True, 2

    def open(self):
        pass

    def close(self):
        pass

    def is_online(self):
        return self.online

    def paper_status(self):
        return self.paper


def with_printer(world, device):
    """The shop's terminal with this printer."""
    world.printer = PaperDesk(EscposPrinter(lambda: device, lambda: True, tells_of_paper=True))
    world.power_on()
    return world


@pytest.fixture
def device():
    return Paperless()


def printed(world, device):
    world.reserve()
    assert with_printer(world, device).visit() == S.DONE
    world.printer.work()
    world.kiosk.wait()
    return device.output


def test_the_paper_says_what_when_and_where_and_carries_the_receipt(either, device):
    page = read_page(printed(either, device))
    told = page.text.replace("\n", "")
    kept = read_receipt(page.code.encode())
    for said in (
        f"{either.kind.label}の初期化・再設定",
        "2026/11/21 09:00 (JST)",
        "コンビニエンスストア等",
        str(kept.index),
    ):
        assert said in told
    assert page.cut
    assert kept.kind is either.kind


def test_nothing_personal_is_on_the_paper(world, device):
    octets = printed(world, device)
    for secret in (NEW[world.kind], world.other_password, "kiosk-1", "練習店"):
        assert secret.encode("cp932") not in octets


def test_no_line_is_longer_than_the_paper(either, device):
    page = read_page(printed(either, device))
    widths = [len(line.encode("cp932")) * (2 if large else 1) for line, _, large in page.lines]
    assert max(widths) <= COLUMNS


def test_the_result_is_shown_first_and_the_paper_after_it(world, device):
    world.reserve()
    assert with_printer(world, device).visit() == S.DONE
    assert (world.kiosk.screen.paper, device.output) == (Paper.PRINTING, b"")
    world.printer.work()
    world.kiosk.wait()
    assert (world.kiosk.state, world.kiosk.screen.paper) == (S.DONE, Paper.PRINTED)


@pytest.mark.parametrize("trouble", [{"paper": 0}, {"online": False}, {"_raw": None}])
def test_a_printer_without_paper_or_line_spoils_nothing(world, device, trouble):
    def broken(*_):
        raise TimeoutError

    vars(device).update({name: broken if value is None else value for name, value in trouble.items()})
    reservation = world.reserve()
    assert with_printer(world, device).visit() == S.DONE
    world.printer.work()
    world.kiosk.wait()
    assert (world.kiosk.state, world.kiosk.screen.paper) == (S.DONE, Paper.FAILED)
    assert world.state_of(reservation) is ReservationState.COMPLETED
    assert world.card_has(NEW[world.kind])


def test_a_printer_that_hangs_costs_the_next_person_a_receipt_and_no_time(world, device):
    world.reserve()
    with_printer(world, device).visit()  # nobody works at the printer
    world.kiosk.touch(E.FINISH)
    world.take()
    world.clock.advance(timedelta(seconds=10))
    world.reserve()
    assert world.visit("KAERU55") == S.DONE
    assert world.kiosk.screen.paper is Paper.FAILED


def test_what_comes_from_the_printer_too_late_changes_no_other_screen(world, device):
    world.reserve()
    with_printer(world, device).visit()
    world.kiosk.touch(E.FINISH)
    world.printer.work()
    world.kiosk.wait()
    assert (world.kiosk.state, world.kiosk.screen.paper) == (S.REMOVE_CARD, None)


def test_without_a_printer_the_screen_says_nothing_of_paper(world):
    world.reserve()
    assert world.visit() == S.DONE
    assert world.kiosk.screen.paper is None


@pytest.mark.parametrize("receipt", [None, 5, "x", {}, [1.5], {"format": "mnc-reset-receipt:1", "index": "x"}])
def test_a_receipt_that_is_none_costs_nobody_the_completion(world, device, receipt):
    def garble(answer):
        found = json.loads(answer)
        return json.dumps({**found, "receipt": receipt}).encode()

    world.wire.change = {"/completion": garble}
    world.reserve()
    assert with_printer(world, device).visit() == S.DONE
    world.printer.work()
    assert (world.kiosk.screen.paper, device.output) == (None, b"")


def test_evidence_that_waits_has_no_receipt_yet(world, device):
    world.wire.lose = lambda path: "request" if path.endswith("/completion") else None
    world.reserve()
    assert with_printer(world, device).visit() == S.DONE
    assert (world.kiosk.screen.pending, world.kiosk.screen.paper) == (True, None)


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "usb",
        "file:",
        "file:relative",
        "file:/a\0b",
        "network:",
        "network:a:0",
        "network:a:99999",
        "network:a b",
        "None",
    ],
)
def test_a_setting_that_is_no_printer_is_refused(setting):
    with pytest.raises(ValueError, match="a printer is"):
        printer_setting(setting)


@pytest.mark.parametrize("setting", ["file:/dev/usb/lp0", "network:printer.example", "network:10.0.0.7:9100"])
def test_a_printer_is_opened_only_to_print(setting):
    assert open_printer(printer_setting(setting)).wanted


def test_a_file_printer_is_there_while_its_file_is(tmp_path):
    file = tmp_path / "lp0"
    printer = open_printer(f"file:{file}")
    assert not printer.is_there()
    file.touch()
    assert printer.is_there()
    file.unlink()
    assert not printer.is_there()


@pytest.mark.enable_socket
def test_a_network_printer_is_there_while_it_takes_connections():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        printer = open_printer(f"network:127.0.0.1:{listening.getsockname()[1]}")
        assert printer.is_there()
    assert not printer.is_there()
    assert not open_printer("network:a..b").is_there()


def test_a_printer_at_work_is_there_without_being_asked(world):
    asked = []

    def device():
        asked.append(printer.is_there())
        raise DeviceNotFoundError("x")

    printer = EscposPrinter(device, lambda: False)
    with pytest.raises(PrinterFailed):
        printer.print(_receipt(world))
    assert [True] == asked
    assert not printer.is_there()


def test_a_printer_on_a_file_writes_the_job_there(world, tmp_path):
    world.printer = PaperDesk(open_printer(f"file:{tmp_path / 'paper'}"))
    world.power_on()
    world.reserve()
    world.visit()
    world.printer.work()
    assert read_page((tmp_path / "paper").read_bytes()).cut


def test_a_device_that_is_not_there_is_a_printer_that_fails(world, tmp_path):
    with pytest.raises(PrinterFailed):
        open_printer(f"file:{tmp_path / 'no' / 'such'}").print(_receipt(world))
    with pytest.raises(PrinterFailed):
        NoPrinter().print(_receipt(world))
    gone = Paperless()
    gone.open = lambda: (_ for _ in ()).throw(DeviceNotFoundError("x"))
    with pytest.raises(PrinterFailed):
        EscposPrinter(lambda: gone, lambda: False).print(_receipt(world))


def _receipt(world):
    world.reserve()
    page = Paperless()
    with_printer(world, page).visit()
    world.printer.work()
    world.kiosk.touch(E.FINISH)
    world.take()
    return read_receipt(read_page(page.output).code.encode())


def test_words_stay_whole_and_long_values_are_broken():
    assert list(wrapped("the reset of a password", 10)) == ["the reset", "of a", "password"]
    assert list(wrapped("x" * 25, 10)) == ["x" * 10, "x" * 10, "x" * 5]
    assert list(wrapped("初期化・再設定", 10)) == ["初期化・再", "設定"]
    assert list(wrapped("", 10)) == [""]
