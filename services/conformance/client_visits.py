"""What goes wrong, visit by visit, and what a terminal must make of it."""

from services.conformance.client_trial import DOC, ClientTrial, Told, requires, throughout
from services.conformance.replies import FOREIGN_CLAIM, Refusal, Twist
from services.conformance.report import NotTried, demand

CALLS = ("challenges", "claims", "authorisation", "completion")
SPEC = "docs/protocols.md, Kiosk"
BUSY = Refusal(503, "PR-7006")


@requires("A visit without trouble ends in the new password, proved by the card", f"{DOC}, 1 to 4")
def plain(trial: ClientTrial) -> None:
    trial.begin()
    trial.demand_done(trial.visit())


@requires(
    "The card changes after the authorisation, and the person is told after the evidence",
    f"{DOC}; intent before effect",
)
def order(trial: ClientTrial) -> None:
    trial.begin()
    trial.visit()
    wanted = ["authorised", "card changed", "evidence", "told done"]
    demand(trial.referee.notes == wanted, f"the order was {trial.referee.notes}")


@requires("A question whose answer is lost is asked again: same claim, same body", f"{DOC}: idempotent")
def answer_lost(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {call: [Twist.LOST] for call in CALLS}
    trial.demand_done(trial.visit())
    for call in CALLS[1:]:
        demand(len(trial.bodies(call)) == 2, f"{call} was asked {len(trial.bodies(call))} times")
        demand(len(set(trial.bodies(call))) == 1, f"{call} was asked again with another body")


@requires("A question that is lost itself is asked again with the same claim", f"{DOC}: idempotent")
def question_lost(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {call: [Twist.DROPPED] for call in CALLS}
    trial.demand_done(trial.visit())
    assert trial.referee.play is not None
    demand(len(trial.referee.play.claims) == 1, "the repeated claim had another id")


@requires("An answer that comes too late is as good as lost", f"{DOC}: idempotent")
def slow(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {"claims": [Twist.SLOW]}
    trial.demand_done(trial.visit())
    demand(len(set(trial.bodies("claims"))) == 1, "claims was asked again with another body")


@requires(
    "A page, or half an answer, is no answer: asked again, and nobody is told anything by it", f"{DOC}; openapi.json"
)
def garbled(trial: ClientTrial) -> None:
    trial.begin()
    # Once each: a terminal may take answer after answer that is none for somebody else's, and give up.
    wrong = (Twist.GARBLED, Twist.TRUNCATED, Twist.GARBLED, Twist.TRUNCATED)
    trial.referee.plan = {call: [twist] for call, twist in zip(CALLS, wrong, strict=True)}
    told = trial.visit()
    # A completion may be told of while its evidence is kept; it must come all the same.
    trial.hand.wait()
    trial.demand_done(told)


@requires("An answer without an end is not read to its end", "openapi.json: limits")
def oversized(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {"claims": [Twist.OVERSIZED]}
    trial.demand_done(trial.visit())
    taken = [note for note in trial.referee.notes if note.startswith("read to the end")]
    demand(not taken, "64 MB were read")


@requires("The answer to somebody else's claim is not taken", f"{DOC}, 2: claim_id")
def foreign(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {"claims": [Twist.FOREIGN]}
    told = trial.visit()
    demand(not any(one.claim == FOREIGN_CLAIM for one in trial.referee.asked), "it went on with that claim")
    demand(len(trial.bodies("claims")) > 1 or told is Told.FAILED, "it went on without asking again")


@requires("A redirect is not followed", f"{DOC}: signed for one target")
def redirect(trial: ClientTrial) -> None:
    trial.begin()
    trial.referee.plan = {"claims": [Twist.REDIRECT], "completion": [Twist.REDIRECT]}
    told = trial.visit()
    trial.hand.wait()
    gone = [note for note in trial.referee.notes if note.startswith("elsewhere")]
    demand(not gone, f"it went {', '.join(gone)}")
    trial.demand_done(told)


@requires("Without an authorisation the card is not changed, and the claim is given back", f"{DOC}, 3 and 5")
def unauthorised(trial: ClientTrial) -> None:
    for refusal in (Refusal(403, "PR-3501"), Refusal(403, "PR-9999")):
        play = trial.begin()
        trial.referee.always = {"authorisation": refusal}
        told = trial.visit()
        trial.hand.wait()
        demand(told is Told.FAILED, f"after {refusal.code} the visit ended with {told.value}")
        demand(not trial.changed, f"after {refusal.code} the card was changed")
        demand(play.claims.keys() & set(play.released), f"after {refusal.code} the claim was not given back")


@requires("A claim that is refused, for a reason known or unknown, changes nothing", f"{DOC}, 2; RFC 9457")
def refused_claim(trial: ClientTrial) -> None:
    for refusal in (Refusal(404, "PR-5002"), Refusal(409, "PR-2004"), Refusal(403, "PR-9999")):
        trial.begin()
        trial.referee.always = {"claims": refusal}
        told = trial.visit()
        demand(told is Told.FAILED, f"after {refusal.code} the visit ended with {told.value}")
        demand(not trial.changed and not trial.bodies("authorisation"), f"after {refusal.code} it went on")


@requires("Evidence that was not answered is sent again, the same, until it is", f"{DOC}, 4: may arrive late")
def evidence_kept(trial: ClientTrial) -> None:
    for trouble in (Twist.LOST, BUSY):
        play = trial.begin()
        trial.referee.always = {"completion": trouble}
        told = trial.visit()
        play.proved.clear()
        trial.referee.always = {}
        trial.hand.wait()
        if told is Told.DONE:
            demand(play.proved, "told done, and the evidence never came again")
        demand(len(set(trial.bodies("completion"))) == 1, "the evidence was not sent again as it was")


@requires("Evidence outlives a power cut", f"{DOC}: sends it again at every start")
def evidence_after_restart(trial: ClientTrial) -> None:
    play = trial.begin()
    trial.referee.always = {"completion": Twist.DROPPED}
    trial.visit()
    trial.referee.always = {}
    if not trial.hand.restart():
        raise NotTried("nobody can cut the terminal's power here", is_allowed=True)
    trial.hand.wait()
    demand(play.proved, "after the power cut the evidence never came")


@requires("A final answer ends the sending", f"{DOC}, 4")
def final_answer(trial: ClientTrial) -> None:
    trial.begin()
    trial.visit()
    sent = len(trial.bodies("completion"))
    trial.hand.wait()
    demand(len(trial.bodies("completion")) == sent, "evidence was sent again after it was completed")


@requires("Nobody is told a password whose evidence is late or finally refused", f"{DOC}, 4: late")
def not_told(trial: ClientTrial) -> None:
    play = trial.begin()
    play.outcome = "late"
    told = trial.visit()
    demand(told is Told.FAILED, f"after a late answer the visit ended with {told.value}")
    trial.begin()
    trial.referee.always = {"completion": Refusal(403, "PR-3110")}
    told = trial.visit()
    demand(told is Told.FAILED, f"after a final refusal the visit ended with {told.value}")


@requires(
    "Who gives up gives the reservation back, again until it is heard, and the card keeps its password", f"{DOC}, 5"
)
def release(trial: ClientTrial) -> None:
    play = trial.begin()
    trial.referee.plan = {"release": [Twist.DROPPED]}
    trial.visit(stop=True)
    for _ in range(2):
        trial.hand.wait()
    demand(not trial.changed, "the card was changed")
    demand(play.claims.keys() & set(play.released), "the claim was not given back")


throughout(
    "signature", "Every request is signed in the one profile, over its own method, target and body", f"{DOC}; RFC 9421"
)
throughout("freshness", "Every signature is fresh: made within the minute, with a nonce of its own", DOC)
throughout("form", "Every body has the fields, forms and limits of the document, and is sent as JSON", "openapi.json")
throughout(
    "card",
    "Every claim carries the card's signature over its own nonce, origin and id",
    "docs/protocols.md: What a card signs",
)
throughout("evidence", "All evidence is two signatures over the claim's completion nonce", "docs/adr/0004")
throughout("secrets", "No password, nor any spelling of one, stands in any request", f"{SPEC}; docs/threat-model.md")
