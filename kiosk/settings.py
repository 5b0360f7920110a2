"""What the terminal's operator decides, read once from the environment (prefix `KIOSK_`)."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kiosk.crash import CrashPoint
from kiosk.hours import Hours
from kiosk.printer import printer_setting
from services.card.readers import reader_setting

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
SHORTEST_HEALTH_KEY: Final = 32


def _hours(text: str) -> str:
    Hours.parse(text)
    return text


class KioskSettings(BaseSettings):
    """One terminal. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="KIOSK_", env_file=None, extra="ignore", frozen=True)

    server: str = "http://127.0.0.1:8080"  # an origin: scheme, host, port
    listen: str = "127.0.0.1:8090"  # for the terminal's own browser
    store_name: str = "練習店"
    reader_place: Literal["below", "right", "left"] = (
        "right"  # of the card reader, seen from who stands before the screen
    )
    help_line: str = ""  # a name and a number to call, shown beside who can help
    key_file: Path = Path("var/kiosk/terminal.key")
    identity_file: Path = Path("var/kiosk/identity.json")  # what the server answered at the enrolment
    state: Path = Path("var/kiosk/state")  # the highest policy serial that was seen
    hours: Annotated[str, AfterValidator(_hours)] = (
        "06:30-23:00"  # Japan time; the last session begins ten minutes earlier
    )
    maintenance: Annotated[str, AfterValidator(_hours)] | None = None  # closed every day in these hours
    health_key: SecretStr | None = None  # for `GET /health`, 32 characters or more; without it there is no such page
    journal: Path = Path("var/kiosk/journal")
    reader: Annotated[str, AfterValidator(reader_setting)] = (
        "pcsc"  # "pcsc", "pcsc:<part of the reader's name>" or "socket:<path>"
    )
    printer: Annotated[str, AfterValidator(printer_setting)] = "none"  # "file:/dev/usb/lp0" or "network:host[:9100]"
    rehearsal: bool = False  # whether a virtual reader and a crash point are allowed
    crash_at: CrashPoint | None = None
    idle_s: int = 60  # an input screen without a touch; the last 20 s are counted down on the screen
    return_s: int = 90  # for a card to come back; shorter than the claim's lease of three minutes
    result_s: int = 60  # a result screen
    resend_s: int = 15  # how often kept evidence is sent again
    headphones: Path | None = None  # a file that tells whether headphones are plugged in; without it nothing is spoken
    speech_dir: Path | None = None  # recorded speech, played in the synthesiser's place (kiosk/speech/recordings.py)
    log_level: str = "INFO"

    @field_validator("server")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("an origin is a scheme and a host, without path or slash")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("a server elsewhere is reached over https only")
        return value

    @field_validator("listen")
    @classmethod
    def _is_loopback(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if host.strip("[]") not in LOOPBACK or not port.isdigit():
            raise ValueError("the screens are for the terminal's own browser: listen on loopback, host:port")
        return value

    @field_validator("health_key")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_HEALTH_KEY:
            raise ValueError("a service key has at least 32 characters")
        return value

    @model_validator(mode="after")
    def _rehearsal_only(self) -> Self:
        if not self.rehearsal and (self.crash_at is not None or self.reader.startswith("socket:")):
            raise ValueError("crash points and virtual readers are for rehearsals")
        return self
