"""A terminal is let in by a code that works once, for a while, and not for who guesses."""

import pytest

from services.domain.audit import AuditEvent
from services.domain.errors import BuildSuspended, EnrolmentRefused, InvalidInput
from services.domain.terminal import PlaceClass, terminal_id_of
from services.usecases.enrol_terminal import CODE_LIFE, TRIES, Place, enrol, issue_code

PLACE = Place("駅前店 1号機", PlaceClass.STORE, "S-0107", "pilot")
KEY, OTHER_KEY, BUILD = b"k" * 32, b"o" * 32, "0.1.0+ab12"


@pytest.fixture
def code(world):
    return issue_code(world.ports, PLACE, by="2001")


def test_a_code_binds_the_terminal_to_its_place(world, code):
    enrolled = enrol(world.ports, code, KEY, BUILD)
    assert (enrolled.id, enrolled.store, enrolled.place, enrolled.cohort, enrolled.name) == (
        terminal_id_of(KEY),
        "S-0107",
        PlaceClass.STORE,
        "pilot",
        "駅前店 1号機",
    )
    with world.ports.ledger.begin() as unit:
        assert unit.terminal(enrolled.id) == enrolled
        assert [entry.event for entry in unit.audit_of(enrolled.id)] == [AuditEvent.TERMINAL_ENROLLED]


def test_the_same_terminal_that_lost_the_answer_gets_it_again(world, code):
    assert enrol(world.ports, code, KEY, BUILD) == enrol(world.ports, code, KEY, BUILD)


def test_a_code_is_good_for_one_key(world, code):
    enrol(world.ports, code, KEY, BUILD)
    with pytest.raises(EnrolmentRefused):
        enrol(world.ports, code, OTHER_KEY, BUILD)


def test_a_code_is_good_for_fifteen_minutes(world, code):
    world.clock.advance(CODE_LIFE)
    with pytest.raises(EnrolmentRefused):
        enrol(world.ports, code, KEY, BUILD)


def test_a_code_may_be_typed_as_people_type(world, code):
    assert enrol(world.ports, code.lower().replace("-", " ").replace("0", "o").replace("1", "l"), KEY, BUILD)


def test_a_code_that_was_guessed_at_five_times_is_void(world, code):
    wrong = code[:5] + ("0000" if code[5:9] != "0000" else "1111") + code[9:]
    for _ in range(TRIES):
        with pytest.raises(EnrolmentRefused):
            enrol(world.ports, wrong, KEY, BUILD)
    with pytest.raises(EnrolmentRefused):
        enrol(world.ports, code, KEY, BUILD)


def test_guesses_at_one_code_cost_another_nothing(world, code):
    other = issue_code(world.ports, PLACE, by="2001")
    for _ in range(TRIES + 1):
        with pytest.raises(EnrolmentRefused):
            enrol(world.ports, code[:5] + "ZZZZ" + code[9:], KEY, BUILD)
    assert enrol(world.ports, other, OTHER_KEY, BUILD)


def test_the_code_is_nowhere_but_with_who_asked_for_it(world, code, tmp_path):
    secret = code.replace("-", "")[4:].encode()
    enrol(world.ports, code, KEY, BUILD)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert (secret in kept, code.encode() in kept, b"S-0107" in kept) == (False, False, True)


def test_an_unknown_build_does_not_use_the_code_up(world, code):
    with world.ports.ledger.begin() as unit:
        unit.add_build("0.2.0", at=world.clock.now(), by="2001")
    with pytest.raises(BuildSuspended):
        enrol(world.ports, code, KEY, BUILD)
    assert enrol(world.ports, code, KEY, "0.2.0")


@pytest.mark.parametrize("typed", ["", "AAAA", "A" * 20, "あ" * 20, "AAAA-" * 100])
def test_nonsense_is_no_code(world, code, typed):
    with pytest.raises(EnrolmentRefused):
        enrol(world.ports, typed, KEY, BUILD)


@pytest.mark.parametrize(
    "place",
    [
        Place("", PlaceClass.STORE, "S-1", "pilot"),
        Place("a\nb", PlaceClass.STORE, "S-1", "pilot"),
        Place("n" * 101, PlaceClass.STORE, "S-1", "pilot"),
        Place("a", PlaceClass.STORE, "", "pilot"),
        Place("a", PlaceClass.STORE, "S 1", "pilot"),
        Place("a", PlaceClass.STORE, "S-1", "先行"),
    ],
)
def test_a_code_for_a_place_that_cannot_be_named_is_not_issued(world, place):
    with pytest.raises(InvalidInput):
        issue_code(world.ports, place, by="2001")
