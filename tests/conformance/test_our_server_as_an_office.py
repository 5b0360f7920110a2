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
from services.pki.policy_signature import PolicySigner


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


class TakesAnyBuild(Fault):
    """Answers whatever it does not understand as if it were a heartbeat."""

    last = None

    def change(self, path, status, headers, octets):
        if not path.endswith("/heartbeats"):
            return status, headers, octets
        if status.startswith("200"):
            self.last = status, headers, octets
        return self.last if status.startswith("400") else (status, headers, octets)


BROKEN = {
    AnswersAnotherHeartbeat: "S-42",
    LetsTheSerialFall: "S-43",
    LivesForAnHour: "S-44",
    SignsWithAnotherKey: "S-45",
    TakesAnyBuild: "S-47",
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
