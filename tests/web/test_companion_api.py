"""The companion's interface: the task once, the proof once, and a code for every refusal."""

import pytest
from builders import FRONT
from companion_bodies import AGENT, UNKNOWN, VERBS, attached, is_problem, octets, result_body, sender

from services.domain.errors import CardSignatureInvalid, RevocationUnavailable
from services.domain.intake import IntakeState
from services.usecases.card_session import open_card_session
from services.usecases.read_card_front import confirm_front
from services.usecases.start_intake import start_intake


@pytest.fixture
def opened(world):
    """A session as the page opens it."""
    intake = start_intake(world.ports, kind="signature", terms_accepted=True).intake
    confirm_front(world.ports, intake.id, FRONT, method="hand")
    return intake, open_card_session(world.ports, intake.id)


@pytest.fixture
def post(app):
    return sender(app)


def test_the_task_names_kind_nonce_and_card_front(post, opened):
    task = attached(post, opened[1]).json
    assert len(octets(task.pop("nonce"))) == 32
    assert task == {
        "kind": "signature",
        "origin": "https://reset.example",
        "number_b": {
            "birth": "1989-03-31",
            "expiry": "2030-03-31",
            "security_code": "2285",
            "western_birth_year": False,
        },
        "ends_at": "2026-11-21T00:05:00Z",
        "rehearsal": True,
    }


def test_the_task_is_given_once(post, opened):
    attached(post, opened[1])
    is_problem(attached(post, opened[1]), 403, "PR-3001")


def test_a_proof_is_accepted_once(post, opened, world):
    intake, session = opened
    body = result_body(session.secret, octets(attached(post, session).json["nonce"]))
    first, second = post(session.id, "result", body), post(session.id, "result", body)
    assert (first.status_code, first.json) == (200, {"state": "accepted"})
    is_problem(second, 403, "PR-3001")
    with world.ports.ledger.begin() as unit:
        assert unit.intake(intake.id).state is IntakeState.CHIP_READ


@pytest.mark.parametrize(("refusal", "status"), [(CardSignatureInvalid(), 403), (RevocationUnavailable(), 503)])
def test_a_refused_proof_is_told_by_its_code(post, opened, world, refusal, status):
    session = opened[1]
    nonce = octets(attached(post, session).json["nonce"])
    world.proofs.refusal = refusal
    is_problem(post(session.id, "result", result_body(session.secret, nonce)), status, refusal.code)


def test_a_failure_ends_the_session(post, opened):
    session = opened[1]
    nonce = octets(attached(post, session).json["nonce"])
    failed = post(session.id, "failure", {"secret": session.secret, "code": "PR-4001"})
    assert (failed.status_code, failed.json) == (200, {"state": "failed"})
    assert nonce


def test_a_failure_needs_a_code_of_the_catalogue(post, opened):
    session = opened[1]
    refused = post(session.id, "failure", {"secret": session.secret, "code": "PR-9999"})
    assert is_problem(refused, 400, "PR-1001").where == "code"


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_secret_and_an_unknown_session_are_not_told_apart(post, opened, verb):
    session = opened[1]
    secret = "x" * 43
    bodies = {
        "attach": {"secret": secret, "agent": AGENT},
        "result": result_body(secret, bytes(32)),
        "failure": {"secret": secret, "code": "PR-4001"},
    }
    answers = [post(known, verb, bodies[verb]) for known in (session.id, UNKNOWN)]
    assert [answer.data for answer in answers] == [answers[0].data] * 2
    is_problem(answers[0], 403, "PR-3001")
