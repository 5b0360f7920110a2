"""What a terminal sends and gets as a device: nothing in here is about a person."""

from typing import Annotated

from pydantic import Field, StringConstraints

from reset_app.wire import Base64URL, Message
from services.domain.terminal import TERMINAL_ID, Part, PlaceClass, Report
from services.domain.terminal_policy import LARGEST_POLICY

Key = Annotated[bytes, Base64URL(longest=32, shortest=32)]
Build = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:+-]{1,64}$")]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:+-]{0,64}$")]
TerminalId = Annotated[str, StringConstraints(pattern=f"^{TERMINAL_ID.pattern}$")]
PartWord = Annotated[Part, Field(strict=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class EnrolmentBody(Message):
    """The one-time code, as staff read it out or typed it, and the key that signs this very request."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z -]{20,40}$")]
    public_key: Key
    build: Build


class EnrolmentGiven(Message):
    """Who the terminal is now, and the key that it pins."""

    terminal_id: TerminalId
    policy_key: Key
    name: Annotated[str, StringConstraints(max_length=100)]
    store: Label
    place: PlaceClass
    cohort: Label


class HeartbeatBody(Message):
    """The self-test. `nonce` comes back in the policy; `clock_offset_ms` is the server's clock minus the terminal's own."""

    nonce: Annotated[bytes, Base64URL(longest=16, shortest=16)]
    build: Build
    policy_serial: Annotated[int, Field(ge=0, le=2**53 - 1)]
    clock_offset_ms: Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)] | None
    reader: PartWord
    printer: PartWord
    disk_writable: bool
    disk_free_mb: Annotated[int, Field(ge=0, le=2**40)]
    journal_waiting: Count
    journal_damaged: Count
    journal_newer: Count
    closed: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,32}$", max_length=32)]

    @property
    def report(self) -> Report:
        """For the use case."""
        return Report(**self.model_dump(exclude={"nonce"}))


class PolicyGiven(Message):
    """The policy's canonical octets and the Ed25519 signature under them (`services/domain/terminal_policy.py`)."""

    policy: Annotated[bytes, Base64URL(longest=LARGEST_POLICY)]
    signature: Annotated[bytes, Base64URL(longest=64, shortest=64)]
