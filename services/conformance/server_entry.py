"""Who may ask, and in which form: nothing here needs a card or changes anything."""

import json
from datetime import timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.report import demand
from services.conformance.server_trial import DOC, ServerTrial, requires
from services.conformance.terminal import JSON, Terminal, refused, told
from services.domain.base64url import base64url, octets_of

EMPTY = b"{}"
NOBODY = "00000000-0000-4000-8000-000000000000"
_REFUSED = ("PR-3403", "PR-3406", "PR-3407")
_REPLAYED = ("PR-3404",)
FAR = timedelta(minutes=10)  # beyond the minute that clocks may differ, whatever the two clocks here differ by
LARGE = 2_000_000


@requires("A signed request is answered; a challenge is 32 fresh octets and names the origin", f"{DOC}, 1")
def signed(trial: ServerTrial) -> None:
    given = [trial.terminal.get("challenges", {}) for _ in range(2)]
    nonces = [octets_of(one["nonce"]) for one in given]
    demand([len(nonce) for nonce in nonces] == [32, 32], "a nonce has not 32 octets")
    demand(nonces[0] != nonces[1], "two challenges have one nonce")
    demand({one["origin"] for one in given} == {trial.terminal.origin}, "the origin is another one")


@requires("A request without a signature is refused", DOC)
def unsigned(trial: ServerTrial) -> None:
    refused(trial.terminal.send("challenges", EMPTY, JSON), 403, *_REFUSED)


@requires("Each of the three header fields is needed", f"{DOC}; RFC 9421")
def each_field(trial: ServerTrial) -> None:
    for name in ("Content-Digest", "Signature-Input", "Signature"):
        headers = trial.terminal.headers("challenges", EMPTY)
        del headers[name]
        refused(trial.terminal.send("challenges", EMPTY, headers), 403, *_REFUSED)


@requires("A body that is not the digest's is refused before it is parsed", "RFC 9530")
def digest(trial: ServerTrial) -> None:
    for body in (b"{ }", b"[", b"\xff"):
        refused(trial.terminal.send("challenges", body, trial.terminal.headers("challenges", EMPTY)), 403, *_REFUSED)


@requires("A signature serves one path, one query and one server", "RFC 9421, 2.2.2")
def target(trial: ServerTrial) -> None:
    terminal = trial.terminal
    elsewhere = terminal.headers("challenges", EMPTY, origin="https://elsewhere.example")
    refused(terminal.send("challenges", EMPTY, elsewhere), 403, *_REFUSED)
    refused(terminal.send("claims", EMPTY, terminal.headers("challenges", EMPTY)), 403, *_REFUSED)
    refused(terminal.send("challenges?more=1", EMPTY, terminal.headers("challenges", EMPTY)), 403, *_REFUSED)


@requires("Another key, and a key id that nobody has, are refused", DOC)
def another_key(trial: ServerTrial) -> None:
    right = trial.terminal
    key = Ed25519PrivateKey.generate()
    for keyid in (right.keyid, "conformance-nobody"):
        other = Terminal(right.client, right.origin, keyid, key, right.clock, right.heard)
        refused(other.ask("challenges", {}), 403, *_REFUSED)


@requires("A header field that is there twice is refused", DOC)
def twice(trial: ServerTrial) -> None:
    for name in ("Content-Digest", "Signature-Input", "Signature"):
        headers = list(trial.terminal.headers("challenges", EMPTY).items())
        headers += [pair for pair in headers if pair[0] == name]
        refused(trial.terminal.send("challenges", EMPTY, headers), 403, *_REFUSED)


@requires("The same request is refused the second time", f"{DOC}: seen before")
def replay(trial: ServerTrial) -> None:
    headers = trial.terminal.headers("challenges", EMPTY)
    demand(trial.terminal.send("challenges", EMPTY, headers).status_code == httpx.codes.OK, "it was refused at first")
    refused(trial.terminal.send("challenges", EMPTY, headers), 403, *_REPLAYED)


@requires("A request that was refused for its content is not taken twice either", f"{DOC}: seen before")
def replay_of_refused(trial: ServerTrial) -> None:
    headers = trial.terminal.headers("claims", EMPTY)
    refused(trial.terminal.send("claims", EMPTY, headers), 400, "PR-1001")
    refused(trial.terminal.send("claims", EMPTY, headers), 403, *_REPLAYED)


@requires("A request signed ten minutes ago, or ahead, is refused", f"{DOC}: older than a minute")
def clock(trial: ServerTrial) -> None:
    for late in (FAR, -FAR):
        headers = trial.terminal.headers("challenges", EMPTY, late=late)
        refused(trial.terminal.send("challenges", EMPTY, headers), 403, *_REPLAYED)


@requires("A body that is no JSON object is refused", f"{DOC}; openapi.json")
def not_json(trial: ServerTrial) -> None:
    for body in (b"", b"null", b"[]", b"{", b"\xff", b'{"a":NaN}', b"[" * 1000):
        refused(trial.terminal.send("claims", body, trial.terminal.headers("claims", body)), 400, "PR-1001")


@requires("A field that is not in the schema is refused", "openapi.json: additionalProperties")
def unknown_field(trial: ServerTrial) -> None:
    for path, body in _bodies().items():
        refused(trial.terminal.ask(path, {**body, "more": 1}), 400, "PR-1001")


@requires("A field that is missing, of another type, or over its limit is refused", "openapi.json: limits")
def limits(trial: ServerTrial) -> None:
    for path, body in _bodies().items():
        for name in body:
            without = {key: value for key, value in body.items() if key != name}
            wrong = (without, {**body, name: 5}, {**body, name: "x" * 9000}, {**body, name: None})
            for one in wrong:
                refused(trial.terminal.ask(path, one), 400, "PR-1001")


@requires("Another content type than application/json is refused", f"{DOC}; RFC 9110")
def content_type(trial: ServerTrial) -> None:
    for given in ("text/plain", "application/x-www-form-urlencoded"):
        headers = {**trial.terminal.headers("challenges", EMPTY), "Content-Type": given}
        refused(trial.terminal.send("challenges", EMPTY, headers), 415)


@requires("A body of two megabytes is refused by its size", "openapi.json: PR-1002")
def oversize(trial: ServerTrial) -> None:
    body = json.dumps({"more": "x" * LARGE}).encode()
    refused(trial.terminal.send("claims", body, trial.terminal.headers("claims", body)), 413, "PR-1002")


@requires("Other methods and other paths are refused, and a claim id has one form", "openapi.json: paths")
def paths(trial: ServerTrial) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = trial.terminal.send("challenges", b"", trial.terminal.headers("challenges", b""), method=method)
        demand(answer.status_code in (403, 405), f"{method} was answered {told(answer)}")
    for path in ("nothing", "claims/x/release", f"claims/{NOBODY.upper().replace('0', 'A')}/release"):
        answer = trial.terminal.ask(path, {"why": "cancel"})
        demand(answer.status_code in (403, 404), f"{path} was answered {told(answer)}")


@requires(
    "A claim that nobody made is neither authorised nor completed, and its release holds nothing", f"{DOC}, 3 to 5"
)
def nobodys_claim(trial: ServerTrial) -> None:
    bodies = _bodies()
    for call in ("authorisation", "completion"):
        path = f"claims/{NOBODY}/{call}"
        refused(trial.terminal.ask(path, bodies[path]), 409, "PR-2005")
    demand(
        trial.terminal.get(f"claims/{NOBODY}/release", {"why": "cancel"})["state"] == "not_held",
        "a release was answered as if something had been held",
    )


def _bodies() -> dict[str, dict[str, Any]]:
    """Bodies in their form, which lead to nothing."""
    octets = base64url(bytes(64))
    proof = {"certificate": octets, "identity_certificate": octets, "signature": octets}
    return {
        "claims": {"claim_id": NOBODY, "kind": "signature", "nonce": base64url(bytes(32)), "proof": proof},
        f"claims/{NOBODY}/authorisation": {
            "identity_certificate": octets,
            "certificate": octets,
            "card_challenge": base64url(bytes(16)),
        },
        f"claims/{NOBODY}/completion": {**proof, "identity_signature": octets},
        f"claims/{NOBODY}/release": {"why": "cancel"},
    }
