"""What is typed at the kiosk is nowhere afterwards: not in a file, a log, a screen, nor on the wire."""

import io
import logging

import pytest
import structlog
from kiosk_darkness import Dark, dark_at
from kiosk_world import NEW, OLD, SIGNATURE, USER, E, S

from kiosk.crash import CrashPoint
from kiosk.loop import Loop
from kiosk.screens import create_screens
from kiosk.settings import KioskSettings
from services.card.apdu import Instruction
from services.card.virtual.faults import Fault, Moment, Torn, instruction

# Long enough that no hash, nonce or certificate has them by chance; the 4-digit ones are looked for as separate words.
SECRETS = {SIGNATURE: ("QZXJVKWP7731", "WKVQXZPJ9947"), USER: ("7294",)}


@pytest.fixture
def log():
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logging.getLogger().addHandler(handler)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(told), cache_logger_on_first_use=False)
    yield told
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()


def everything_written(world, log) -> str:
    files = [path.read_bytes().decode("latin-1") for path in world.directory.rglob("*") if path.is_file()]
    wire = [path + body.decode("latin-1") for path, body in world.wire.sent]
    return "\n".join([*files, *wire, log.getvalue(), repr(world.kiosk.screens), repr(world.kiosk.controller.__dict__)])


def misfortune_of(world, nth):
    """One after the other: a plain visit, a torn card, a lost server, a power cut."""
    if nth == 1:
        world.plan(Fault(Torn(Moment.AFTER), matches=instruction(Instruction.RESET_RETRY_COUNTER)))
    elif nth == 2:
        world.wire.lose = lambda path: "request" if path.endswith("/completion") else None
    elif nth == 3:
        world.power_on(dark_at(CrashPoint.EVIDENCE_JOURNALLED))


@pytest.mark.parametrize("nth", range(4))
def test_a_new_password_is_nowhere_but_on_the_card(world, log, nth):
    world.reserve()
    misfortune_of(world, nth)
    world.to_new_password()
    secret, other = SECRETS[SIGNATURE]
    world.kiosk.type(secret.lower())
    world.kiosk.type(other)
    try:
        world.set_password(secret)
        world.put()
    except Dark:
        pass
    assert world.card_has(secret)
    written = everything_written(world, log)
    assert "kiosk_screen" in written
    for canary in SECRETS[SIGNATURE]:
        assert canary not in written.upper()


def test_an_other_password_is_nowhere_even_when_it_was_wrong(world, log):
    world.kind = USER
    world.reserve()
    world.to_card()
    world.put()
    for canary in SECRETS[SIGNATURE]:
        world.kiosk.type(canary)
    world.kiosk.touch(E.CANCEL)
    for canary in SECRETS[SIGNATURE]:
        assert canary not in everything_written(world, log).upper()


def test_the_journal_tells_nobodys_name_while_evidence_waits(world):
    world.reserve()
    world.wire.lose = lambda path: "request" if path.endswith("/completion") else None
    assert world.visit() == S.DONE
    files = [path.read_bytes() for path in world.journal_folder.iterdir()]
    assert len(files) == 1
    for personal in ("練習".encode(), "練習県".encode(), b"Renshu-ken", world.card.contents.serial.encode()):
        assert personal in certificate_of(world) or personal == world.card.contents.serial.encode()
        assert personal not in files[0]


def certificate_of(world) -> bytes:
    return world.card.contents.jpki.signature.certificate


def test_a_fault_of_ours_quotes_nothing_that_was_typed(world, log):
    """Even a bug that raises with the entry in its words: the log gets the type and the line."""
    world.reserve()
    world.to_card()
    world.put()
    loop = Loop(world.kiosk.controller, world.kiosk.inbox)

    def burst(entry):
        loop._ended.set()
        raise RuntimeError(entry.entry)

    world.kiosk.controller._before[S.OTHER_PASSWORD, E.ENTERED] = burst
    world.kiosk.inbox.post(entered(world, SECRETS[SIGNATURE][0]))
    loop._run()
    assert world.kiosk.state == S.FAILED
    assert world.kiosk.code == "PR-7999"
    assert "kiosk_fault" in log.getvalue()
    assert SECRETS[SIGNATURE][0] not in log.getvalue()


def entered(world, text):
    from kiosk.inbox import Happening  # noqa: PLC0415

    return Happening(E.ENTERED, step=world.kiosk.screen.step, entry=text)


def test_a_happening_and_a_session_print_no_secret(world):
    world.reserve()
    world.to_new_password()
    happening = entered(world, SECRETS[SIGNATURE][0])
    session = world.kiosk.controller._attendant.session
    assert SECRETS[SIGNATURE][0] not in repr(happening)
    assert OLD[USER] not in repr(session) + repr(session.__dict__)


def test_no_page_of_the_session_repeats_what_was_typed(world):
    world.reserve()
    front, settings = world.kiosk, KioskSettings(listen="127.0.0.1:8090")
    client = create_screens(front, settings, world.clock).test_client()
    pages = []

    def post(address: str, **fields) -> None:
        step = client.get("/state").json["step"]
        answer = client.post(address, data={"step": step, **fields})
        assert answer.status_code == 303
        pages.append(client.get("/").text + client.get("/state").text + str(answer.headers))

    post("/touch")
    post("/service")
    post("/kind", kind=world.kind.value)
    post("/agree")
    world.put()
    for entry in ("9182", "QZXJVKWP7731", OLD[USER]):
        post("/password", password=entry)
    post("/go_on")
    for entry in ("WKVQXZPJ9947", "QZXJVKWP7731", NEW[SIGNATURE], NEW[SIGNATURE]):
        post("/password", password=entry)
    post("/go_on")
    assert world.kiosk.state == S.DONE
    for canary in ("9182", "QZXJVKWP7731", "WKVQXZPJ9947", NEW[SIGNATURE]):
        assert not [page for page in pages if canary in page]
