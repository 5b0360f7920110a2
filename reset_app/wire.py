"""JSON on the wire: strict schemas, binary values as base64url without padding, a body that is parsed before anything is done."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from flask import Response, request
from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationError,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.routing import BaseConverter

from services.domain.base64url import base64url, octets_of
from services.domain.errors import RequestMalformed

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_]{1,40}|[0-9]{1,4}")


class Message(BaseModel):
    """A JSON object that is exactly what its schema says: no other fields, no conversions, and no input quoted in errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Base64URL:
    """Marks `bytes` that travel as base64url without padding (RFC 4648 section 5); `longest` and `shortest` count bytes."""

    longest: int
    shortest: int = 1

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """For pydantic: on the wire text of a bounded length, in our own code bytes."""
        text = core_schema.str_schema(max_length=_letters(self.longest), strict=True)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(self._octets, text),
            python_schema=core_schema.bytes_schema(min_length=self.shortest, max_length=self.longest, strict=True),
            serialization=core_schema.plain_serializer_function_ser_schema(base64url),
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """For the OpenAPI document."""
        return {
            "type": "string",
            "contentEncoding": "base64url",
            "pattern": "^[A-Za-z0-9_-]*$",
            "minLength": _letters(self.shortest),
            "maxLength": _letters(self.longest),
        }

    def _octets(self, text: str) -> bytes:
        try:
            octets = octets_of(text)
            fits = self.shortest <= len(octets) <= self.longest
        except ValueError:
            octets, fits = b"", False
        if not fits:
            raise PydanticCustomError("base64url", "not base64url of this length")
        return octets


def _letters(octets: int) -> int:
    return (octets * 4 + 2) // 3


# Limits keep nonsense out of memory; what a certificate or a signature is, their verifier decides.
Certificate = Annotated[bytes, Base64URL(longest=4096)]
Signature = Annotated[bytes, Base64URL(longest=512)]
Nonce = Annotated[bytes, Base64URL(longest=32, shortest=32)]
Moment = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$"),
]


def moment(at: datetime) -> str:
    """RFC 3339, UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Hexadecimal(BaseConverter):
    """32 hexadecimal digits in a path: the form of our own ids. Anything else is no such page, and reaches no database."""

    regex = "[0-9a-f]{32}"


class ClaimId(BaseConverter):
    """A UUID in lower case in a path: claims are named by the kiosk."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


CONVERTERS: Final = {"hexadecimal": Hexadecimal, "claim_id": ClaimId}


def parsed(schema: type[M]) -> M:
    """The request's body.

    Raises:
        RequestMalformed: not what the schema says; `where` names the field.
        UnsupportedMediaType: not sent as JSON.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return schema.model_validate_json(request.get_data(cache=True))
    except ValidationError as faults:
        raise RequestMalformed(where=_place(faults)) from None


def answer(message: Message) -> Response:
    """The message as JSON."""
    return Response(message.model_dump_json(), mimetype="application/json")


def _place(faults: ValidationError) -> str:
    """The first fault's field. A name that is not ours to begin with is not repeated: it was chosen by the sender."""
    fault = faults.errors(include_url=False, include_context=False, include_input=False)[0]
    path = list(fault["loc"])
    if fault["type"] == "extra_forbidden":
        path = [*path[:-1], "unknown"]
    names = [str(step) for step in path if _PLAIN_NAME.fullmatch(str(step))]
    return ".".join(names) or "body"
