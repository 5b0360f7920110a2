"""The kit's forms are those of the OpenAPI document, and it takes no body that is not in them."""

import pytest
from kiosk_backend import application

from services.conformance.forms import FORMS, demand_form
from services.conformance.report import NotMet
from services.domain.base64url import base64url

REMARKS = {"title", "description"}
HEARTBEAT = {
    "nonce": base64url(bytes(16)),
    "build": "1",
    "policy_serial": 0,
    "clock_offset_ms": None,
    "reader": "present",
    "printer": "off",
    "disk_writable": True,
    "disk_free_mb": 1,
    "journal_waiting": 0,
    "journal_damaged": 0,
    "journal_newer": 0,
    "closed": "",
}
WRONG = {
    "nonce": ["", base64url(bytes(15)), base64url(bytes(17)), "=" * 22, "_" * 22, None, 5],
    "build": ["", "b" * 65, "a build", "1\n", None],
    "policy_serial": [-1, 2**53, 1.0, True, "1", None],
    "clock_offset_ms": [2**53, -(2**53), 0.5, False, "1"],
    "reader": ["", "broken", None],
    "disk_writable": [1, 0, "true", None],
    "closed": ["c" * 33, "NO", "no\n", None],
}


def stated(schema, schemas):
    """The schema without remarks, each reference with what it leads to in its place."""
    if isinstance(schema, list):
        return [stated(one, schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return stated(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if schema.get("type") == "object":
        fields = {name: stated(one, schemas) for name, one in schema["properties"].items()}
        rest = {"additionalProperties": schema["additionalProperties"], "required": schema.get("required", [])}
        return {"type": "object", "properties": fields, **rest}
    return {name: stated(one, schemas) for name, one in schema.items() if name not in REMARKS}


def test_the_forms_are_the_documents(world):
    document = application(world.services).test_client().get("/kiosk-api/v1/openapi.json").json
    bodies = {
        path.rpartition("/")[2]: methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path, methods in document["paths"].items()
    }
    schemas = document["components"]["schemas"]
    assert {call: stated(body, schemas) for call, body in bodies.items()} == FORMS


def test_a_body_in_its_form_is_taken():
    demand_form(HEARTBEAT, FORMS["heartbeats"], "heartbeats")


@pytest.mark.parametrize("name", WRONG)
def test_a_field_that_is_not_in_its_form_is_named(name):
    for wrong in WRONG[name]:
        with pytest.raises(NotMet, match=f"heartbeats.{name} is not in its form"):
            demand_form({**HEARTBEAT, name: wrong}, FORMS["heartbeats"], "heartbeats")


@pytest.mark.parametrize("body", [None, [], "{}", {}, {**HEARTBEAT, "more": 1}])
def test_a_body_with_other_fields_is_refused(body):
    with pytest.raises(NotMet, match="has not the fields"):
        demand_form(body, FORMS["heartbeats"], "heartbeats")
