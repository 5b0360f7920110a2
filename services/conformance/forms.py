"""What a terminal's bodies must be like, in the OpenAPI document's own words: a test compares the two.

Written down here, because the kit has no server to ask: it is one. Of JSON Schema it knows what that document uses.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from services.conformance.report import demand
from services.domain.base64url import octets_of

Form: TypeAlias = Mapping[str, Any]
_INTEGER: Final = 2**53 - 1  # RFC 8785: beyond it, numbers lose digits


def demand_form(value: object, form: Form, where: str) -> None:
    """Raises NotMet, with the field that is not in this form."""
    if form.get("type") != "object":
        demand(_fits(value, form), f"form: {where} is not in its form")
        return
    fields = form["properties"]
    if not isinstance(value, dict):
        value = None
    demand(value is not None and set(value) == set(fields), f"form: {where} has not the fields of the document")
    assert isinstance(value, dict)
    for name, field in fields.items():
        demand_form(value[name], field, f"{where}.{name}")


def _fits(value: object, form: Form) -> bool:
    if "anyOf" in form:
        return any(_fits(value, one) for one in form["anyOf"])
    match form["type"]:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int and form["minimum"] <= value <= form["maximum"]
        case _:
            return isinstance(value, str) and _is_text(value, form)


def _is_text(value: str, form: Form) -> bool:
    if value not in form.get("enum", [value]) or not re.fullmatch(form.get("pattern", ".*"), value):
        return False
    if not form.get("minLength", 0) <= len(value) <= form.get("maxLength", len(value)):
        return False
    try:
        return "contentEncoding" not in form or bool(octets_of(value))
    except ValueError:
        return False


def _octets(longest: int, shortest: int = 1) -> Form:
    return {
        "type": "string",
        "contentEncoding": "base64url",
        "pattern": "^[A-Za-z0-9_-]*$",
        "minLength": _letters(shortest),
        "maxLength": _letters(longest),
    }


def _letters(octets: int) -> int:
    return -(-octets * 8 // 6)


def _text(pattern: str) -> Form:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _whole(most: int, least: int = 0) -> Form:
    return {"type": "integer", "minimum": least, "maximum": most}


def _word(*words: str) -> Form:
    return {"type": "string", "enum": [*words]}


def _record(**fields: Form) -> Form:
    return {"type": "object", "additionalProperties": False, "properties": fields, "required": [*fields]}


_BUILD: Final = _text("[A-Za-z0-9._:+-]{1,64}")
_PART: Final = _word("present", "absent", "off")
_PROOF: Final = {"certificate": _octets(4096), "identity_certificate": _octets(4096), "signature": _octets(512)}
FORMS: Final[Mapping[str, Form]] = {
    "challenges": _record(),
    "claims": _record(
        claim_id=_text("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        kind=_word("signature", "user_authentication"),
        nonce=_octets(32, 32),
        proof=_record(**_PROOF),
    ),
    "authorisation": _record(
        identity_certificate=_octets(4096), certificate=_octets(4096), card_challenge=_octets(16, 16)
    ),
    "completion": _record(**_PROOF, identity_signature=_octets(512)),
    "release": _record(why=_text("[A-Za-z0-9_.:-]{1,64}")),
    "enrolments": _record(code=_text("[0-9A-Za-z -]{20,40}"), public_key=_octets(32, 32), build=_BUILD),
    "heartbeats": _record(
        nonce=_octets(16, 16),
        build=_BUILD,
        policy_serial=_whole(_INTEGER),
        clock_offset_ms={"anyOf": [_whole(_INTEGER, -_INTEGER), {"type": "null"}]},
        reader=_PART,
        printer=_PART,
        disk_writable={"type": "boolean"},
        disk_free_mb=_whole(2**40),
        journal_waiting=_whole(1_000_000),
        journal_damaged=_whole(1_000_000),
        journal_newer=_whole(1_000_000),
        closed={**_text("[a-z_]{0,32}"), "maxLength": 32},
    ),
}
