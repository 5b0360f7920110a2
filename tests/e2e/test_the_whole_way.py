"""The whole main job on real parts: every program, the card behind its reader, real images through real models."""

import pytest

from services.rehearsal.canary import canaries, traces, written
from services.rehearsal.demo import perform

pytestmark = [pytest.mark.enable_socket, pytest.mark.models]


def test_a_forgotten_password_is_reserved_on_the_phone_and_reset_at_the_kiosk(stage, props, kind, telling):
    proof = perform(stage, props, kind, telling)
    assert (proof.completed, proof.evidence_verified) == (True, True), proof.facts
    assert_nothing_secret_was_written(stage, props, kind)


def assert_nothing_secret_was_written(stage, props, kind):
    """Greps everything that the whole run wrote, the cards' own memory excepted."""
    pictures = {"JPEG": b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG 2000": b"\x00\x00\x00\x0cjP  "}
    secrets = {**canaries(props, [props.new_passwords[kind]]), **pictures}
    files = written(stage.directory, [stage.card_file, stage.directory / "cards", stage.issuer_directory])
    assert any(path.suffix == ".log" for path in files)
    assert any(path.suffix == ".db" for path in files)
    assert [] == list(traces(files, secrets))
