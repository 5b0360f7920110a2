"""Terminals are let in by a one-time code: what is refused, and that no refusal says whether a code exists."""

import secrets
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.report import NotTried, demand
from services.conformance.server_trial import ServerTrial, requires
from services.conformance.terminal import Terminal, code_of, refused, told
from services.domain.base64url import base64url, octets_of
from services.domain.terminal import terminal_id_of

DEVICE: Final = "docs/protocols.md, The terminal as a device"
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFUSED: Final = ("PR-3403", "PR-3406")
_NO_CODE: Final = "PR-3408"


@requires("An enrolment is signed with the key that it brings, under that key's id, and has its form", DEVICE)
def signed_enrolment(trial: ServerTrial) -> None:
    newcomer = _newcomer(trial)
    body = _body(trial, newcomer, _no_code())
    someone = _newcomer(trial)
    refused(someone.ask("enrolments", body), 403, *_REFUSED)
    someone.keyid = newcomer.keyid
    refused(someone.ask("enrolments", body), 403, *_REFUSED)
    newcomer.keyid = "conformance-nobody"
    refused(newcomer.ask("enrolments", body), 403, *_REFUSED)
    newcomer = _newcomer(trial)
    wrong: dict[str, tuple[object, ...]] = {
        "code": ("", "X" * 41, "?" * 24),
        "public_key": ("", base64url(bytes(31)), base64url(bytes(33))),
        "build": ("", "b" * 65, "a build"),
    }
    for name, values in wrong.items():
        for value in (*values, None, 5):
            refused(newcomer.ask("enrolments", {**body, name: value}), 400, "PR-1001")


@requires("A code that nobody issued enrols nobody", DEVICE)
def no_such_code(trial: ServerTrial) -> None:
    for _ in range(2):
        _refused_code(trial, "a code that nobody issued", _no_code())


@requires("A code enrols one key; the same question gets the same answer", DEVICE)
def one_code_one_key(trial: ServerTrial) -> None:
    code = _code(trial)
    _refused_code(trial, "an unused code with another last letter", _other_end(code))
    newcomer = _newcomer(trial)
    given = [newcomer.get("enrolments", _body(trial, newcomer, code)) for _ in range(2)]
    demand(given[0] == given[1], "the repeated question got another answer")
    demand(given[0]["terminal_id"] == newcomer.keyid, "the terminal has another id than its key's")
    policy_key = octets_of(given[0]["policy_key"])
    demand(trial.policy_key in (b"", policy_key), "the policy key is another one than the kit was given")
    trial.policy_key = policy_key
    _refused_code(trial, "a used code", code)


@requires(
    "No refusal tells whether a code exists: unknown, mistyped and used ones are refused in the same words", DEVICE
)
def same_words(trial: ServerTrial) -> None:
    code = _code(trial)
    if "a used code" not in trial.refused_codes:
        raise NotTried("what this builds upon was not met")
    _refused_code(trial, "a used code with another last letter", _other_end(code))
    first, *others = trial.refused_codes.items()
    for name, answer in others:
        demand(answer.status_code == first[1].status_code, f"{first[0]} and {name} have not one status")
        demand(answer.json() == first[1].json(), f"{first[0]} and {name} are not refused in the same words")


def _newcomer(trial: ServerTrial) -> Terminal:
    """A terminal that nobody knows yet, under the id that belongs to its key."""
    key, known = Ed25519PrivateKey.generate(), trial.terminal
    keyid = terminal_id_of(key.public_key().public_bytes_raw())
    return Terminal(known.client, known.origin, keyid, key, known.clock, known.heard)


def _body(trial: ServerTrial, newcomer: Terminal, code: str) -> dict[str, Any]:
    public_key = newcomer.key.public_key().public_bytes_raw()
    return {"code": code, "public_key": base64url(public_key), "build": trial.build}


def _refused_code(trial: ServerTrial, name: str, code: str) -> None:
    newcomer = _newcomer(trial)
    answer = newcomer.ask("enrolments", _body(trial, newcomer, code))
    demand(answer.status_code != httpx.codes.OK, f"{name} was taken")
    demand(name != "a code that nobody issued" or code_of(answer) == _NO_CODE, f"it was answered {told(answer)}")
    trial.refused_codes[name] = answer


def _code(trial: ServerTrial) -> str:
    if not trial.enrolment_code:
        raise NotTried("there is no enrolment code", is_allowed=True)
    return trial.enrolment_code


def _no_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def _other_end(code: str) -> str:
    return code[:-1] + ("7" if code[-1] != "7" else "8")
