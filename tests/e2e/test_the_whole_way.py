"""The whole main job on real parts: every program, the card behind its reader, real images through real models."""

import re

import pytest

from services.rehearsal.demo import perform

pytestmark = [pytest.mark.enable_socket, pytest.mark.models]


def test_a_forgotten_password_is_reserved_on_the_phone_and_reset_at_the_kiosk(stage, props, kind, telling):
    proof = perform(stage, props, kind, telling)
    assert (proof.completed, proof.evidence_verified) == (True, True), proof.facts
    assert_nothing_secret_was_written(stage, props, kind)


def assert_nothing_secret_was_written(stage, props, kind):
    """Greps everything that the whole run wrote, the cards' own memory excepted."""
    person = props.person
    canaries = {
        "signature password": props.passwords["signature"].encode(),
        "new password": props.new_passwords[kind].encode(),
        "user-authentication password": props.passwords["user_authentication"].encode(),
        "name": person.name.encode(),
        "address": person.address.encode(),
        "照合番号B": person.front.verification_number_b,
        "birth date": person.front.birth.isoformat().encode(),
        "JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF",
        "JPEG 2000": b"\x00\x00\x00\x0cjP  ",
    }
    written = [path for path in stage.directory.rglob("*") if path.is_file() and keeps_no_card(stage, path)]
    assert any(path.suffix == ".log" for path in written)
    assert any(path.suffix == ".db" for path in written)
    for path in written:
        try:
            octets = path.read_bytes()
        except FileNotFoundError:
            continue  # the kiosk's journal forgets what is settled
        for name, canary in canaries.items():
            assert not appears(canary, octets), f"{name} in {path.relative_to(stage.directory)}"


def keeps_no_card(stage, path) -> bool:
    return path != stage.card_file and stage.issuer_directory not in path.parents


def appears(canary: bytes, octets: bytes) -> bool:
    if len(canary) > 4:
        return canary in octets
    # Four digits stand by chance in times, ports and hashes: only a number that stands alone counts.
    return re.search(rb"(?<![\w.:/-])" + canary + rb"(?![\w.:/-])", octets) is not None
