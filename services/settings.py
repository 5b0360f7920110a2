"""What an operator decides, read once from the environment (prefix `PINRESET_`) or a `.env` file.

Nothing here has a default that would be unsafe in production: `production` demands https, real keys and no rehearsal.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.domain.policy import FREE_ATTEMPTS, FREE_ATTEMPTS_WITH_PAD
from services.vision.face_file import face_model_setting

KEY_BYTES = 32


@dataclass(frozen=True)
class CutAt:
    """Where a rehearsal cuts the server's power: a kiosk API call by its last path segment, before or after it."""

    call: str
    before: bool


def _is_there(report: Path | None) -> Path | None:
    try:
        missing = report is not None and not report.read_bytes()
    except OSError:
        missing = True
    if missing:
        raise ValueError(
            "PAD_REPORT is the path of a report (ISO/IEC 30107-3), and there is no such file with anything in it"
        )
    return report


class Settings(BaseSettings):
    """The server's settings. Keys are hexadecimal, 32 bytes."""

    model_config = SettingsConfigDict(env_prefix="PINRESET_", env_file=None, extra="ignore", frozen=True)

    production: bool = False
    rehearsal: bool = True  # accept rehearsal cards, and nothing else; off in production, and only there
    origin: str = "http://127.0.0.1:8080"
    companion_origin: str = "http://127.0.0.1:24727"
    database_url: str = "sqlite:///var/pinreset.db"
    models: Path = Path("var/models")
    issuer: Path = Path("var/issuer")  # the virtual issuer's directory, where the real issuer's slot is
    trust: Path = Path("var/issuer/trust")
    crls: Path = Path("var/crl")  # the newest list of each CA, kept for when OCSP does not answer
    fingerprint_key: SecretStr
    evidence_key: SecretStr
    policy_key: SecretStr | None = (
        None  # seed of the Ed25519 key that terminals pin; without it none is enrolled or heard
    )
    vision_workers: int = 1  # 0: this process takes no image checks
    vision_queue: int = 32
    face_engine: Literal["sface", "dlib"] = "sface"
    face_model: Annotated[Path | None, AfterValidator(face_model_setting)] = None  # an operator's own, instead of both
    # The file of a report of a presentation-attack test (ISO/IEC 30107-3); it allows ten free attempts, not five.
    pad_report: Annotated[Path | None, BeforeValidator(lambda given: given or None), AfterValidator(_is_there)] = None
    log_level: str = "INFO"
    crash_at: str | None = None  # rehearsals only: "before:claims", "after:authorisation", …

    @property
    def cut(self) -> CutAt | None:
        """The point of `crash_at`."""
        if self.crash_at is None:
            return None
        when, _, call = self.crash_at.partition(":")
        return CutAt(call, when == "before")

    @property
    def free_face_attempts(self) -> int:
        """NIST SP 800-63B: more attempts are free where presentation-attack detection was tested, and the report is there."""
        return FREE_ATTEMPTS if self.pad_report is None else FREE_ATTEMPTS_WITH_PAD

    @cached_property
    def pad_report_sha256(self) -> str | None:
        """Which report it is, as it was when this was first asked: at the start of the process."""
        return None if self.pad_report is None else sha256(self.pad_report.read_bytes()).hexdigest()

    @field_validator("fingerprint_key", "evidence_key", "policy_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(bytes.fromhex(value.get_secret_value())) != KEY_BYTES:
            raise ValueError("a key is 32 bytes in hexadecimal")
        return value

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.production and self.rehearsal:
            raise ValueError("production accepts no rehearsal cards")
        if not self.production and not self.rehearsal:
            raise ValueError("real cards are for production only: there is no third mode")
        if self.production and not self.origin.startswith("https://"):
            raise ValueError("production is served over https")
        if self.production and self.policy_key is None:
            raise ValueError("production needs a policy key: without it no terminal can be stopped")
        if self.crash_at is not None and not self.rehearsal:
            raise ValueError("crash points are for rehearsals")
        return self

    def key(self, secret: SecretStr) -> bytes:
        """The bytes of a key setting."""
        return bytes.fromhex(secret.get_secret_value())
