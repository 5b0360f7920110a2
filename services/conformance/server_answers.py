"""What every answer so far had to be like."""

import re
from typing import Any, Final

import httpx

from services.conformance.report import NotTried, demand
from services.conformance.server_trial import ServerTrial, requires
from services.conformance.terminal import PREFIX, Heard, code_of

_CODE: Final = re.compile(r"PR-[0-9]{4}")
_CLAIM: Final = re.compile(r"claims/[0-9a-f-]{36}/")
_TEXTS: Final = ("type", "title", "detail", "code", "cost", "remedy", "helper")


@requires(
    "Every refusal is a problem document with a code, and none is the server's fault", "RFC 9457; docs/protocols.md"
)
def problems(trial: ServerTrial) -> None:
    _demand_problems(_heard(trial))


@requires("No answer may be kept by anybody on the way", "RFC 9111: no-store")
def no_store(trial: ServerTrial) -> None:
    _demand_not_kept(_heard(trial))


@requires("Every good answer is JSON with the fields of the document", "openapi.json")
def good_answers(trial: ServerTrial) -> None:
    _demand_fields(_document(trial), _heard(trial))


@requires("The document lists every refusal that was met, under its path and status", "openapi.json: responses")
def listed(trial: ServerTrial) -> None:
    _demand_listed(_document(trial), _heard(trial))


def demand_like_all(trial: ServerTrial, heard: list[Heard]) -> None:
    """The four requirements above, on these answers."""
    if not heard:
        raise NotTried("there was no answer")
    document = _document(trial)
    _demand_problems(heard)
    _demand_not_kept(heard)
    _demand_fields(document, heard)
    _demand_listed(document, heard)


def _demand_problems(heard: list[Heard]) -> None:
    for one in _refusals(heard):
        where = f"{one.path} {one.answer.status_code}"
        demand(one.answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, f"{where}: a fault of the server")
        demand(_media(one) == "application/problem+json", f"{where}: sent as {_media(one) or 'nothing'}")
        found = one.answer.json()
        demand(all(isinstance(found.get(name), str) for name in _TEXTS), f"{where}: a field of the document is missing")
        demand(_CODE.fullmatch(found["code"]), f"{where}: no code of the catalogue's form")
        demand(found.get("status") == one.answer.status_code, f"{where}: says another status")


def _demand_not_kept(heard: list[Heard]) -> None:
    for one in heard:
        kept = one.answer.headers.get("cache-control", "")
        demand("no-store" in kept, f"{one.path} {one.answer.status_code}: Cache-Control is {kept or 'absent'}")


def _demand_fields(document: dict[str, Any], heard: list[Heard]) -> None:
    for one in heard:
        if one.answer.status_code == httpx.codes.OK:
            demand(_media(one) == "application/json", f"{one.path}: sent as {_media(one) or 'nothing'}")
            needed = _schema(document, one).get("required", [])
            missing = set(needed) - set(one.answer.json())
            demand(not missing, f"{one.path}: without {sorted(missing)}")


def _demand_listed(document: dict[str, Any], heard: list[Heard]) -> None:
    for one in _refusals(heard):
        if one.answer.request.method == "POST" and _path(one) in document["paths"]:
            answers = document["paths"][_path(one)]["post"]["responses"]
            described = str(answers.get(str(one.answer.status_code), {}).get("description", ""))
            where = f"{one.path} {one.answer.status_code}"
            demand(code_of(one.answer) in described, f"{where}: {code_of(one.answer)} is not in the document")


def _heard(trial: ServerTrial) -> list[Heard]:
    if not trial.terminal.heard:
        raise NotTried("there was no answer")
    return trial.terminal.heard


def _refusals(heard: list[Heard]) -> list[Heard]:
    return [one for one in heard if one.answer.status_code != httpx.codes.OK]


def _media(one: Heard) -> str:
    return str(one.answer.headers.get("content-type", "")).partition(";")[0]


def _document(trial: ServerTrial) -> dict[str, Any]:
    answer = trial.terminal.client.get(trial.terminal.origin + PREFIX + "openapi.json")
    demand(answer.status_code == httpx.codes.OK, "there is no document")
    found: dict[str, Any] = answer.json()
    return found


def _path(one: Heard) -> str:
    return PREFIX + _CLAIM.sub("claims/{claim_id}/", one.path.partition("?")[0])


def _schema(document: dict[str, Any], one: Heard) -> dict[str, Any]:
    content = document["paths"][_path(one)]["post"]["responses"]["200"]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found
