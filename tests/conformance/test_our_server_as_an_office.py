"""Heartbeats and enrolments: servers with one fault each fail the one requirement that is about it."""

import json

import pytest
from kiosk_backend import application
from server_under_test import SIGNER, Fault, results, trial_of
from verdict import failed

from services.conformance.report import Outcome, conforms
from services.conformance.server_trial import try_server
from services.domain.base64url import base64url, octets_of
from services.domain.canonical import canonical_json
from services.domain.errors import EnrolmentRefused
from services.domain.terminal import PlaceClass, Terminal, terminal_id_of
from services.pki.policy_signature import PolicySigner
from services.usecases import enrol_terminal


class AnotherPolicy(Fault):
    """Tells a changed policy, well signed."""

    signer = SIGNER

    def change(self, path, status, headers, octets):
        if not (path.endswith("/heartbeats") and status.startswith("200")):
            return status, headers, octets
        document = json.loads(octets_of(json.loads(octets)["policy"]))
        policy = self.written({**document, **self.wrong()})
        told = {"policy": base64url(policy), "signature": base64url(self.signer.sign(policy))}
        return status, headers, json.dumps(told).encode()

    def wrong(self):
        return {}

    def written(self, document):
        return canonical_json(document)


class AnswersAnotherHeartbeat(AnotherPolicy):
    def wrong(self):
        return {"answers": base64url(bytes(16))}


class SignsWithAnotherKey(AnotherPolicy):
    signer = PolicySigner(b"q" * 32)


class LetsTheSerialFall(AnotherPolicy):
    left = 100

    def wrong(self):
        self.left -= 1
        return {"serial": self.left}


class LivesForAnHour(AnotherPolicy):
    def wrong(self):
        return {"valid_s": 3600}


class WritesLoosely(AnotherPolicy):
    """Not canonical: every terminal that makes the octets itself finds another signature."""

    def written(self, document):
        return json.dumps(document).encode()


class TellsWhetherACodeExists(Fault):
    """Says of a code that exists that it does."""

    known = ""

    def __call__(self, environ, start_response):
        self._is_known = False
        if environ["PATH_INFO"].endswith("/enrolments"):
            octets = environ["wsgi.input"].read()
            environ["wsgi.input"] = type(environ["wsgi.input"])(octets)
            self._is_known = json.loads(octets).get("code") == self.known
        return super().__call__(environ, start_response)

    def change(self, path, status, headers, octets):
        if self._is_known and status.startswith("403"):
            octets = json.dumps({**json.loads(octets), "detail": "used"}).encode()
        return status, headers, octets


class TakesWhatItRefuses(Fault):
    """Answers a heartbeat that it should refuse as it answered the one before."""

    refusal = ""
    last = None

    def change(self, path, status, headers, octets):
        if not path.endswith("/heartbeats"):
            return status, headers, octets
        if status.startswith("200"):
            self.last = status, headers, octets
        return self.last if status.startswith(self.refusal) else (status, headers, octets)


class TakesAnyBody(TakesWhatItRefuses):
    refusal = "400"


class TakesAnySignature(TakesWhatItRefuses):
    refusal = "403"


class LetsPoliciesBeKept(Fault):
    def change(self, path, status, headers, octets):
        return status, {**headers, **({"Cache-Control": "max-age=60"} if path.endswith("/heartbeats") else {})}, octets


BROKEN = {
    AnswersAnotherHeartbeat: "S-42",
    LetsTheSerialFall: "S-43",
    LivesForAnHour: "S-44",
    SignsWithAnotherKey: "S-45",
    TakesAnySignature: "S-46",
    TakesAnyBody: "S-47",
    LetsPoliciesBeKept: "S-48",
    WritesLoosely: "S-41",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_server_with_a_fault_fails_for_that(world, fault):
    found = results(world, fault(application(world.services)))
    # Nothing can be read from octets that are not in the document's form: every question about them fails.
    wanted = {"S-41", "S-42", "S-43", "S-44", "S-45"} if fault is WritesLoosely else {BROKEN[fault]}
    assert failed(found).keys() == wanted


def test_a_server_that_tells_whether_a_code_exists_fails_for_that(world):
    world.reserve()
    server = TellsWhetherACodeExists(application(world.services))
    trial = trial_of(world, server)
    server.known = trial.enrolment_code
    assert failed(try_server(trial)).keys() == {"S-40"}


def lets_anybody_sign(monkeypatch):
    monkeypatch.setattr("reset_app.kiosk_api.device.verified", lambda _: None)


def takes_any_code(monkeypatch):
    monkeypatch.setattr("reset_app.kiosk_api.device.enrol_terminal", _enrolled)


def takes_a_code_twice(monkeypatch):
    def enrol(ports, code, key, build):
        try:
            return enrol_terminal.enrol(ports, code, key, build)
        except EnrolmentRefused:
            with ports.ledger.begin() as unit:
                if enrol_terminal._opened(ports, unit, code.replace("-", "")) is None:
                    raise
            return _enrolled(ports, code, key, build)

    monkeypatch.setattr("reset_app.kiosk_api.device.enrol_terminal", enrol)


def _enrolled(_ports, _code, key, _build):
    return Terminal(terminal_id_of(key), key, "二", PlaceClass.STORE)


# Where no code is ever used up, what is told of a used one cannot be compared; where all are taken, no policy key comes of it.
OFFICES = {
    lets_anybody_sign: {"S-37"},
    takes_any_code: {"S-38", "S-39", "S-40", "S-45"},
    takes_a_code_twice: {"S-39", "S-40"},
}


@pytest.mark.parametrize("office", OFFICES)
def test_an_office_that_lets_in_whoever_comes_fails_for_that(world, monkeypatch, office):
    office(monkeypatch)
    assert failed(results(world, application(world.services))).keys() == OFFICES[office]


class HasNoDevices(Fault):
    """A server of the first draft: nobody is enrolled or heard."""

    def change(self, path, status, headers, octets):
        is_device = path.endswith(("/heartbeats", "/enrolments"))
        return ("404 NOT FOUND", headers, b"{}") if is_device else (status, headers, octets)


def test_a_server_without_the_devices_half_does_not_conform(world):
    found = results(world, HasNoDevices(application(world.services)))
    assert {f"S-{number}" for number in range(37, 49)} == failed(found).keys()


def test_without_key_and_code_their_requirements_are_not_tried(world):
    world.reserve()
    trial = trial_of(world, application(world.services))
    trial.enrolment_code = ""
    found = list(try_server(trial))
    untried = {one.requirement.number for one in found if one.outcome is Outcome.NOT_TRIED}
    assert (untried, conforms(found)) == ({"S-39", "S-40", "S-45"}, True)


def test_the_key_that_the_operator_gives_is_the_one_that_counts(world):
    world.reserve()
    trial = trial_of(world, application(world.services))
    trial.enrolment_code, trial.policy_key = "", PolicySigner(b"q" * 32).public_key
    assert failed(try_server(trial)).keys() == {"S-45"}
