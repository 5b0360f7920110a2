"""The terminal as a device: enrolled once, heard every twenty seconds, told the policy in the answer."""

from flask import Response, g

from reset_app import services
from reset_app.kiosk_api.authentication import verified
from reset_app.kiosk_api.device_schemas import (
    EnrolmentBody,
    EnrolmentGiven,
    HeartbeatBody,
    PolicyGiven,
)
from reset_app.kiosk_api.routes import SIGNED, blueprint
from reset_app.openapi import operation
from reset_app.wire import answer, parsed
from services.domain import errors
from services.domain.base64url import base64url
from services.domain.terminal import terminal_id_of
from services.domain.terminal_policy import TerminalPolicy
from services.pki.policy_signature import PolicySigner
from services.usecases.enrol_terminal import enrol as enrol_terminal
from services.usecases.hear_terminal import hear_terminal
from services.usecases.suspend import policy_at


@blueprint.post("/enrolments")
@operation(
    "Enrols a terminal: signed with the key that it brings, under the id that belongs to this key",
    takes=EnrolmentBody,
    gives=EnrolmentGiven,
    refuses=(
        errors.TerminalRefused,
        errors.TerminalUnknown,
        errors.RequestReplayed,
        errors.EnrolmentRefused,
        errors.BuildSuspended,
    ),
)
def enrol() -> Response:
    """The same code and key get the same answer; a copy of this request enrols nobody else."""
    body = parsed(EnrolmentBody)
    verified({terminal_id_of(body.public_key): body.public_key})
    policy_key = _signer().public_key
    made = enrol_terminal(services().ports, body.code, body.public_key, body.build)
    given = EnrolmentGiven(
        terminal_id=made.id,
        policy_key=policy_key,
        name=made.name,
        store=made.store,
        place=made.place,
        cohort=made.cohort,
    )
    return answer(given)


@blueprint.post("/heartbeats")
@operation(
    "Says how the terminal is; the answer is the policy, signed, with this heartbeat's nonce in it",
    takes=HeartbeatBody,
    gives=PolicyGiven,
    refuses=(*SIGNED, errors.BuildSuspended),
)
def heartbeat() -> Response:
    """What the terminal may do from now on."""
    body = parsed(HeartbeatBody)
    signer = _signer()
    return _signed(signer, hear_terminal(services().ports, g.terminal_id, body.report, nonce=base64url(body.nonce)))


@blueprint.get("/policy")
def policy() -> Response:
    """The policy for whoever wants to check it; it answers nobody's heartbeat, so that no terminal takes it."""
    ports, signer = services().ports, _signer()
    with ports.ledger.begin() as unit:
        return _signed(signer, policy_at(unit, ports.clock.now()))


def _signed(signer: PolicySigner, found: TerminalPolicy) -> Response:
    octets = found.octets
    return answer(PolicyGiven(policy=octets, signature=signer.sign(octets)))


def _signer() -> PolicySigner:
    signer = services().policy_signer
    if signer is None:
        raise errors.Unavailable(reason="no policy key")
    return signer
