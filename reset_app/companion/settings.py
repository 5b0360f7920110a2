"""What the resident's device decides, read from the environment (prefix `COMPANION_`)."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.card.readers import reader_setting

LOOPBACK: Final = "127.0.0.1"
_ORIGIN: Final = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")


class CompanionSettings(BaseSettings):
    """`servers` is the list of origins that may hand over to this companion; a comma stands between them.

    `reader` is `pcsc` (the first PC/SC reader), `pcsc:PART OF ITS NAME`, or `socket:PATH` of a virtual card's socket.
    """

    model_config = SettingsConfigDict(env_prefix="COMPANION_", env_file=None, extra="ignore", frozen=True)

    servers: Annotated[tuple[str, ...], NoDecode] = ("http://127.0.0.1:8080",)
    reader: Annotated[str, AfterValidator(reader_setting)] = "pcsc"
    port: int = 24727
    trace: bool = False  # every exchange with the card into the log, redacted
    log_level: str = "INFO"

    @field_validator("servers", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("servers")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_ORIGIN.fullmatch(origin) for origin in value):
            raise ValueError("servers are https origins, or http ones on this very device")
        return value

    @property
    def host(self) -> str:
        """The only Host that requests may name."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def origin(self) -> str:
        """The companion's own origin."""
        return f"http://{self.host}"
