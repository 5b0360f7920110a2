"""Canaries: everything of one virtual resident that must be written nowhere but on their card."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from services.domain.password import PasswordKind
from services.rehearsal.props import Props

_SHORT: Final = 4
_PROCESS_IDS: Final = re.compile(
    rb"\[\d+\] \[[A-Z]+\]"
)  # of gunicorn's log lines; one may have a password's four digits
_BESIDE: Final = re.compile(rb"[\w.:/-]")


def canaries(props: Props, typed: Iterable[str] = ()) -> dict[str, bytes]:
    """By name: the passwords, those that were `typed` as new ones, and what stands on the card's front and chip."""
    person = props.person
    new = {f"new password {number}": word.encode() for number, word in enumerate(typed, start=1)}
    return {
        "signature password": props.passwords[PasswordKind.SIGNATURE].encode(),
        "user-authentication password": props.passwords[PasswordKind.USER_AUTHENTICATION].encode(),
        "name": person.name.encode(),
        "address": person.address.encode(),
        "照合番号B": person.front.verification_number_b,
        "birth date": person.front.birth.isoformat().encode(),
        **new,
    }


def written(folder: Path, but: Iterable[Path]) -> list[Path]:
    """Every file under the folder, those under `but` excepted."""
    spared = list(but)
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(path == place or place in path.parents for place in spared)
    ]


def traces(paths: Iterable[Path], wanted: Mapping[str, bytes]) -> Iterator[str]:
    """Which canary sits in which file."""
    for path in paths:
        try:
            octets = path.read_bytes()
        except FileNotFoundError:
            continue  # the kiosk's journal forgets what is settled
        for name, canary in wanted.items():
            if _appears(canary, octets):
                yield f"{name} in {path.name}"


def _appears(canary: bytes, octets: bytes) -> bool:
    if len(canary) > _SHORT or canary not in octets:
        return canary in octets
    # Four digits stand by chance in times, ports and hashes: only a number that stands alone counts.
    octets = _PROCESS_IDS.sub(b"", octets)
    return any(_stands_alone(octets, match.span()) for match in re.finditer(canary, octets))


def _stands_alone(octets: bytes, span: tuple[int, int]) -> bool:
    around = octets[max(0, span[0] - 1) : span[0]], octets[span[1] : span[1] + 1]
    return not any(_BESIDE.fullmatch(beside) for beside in around)
