"""The heartbeat: what a server must answer, what it must refuse, and that these answers are like all its others."""

import json
import secrets
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.policy import HEARTBEAT_S, LONGEST_LIFE_S, Policy, read_policy
from services.conformance.report import NotTried, demand
from services.conformance.server_answers import demand_like_all
from services.conformance.server_enrolment import DEVICE
from services.conformance.server_trial import ServerTrial, requires
from services.conformance.terminal import JSON, Terminal, refused
from services.domain.base64url import base64url

_BEATS: Final = 4
_REFUSED: Final = ("PR-3403", "PR-3406", "PR-3407")
_COUNT: Final = (-1, 1_000_001, "1", None)
_WRONG: Final[dict[str, tuple[object, ...]]] = {
    "nonce": ("", base64url(bytes(15)), base64url(bytes(17)), base64url(bytes(16)) + "==", 5, None),
    "build": ("", "b" * 65, "a build", 5, None),
    "policy_serial": (-1, 2**53, "1", None),
    "clock_offset_ms": (2**53, 0.5, "1"),
    "reader": ("", "broken", 5, None),
    "printer": ("", "broken", 5, None),
    "disk_writable": (1, "true", None),
    "disk_free_mb": (-1, 2**40 + 1, "1", None),
    "journal_waiting": _COUNT,
    "journal_damaged": _COUNT,
    "journal_newer": _COUNT,
    "closed": ("c" * 33, "NO", 5, None),
}


@requires("A heartbeat is answered with a policy: every field in its form, in canonical octets", f"{DEVICE}; RFC 8785")
def policy_given(trial: ServerTrial) -> None:
    _beat(trial)


@requires("The policy repeats the nonce of this very heartbeat", DEVICE)
def this_nonce(trial: ServerTrial) -> None:
    for _ in range(2):
        body = _body(trial)
        answers = _beat(trial, body).document["answers"]
        demand(answers == body["nonce"], "the policy answers another heartbeat")


@requires("The policy's serial never falls", DEVICE)
def serial(trial: ServerTrial) -> None:
    for _ in range(_BEATS):
        _beat(trial)
    serials = [policy.document["serial"] for policy in trial.policies]
    demand(min(serials) >= 0 and serials == sorted(serials), f"the serials were {serials}")


@requires("The policy lives longer than a heartbeat's pause, and at most 45 seconds", f"{DEVICE}: valid_s")
def life(trial: ServerTrial) -> None:
    valid_s = _beat(trial).document["valid_s"]
    demand(HEARTBEAT_S < valid_s <= LONGEST_LIFE_S, f"it lives for {valid_s} seconds")


@requires("The policy is signed with the policy key", f"{DEVICE}; RFC 8032")
def signature(trial: ServerTrial) -> None:
    if not trial.policy_key:
        raise NotTried("there is no policy key", is_allowed=not trial.enrolment_code)
    _beat(trial).demand_signed(trial.policy_key)


@requires("A heartbeat that is not signed, signed by another key, altered or replayed is refused", DEVICE)
def not_signed(trial: ServerTrial) -> None:
    terminal, octets = trial.terminal, json.dumps(_body(trial)).encode()
    refused(terminal.send("heartbeats", octets, JSON), 403, *_REFUSED)
    key = Ed25519PrivateKey.generate()
    other = Terminal(terminal.client, terminal.origin, terminal.keyid, key, terminal.clock, terminal.heard)
    refused(other.ask("heartbeats", _body(trial)), 403, *_REFUSED)
    headers = terminal.headers("heartbeats", octets)
    refused(terminal.send("heartbeats", json.dumps(_body(trial)).encode(), headers), 403, *_REFUSED)
    demand(terminal.send("heartbeats", octets, headers).status_code == httpx.codes.OK, "it was refused at first")
    refused(terminal.send("heartbeats", octets, headers), 403, "PR-3404")


@requires("A heartbeat with a field that is missing, unknown, or not in its form is refused", "openapi.json: limits")
def form(trial: ServerTrial) -> None:
    right = _body(trial)
    refused(trial.terminal.ask("heartbeats", {**right, "more": 1}), 400, "PR-1001")
    for name, values in _WRONG.items():
        without = {key: value for key, value in right.items() if key != name}
        for wrong in (without, *({**right, name: value} for value in values)):
            refused(trial.terminal.ask("heartbeats", wrong), 400, "PR-1001")


@requires("The answers to enrolments and heartbeats are like all others", "as S-33 to S-36")
def like_all(trial: ServerTrial) -> None:
    demand_like_all(trial, [one for one in trial.terminal.heard if one.path in ("enrolments", "heartbeats")])


def _body(trial: ServerTrial) -> dict[str, Any]:
    """A right heartbeat, with a fresh nonce."""
    return {
        "nonce": base64url(secrets.token_bytes(16)),
        "build": trial.build,
        "policy_serial": 0,
        "clock_offset_ms": None,
        "reader": "present",
        "printer": "off",
        "disk_writable": True,
        "disk_free_mb": 1000,
        **dict.fromkeys(("journal_waiting", "journal_damaged", "journal_newer"), 0),
        "closed": "",
    }


def _beat(trial: ServerTrial, body: dict[str, Any] | None = None) -> Policy:
    policy = read_policy(trial.terminal.get("heartbeats", body or _body(trial)))
    trial.policies.append(policy)
    return policy
