"""An OpenAPI 3.1 document from what the views say about themselves and the very schemas that they parse with."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from flask import Blueprint, Flask
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from reset_app.errors import PROBLEM, Problem, status_of
from reset_app.wire import CONVERTERS, Message
from services.domain import errors as domain
from services.domain.errors import ResetError

V = TypeVar("V", bound=Callable[..., Any])
_PLACEHOLDER: Final = re.compile(r"<[a-z_]+:([a-z_]+)>")
_ATTRIBUTE: Final = "operation"
_REFERENCE: Final = "#/components/schemas/{model}"
EVERYWHERE: Final = (domain.RequestMalformed, domain.RequestTooLarge, domain.StorageUnavailable, domain.Unexpected)
# Before a view is reached: a path that is not in its form, a body that is not sent as JSON.
BY_FRAMEWORK: Final[tuple[tuple[int, type[ResetError]], ...]] = (
    (404, domain.PageNotFound),
    (415, domain.RequestMalformed),
)


@dataclass(frozen=True)
class Operation:
    """What a view takes, gives and refuses."""

    summary: str
    takes: type[Message]
    gives: type[Message]
    refuses: tuple[type[ResetError], ...]


def operation(
    summary: str, *, takes: type[Message], gives: type[Message], refuses: tuple[type[ResetError], ...] = ()
) -> Callable[[V], V]:
    """Says it of a view."""

    def said(view: V) -> V:
        setattr(view, _ATTRIBUTE, Operation(summary, takes, gives, refuses))
        return view

    return said


def operation_of(app: Flask, endpoint: str) -> Operation | None:
    """What was said of a view, if anything."""
    return cast("Operation | None", getattr(app.view_functions[endpoint], _ATTRIBUTE, None))


def document(
    app: Flask, blueprint: Blueprint, *, title: str, server: str, security: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The blueprint's document. `security` is a security scheme object; without one, the body itself carries a secret."""
    rules = [
        (rule, found)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{blueprint.name}.") and (found := operation_of(app, rule.endpoint))
    ]
    models = {model for _, found in rules for model in (found.takes, found.gives)} | {Problem}
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": server}],
        "security": [{"caller": []}] if security else [],
        "paths": {_template(rule): {"post": _described(rule, found)} for rule, found in rules},
        "components": {"schemas": schemas["$defs"], "securitySchemes": {"caller": security} if security else {}},
    }


def _described(rule: Rule, found: Operation) -> dict[str, Any]:
    return {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": found.summary,
        "parameters": [_parameter(rule, name) for name in sorted(rule.arguments)],
        "requestBody": {"required": True, "content": {"application/json": _reference(found.takes)}},
        "responses": {
            "200": {"description": "Done", "content": {"application/json": _reference(found.gives)}},
            **_problems((*EVERYWHERE, *found.refuses)),
        },
    }


def _problems(refusals: tuple[type[ResetError], ...]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for status, kind in (*((status_of(kind()), kind) for kind in refusals), *BY_FRAMEWORK):
        by_status.setdefault(status, []).append(f"{kind.code} {kind.__name__}")
    return {
        str(status): {"description": " · ".join(codes), "content": {PROBLEM: _reference(Problem)}}
        for status, codes in sorted(by_status.items())
    }


def _reference(model: type[Any]) -> dict[str, Any]:
    return {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}


def _parameter(rule: Rule, name: str) -> dict[str, Any]:
    converter = rule._converters[name]  # noqa: SLF001  # werkzeug has no other way to ask a rule
    assert type(converter) in CONVERTERS.values()
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{converter.regex}$"},
    }


def _template(rule: Rule) -> str:
    return _PLACEHOLDER.sub(r"{\1}", rule.rule)
