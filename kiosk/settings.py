"""What the terminal's operator decides, read once from the environment (prefix `KIOSK_`)."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kiosk.crash import CrashPoint
from kiosk.printer import printer_setting
from services.card.readers import reader_setting

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TERMINAL: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # RFC 9421 keyid as `services.pki.terminal_signature` takes it


class KioskSettings(BaseSettings):
    """One terminal. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="KIOSK_", env_file=None, extra="ignore", frozen=True)

    server: str = "http://127.0.0.1:8080"  # an origin: scheme, host, port
    listen: str = "127.0.0.1:8090"  # for the terminal's own browser
    terminal_id: str = "kiosk-1"
    store_name: str = "練習店"
    reader_place: Literal["below", "right", "left"] = (
        "right"  # of the card reader, seen from who stands before the screen
    )
    help_line: str = ""  # a name and a number to call, shown beside who can help
    key_file: Path = Path("var/kiosk/terminal.key")
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

    @field_validator("terminal_id")
    @classmethod
    def _is_a_key_id(cls, value: str) -> str:
        if not _TERMINAL.fullmatch(value):
            raise ValueError("a terminal id has 1 to 64 letters, digits and . _ : -")
        return value

    @model_validator(mode="after")
    def _rehearsal_only(self) -> Self:
        if not self.rehearsal and (self.crash_at is not None or self.reader.startswith("socket:")):
            raise ValueError("crash points and virtual readers are for rehearsals")
        return self
