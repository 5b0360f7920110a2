from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sample_card import FRONT, SIGN_PASSWORD, TEXT_PIN, USER_PIN

from reset_app.commands.card import card
from services.card.face_record import FaceRecord
from services.card.virtual.contents import Pin
from services.card.virtual.store import load
from services.domain.errors import ModelMissing
from services.pki.issuer import VirtualIssuer
from services.vision.models import model_path


def run(*words, typed=""):
    return CliRunner().invoke(card, [str(word) for word in words], input=typed)


def test_show_says_what_is_on_the_card_and_keeps_its_secrets(card_file):
    shown = run("show", card_file)
    assert shown.exit_code == 0
    for expected in (
        "練習",
        "101234567890123",
        "signature            5 of 5 tries left",
        "visual_number_b      10 of 10",
    ):
        assert expected in shown.output
    number_b = FRONT.verification_number_b.decode()
    for secret in (SIGN_PASSWORD, TEXT_PIN, USER_PIN, number_b):
        assert f" {secret} " not in shown.output.replace("\n", " ")
    assert SIGN_PASSWORD not in shown.output


@pytest.mark.parametrize(
    "words",
    [
        ["show", "nothing.json"],
        ["serve", "nothing.json"],
        ["serve", "--socket", "a.sock", "nothing.json"],
        ["serve", "--vpcd", "nowhere", "nothing.json"],
        ["serve", "--vpcd", "127.0.0.1:99999", "nothing.json"],
        ["serve", "--vpcd", "127.0.0.1:1", "--socket", "a.sock", "nothing.json"],
    ],
)
def test_what_cannot_be_done_is_said(words):
    said = run(*words)
    assert said.exit_code != 0
    assert "Error" in said.output
    assert "Traceback" not in said.output


def test_a_vpcd_that_is_not_there_is_said(card_file, socket_enabled):
    said = run("serve", "--vpcd", "127.0.0.1:1", card_file)
    assert "PR-6001" in said.output


@pytest.fixture(scope="session")
def astronaut():
    try:
        return model_path("astronaut")
    except ModelMissing:
        pytest.skip("the default portrait is fetched by `make setup`")


@pytest.mark.models
def test_a_card_is_issued_to_a_resident_who_does_not_exist(tmp_path, astronaut):
    issuer = tmp_path / "issuer"
    VirtualIssuer.create(issuer, now=datetime.now(UTC), public_url="http://127.0.0.1:9")
    path = tmp_path / "card.json"
    words = ["issue", "--issuer", issuer, "--seed", "7", path]
    issued = run(*words, typed=f"12\n{USER_PIN}\n{SIGN_PASSWORD.lower()}\n")
    assert issued.exit_code == 0, issued.output
    contents = load(path)
    pins = [contents.pins[pin].value for pin in (Pin.USER_AUTHENTICATION, Pin.SIGNATURE)]
    assert pins == [USER_PIN.encode(), SIGN_PASSWORD.encode()]
    assert SIGN_PASSWORD not in issued.output.upper()
    assert contents.serial in issued.output
    photo = FaceRecord.parse(contents.visual.face_record).face.photo_jp2
    assert photo[4:8] == b"jP  "
    assert run(*words).exit_code != 0  # a card is never overwritten
