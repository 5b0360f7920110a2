"""The way through, with one reservation: one winner, repetitions, a later card, late evidence, the end. The order matters."""

import httpx

from services.conformance.report import NotTried, demand
from services.conformance.server_trial import DOC, ServerTrial, requires
from services.conformance.terminal import refused, told
from services.domain.base64url import base64url, octets_of

PREPARED = 4
_UNUSABLE = ("PR-3001",)
_SUPERSEDED = ("PR-2005",)


@requires("A nonce that the server did not issue is refused", f"{DOC}, 2")
def foreign_nonce(trial: ServerTrial) -> None:
    refused(trial.terminal.ask("claims", trial.prepared(bytes(32)).body), 403, *_UNUSABLE)


@requires(
    "A card's signature over another nonce, and one for another claim, are refused", f"{DOC}, 2; What a card signs"
)
def foreign_signature(trial: ServerTrial) -> None:
    claim, other = trial.prepared(), trial.prepared()
    refused(trial.terminal.ask("claims", {**claim.body, "nonce": other.body["nonce"]}), 403, "PR-3106")
    refused(trial.terminal.ask("claims", {**claim.body, "claim_id": other.id}), 403, "PR-3106")


@requires("Of claims prepared beforehand one wins, the others are told that it is in use", "docs/adr/0002")
def one_winner(trial: ServerTrial) -> None:
    prepared = [trial.prepared() for _ in range(PREPARED)]
    answers = [trial.terminal.ask("claims", claim.body) for claim in prepared]
    won = [pair for pair in zip(prepared, answers, strict=True) if pair[1].status_code == httpx.codes.OK]
    demand(len(won) == 1, f"{len(won)} of {PREPARED} claims were granted: {[told(answer) for answer in answers]}")
    claim, answer = won[0]
    claim.grant = answer.json()
    trial.claims["first"] = claim
    for lost in answers:
        if lost is not answer:
            refused(lost, 409, "PR-2004")


@requires("The same claim gets the same answer", f"{DOC}: every call is idempotent")
def claim_repeated(trial: ServerTrial) -> None:
    first = trial.known("first")
    demand(first.grant == trial.terminal.get("claims", first.body), "the repeated claim was answered otherwise")
    demand(first.grant["claim_id"] == first.id, "the grant is of another claim")


@requires("A spent nonce serves no other claim", f"{DOC}, 2")
def nonce_spent(trial: ServerTrial) -> None:
    refused(trial.terminal.ask("claims", trial.prepared(trial.known("first").nonce).body), 403, *_UNUSABLE)


@requires("Another terminal touches no claim of this one, and its nonce serves no other", DOC)
def another_terminal(trial: ServerTrial) -> None:
    first, other = trial.known("first"), trial.other_terminal
    if other is None:
        raise NotTried("there is no second terminal", is_allowed=True)
    refused(other.ask(f"claims/{first.id}/authorisation", trial.authorisation_body(bytes(16))), 409, *_SUPERSEDED)
    held = other.get(f"claims/{first.id}/release", {"why": "cancel"})["state"]
    demand(held == "not_held", "another terminal released the claim")
    refused(other.ask("claims", trial.prepared().body), 403, *_UNUSABLE)


@requires("A release gives the reservation back, once, and may be repeated", f"{DOC}, 5")
def release(trial: ServerTrial) -> None:
    first = trial.known("first")
    states = [trial.terminal.get(f"claims/{first.id}/release", {"why": "cancel"})["state"] for _ in range(2)]
    demand(states == ["released", "not_held"], f"the two releases were answered {states}")
    body = trial.authorisation_body(bytes(16))
    refused(trial.terminal.ask(f"claims/{first.id}/authorisation", body), 409, *_SUPERSEDED)


@requires("A fresh signature of the card takes over from an earlier claim, under a higher fence", "docs/adr/0002")
def supersede(trial: ServerTrial) -> None:
    earlier, later = trial.granted("earlier"), trial.granted("second")
    demand(later.grant["fence"] > earlier.grant["fence"], "the fence was not raised")
    body = trial.authorisation_body(bytes(16))
    refused(trial.terminal.ask(f"claims/{earlier.id}/authorisation", body), 409, *_SUPERSEDED)


@requires("Evidence without any authorisation is refused", f"{DOC}, 4")
def evidence_too_soon(trial: ServerTrial) -> None:
    second = trial.known("second")
    evidence = {**second.body["proof"], "identity_signature": second.body["proof"]["signature"]}
    refused(trial.terminal.ask(f"claims/{second.id}/completion", evidence), 409, *_SUPERSEDED)


@requires("The same challenge gets the same authorisation, and the card takes it", f"{DOC}, 3")
def authorisation(trial: ServerTrial) -> None:
    second, card = trial.known("second"), trial.card
    path, body = f"claims/{second.id}/authorisation", trial.authorisation_body(trial.card.challenge())
    words = [trial.terminal.get(path, body)["authorisation"] for _ in range(2)]
    demand(words[0] == words[1], "the repeated question got another authorisation")
    card.reset(octets_of(words[0]), trial.new_passwords[0])
    second.evidence = card.evidence(second.id, trial.terminal.origin, second.completion_nonce)


@requires("Evidence with a signature that does not hold consumes nothing", f"{DOC}, 4")
def evidence_forged(trial: ServerTrial) -> None:
    second = trial.known("second")
    demand(second.evidence, "there is no evidence")
    forged = base64url(bytes(256))
    for name in ("signature", "identity_signature"):
        path = f"claims/{second.id}/completion"
        refused(trial.terminal.ask(path, {**second.evidence, name: forged}), 403, "PR-3106")


@requires("After an authorisation the next claim is told to ask the card first", f"{DOC}: evidence_first")
def evidence_first(trial: ServerTrial) -> None:
    demand(not trial.known("second").grant["evidence_first"], "a fresh reservation asks for evidence")
    third = trial.granted("third")
    demand(third.grant["evidence_first"], "the card is not asked for")
    trial.authorise_and_reset(third, trial.new_passwords[1])


@requires("Evidence of a claim before the newest authorisation is late and consumes nothing", f"{DOC}, 4")
def late(trial: ServerTrial) -> None:
    second = trial.known("second")
    demand(trial.known("third").evidence, "the newer claim has no evidence")
    answers = [trial.terminal.get(f"claims/{second.id}/completion", second.evidence) for _ in range(2)]
    demand([one["state"] for one in answers] == ["late", "late"], f"it was answered {answers[0]['state']}")


@requires("The newest evidence completes, and the same question gets the same answer", f"{DOC}, 4")
def completion(trial: ServerTrial) -> None:
    third = trial.known("third")
    answers = [trial.terminal.ask(f"claims/{third.id}/completion", third.evidence) for _ in range(3)]
    states = [one.json().get("state") if one.status_code == httpx.codes.OK else told(one) for one in answers]
    demand(states == ["completed"] * 3, f"it was answered {states}")
    demand(answers[0].json() == answers[1].json() == answers[2].json(), "repeated, it was answered otherwise")


@requires("A used reservation is neither released nor claimed again", "docs/state-machines.md, reservation")
def used_up(trial: ServerTrial) -> None:
    third = trial.known("third")
    held = trial.terminal.get(f"claims/{third.id}/release", {"why": "finish"})["state"]
    demand(held == "not_held", "a completed claim was released")
    answer = trial.terminal.ask("claims", trial.prepared().body)
    demand(answer.status_code == httpx.codes.NOT_FOUND, f"a used reservation was answered {told(answer)}")
