"""The documents that other makers read: complete, and the same schemas that the server parses with."""

import pytest

from reset_app.openapi import operation_of
from services.domain.errors import catalogue

DOCUMENTS = ["/companion-api/v1/openapi.json", "/kiosk-api/v1/openapi.json"]
PATHS = {
    "/companion-api/v1/openapi.json": {
        "/companion-api/v1/card-sessions/{session_id}/attach",
        "/companion-api/v1/card-sessions/{session_id}/result",
        "/companion-api/v1/card-sessions/{session_id}/failure",
    },
    "/kiosk-api/v1/openapi.json": {
        "/kiosk-api/v1/enrolments",
        "/kiosk-api/v1/heartbeats",
        "/kiosk-api/v1/challenges",
        "/kiosk-api/v1/claims",
        "/kiosk-api/v1/claims/{claim_id}/authorisation",
        "/kiosk-api/v1/claims/{claim_id}/completion",
        "/kiosk-api/v1/claims/{claim_id}/release",
    },
}


def operations(document):
    return [methods["post"] for methods in document["paths"].values()]


def references(value):
    if isinstance(value, dict):
        return {value["$ref"]} if "$ref" in value else set().union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("address", DOCUMENTS)
def test_a_document_has_every_address(browser, address):
    document = browser.get(address).json
    assert (document["openapi"], set(document["paths"])) == ("3.1.0", PATHS[address])


@pytest.mark.parametrize("address", DOCUMENTS)
def test_every_reference_leads_somewhere(browser, address):
    document = browser.get(address).json
    named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= named


@pytest.mark.parametrize("address", DOCUMENTS)
def test_every_answer_but_the_good_one_is_a_problem_with_codes_of_the_catalogue(browser, address):
    codes = {error.code for error in catalogue()}
    for described in operations(browser.get(address).json):
        refusals = {status: answer for status, answer in described["responses"].items() if status != "200"}
        assert {"400", "413", "503", "500"} <= set(refusals)
        for answer in refusals.values():
            assert set(answer["content"]) == {"application/problem+json"}
            assert {part.split()[0] for part in answer["description"].split(" · ")} <= codes


@pytest.mark.parametrize("address", DOCUMENTS)
def test_every_object_is_closed_and_every_text_is_bounded_or_formed(browser, address):
    schemas = browser.get(address).json["components"]["schemas"]
    taken = {name: schema for name, schema in schemas.items() if name.endswith("Body")}
    assert taken
    for schema in taken.values():
        assert schema["additionalProperties"] is False
        for value in schema.get("properties", {}).values():
            assert "$ref" in value or value.get("type") != "string" or "pattern" in value


def test_every_view_of_an_interface_describes_itself(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(("companion_api.", "kiosk_api."))]
    silent = [rule.rule for rule in rules if "POST" in rule.methods and operation_of(app, rule.endpoint) is None]
    assert (len(rules), silent) == (13, [])


def test_the_kiosks_document_names_its_signature(browser):
    document = browser.get(DOCUMENTS[1]).json
    assert document["security"] == [{"caller": []}]
    assert document["components"]["securitySchemes"]["caller"]["type"] == "http"


def test_a_binary_field_says_its_encoding_and_its_limits(browser):
    field = browser.get(DOCUMENTS[1]).json["components"]["schemas"]["AuthorisationBody"]["properties"]["card_challenge"]
    assert {name: field[name] for name in ("type", "contentEncoding", "minLength", "maxLength")} == {
        "type": "string",
        "contentEncoding": "base64url",
        "minLength": 22,
        "maxLength": 22,
    }
