"""Who this terminal is: what the server answered at the enrolment, on the terminal's own disk."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from kiosk.disk import Folder, replace_whole
from services.domain.base64url import base64url, octets_of
from services.domain.terminal import TERMINAL_ID, PlaceClass
from services.domain.terminal_policy import Scope, Trait

KEY_BYTES: Final = 32
_LARGEST: Final = 4096


class IdentityUnusable(Exception):  # named after what happened, like the errors of the domain
    """The identity file is absent or damaged. The message says what to do; an operator reads it."""


def _key(value: object) -> bytes:
    octets = octets_of(value) if isinstance(value, str) else value
    if not isinstance(octets, bytes) or len(octets) != KEY_BYTES:
        raise ValueError("not an Ed25519 public key")
    return octets


class Identity(BaseModel):
    """The answer to an enrolment. `policy_key` is pinned: only what it signs can close or open this terminal."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    terminal_id: Annotated[str, Field(pattern=f"^{TERMINAL_ID.pattern}$")]
    policy_key: Annotated[bytes, BeforeValidator(_key), PlainSerializer(base64url)]
    name: Annotated[str, Field(max_length=100)]
    store: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:+-]{0,64}$")]
    place: PlaceClass
    cohort: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:+-]{0,64}$")]

    def traits(self, build: str) -> frozenset[Trait]:
        """By what this terminal can be suspended."""
        values = {
            Scope.TERMINAL: self.terminal_id,
            Scope.STORE: self.store,
            Scope.PLACE: self.place.value,
            Scope.COHORT: self.cohort,
            Scope.BUILD: build,
        }
        return frozenset(Trait(scope, value) for scope, value in values.items() if value)


def save(identity: Identity, path: Path) -> None:
    """Keeps it, whole or not at all.

    Raises:
        StorageUnavailable
    """
    folder = Folder(path.parent)
    folder.open()
    replace_whole(folder, path.name, identity.model_dump_json().encode())
    folder.sync()


def load(path: Path) -> Identity:
    """This terminal's identity.

    Raises:
        IdentityUnusable: absent or damaged.
    """
    try:
        with path.open("rb") as file:
            return Identity.model_validate_json(file.read(_LARGEST))
    except (OSError, ValidationError) as exc:
        raise IdentityUnusable(
            f"no identity at {path}; run `python -m kiosk enrol` with a code from the console"
        ) from exc
