"""Certificates in the profile, and the issuer's directory."""

import stat
import subprocess
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pki_cards import CARD_KEYS, NOW

from services.card.cv_certificate import KEY_OBJECT_BYTES
from services.domain.password import PasswordKind
from services.pki import profile
from services.pki.issuer import VirtualIssuer
from services.pki.trust import TrustStore

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
DER_UTF8 = 0x0C


def attributes(certificate):
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert all(name.value[0] == DER_UTF8 for name in names)
    return [(name.type_id.dotted_string, name.value) for name in names]


def test_the_signature_certificate_carries_the_four_attributes_in_the_cards_order(card):
    certificate = x509.load_der_x509_certificate(card.signature.certificate)

    numbers = [oid.removeprefix("1.2.392.200149.8.5.5.") for oid, _ in attributes(certificate)]

    assert numbers == ["1", "4", "3", "5", "2", "6"]


def test_the_user_authentication_certificate_says_nothing_of_the_holder(card):
    certificate = x509.load_der_x509_certificate(card.user_authentication.certificate)

    assert sorted(attribute.oid.dotted_string for attribute in certificate.subject) == ["2.5.4.3", "2.5.4.6"]
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_openssl_verifies_a_cards_certificate_under_its_authority(issuer, card, tmp_path, kind):
    (tmp_path / "card.der").write_bytes(card.credential(kind).certificate)
    root = issuer.directory / "ca" / f"{kind.value}-2.pem"

    subprocess.run(
        ["openssl", "x509", "-inform", "der", "-in", "card.der", "-out", "card.pem"], cwd=tmp_path, check=True
    )
    found = subprocess.run(
        ["openssl", "verify", "-attime", str(int(NOW.timestamp())), "-CAfile", root, "card.pem"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )

    assert found.stdout == "card.pem: OK\n"


def test_nothing_of_the_issuer_calls_itself_the_jpki(issuer):
    for authority in issuer.authorities():
        organisation = authority.certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
        assert [item.value for item in organisation] == ["JPKI-SIM"]


@pytest.mark.parametrize(
    ("issued", "birth", "card_expiry", "expected"),
    [
        ("2026-11-21", "1989-03-31", "2036-03-31", "2031-03-31"),
        ("2026-03-30", "1989-03-31", "2036-03-31", "2030-03-31"),
        ("2026-03-31", "1989-03-31", "2036-03-31", "2031-03-31"),  # the birthday of the day itself does not count
        ("2026-11-21", "1988-02-29", "2036-02-28", "2031-02-28"),
        ("2027-11-21", "1988-02-29", "2036-02-28", "2032-02-28"),  # as on the card's front, leap year or not
        ("2026-11-21", "1989-03-31", "2028-03-31", "2028-03-31"),  # the card ends first
    ],
)
def test_certificates_last_to_the_end_of_the_fifth_birthday_in_japan(issued, birth, card_expiry, expected):
    noon = datetime.fromisoformat(f"{issued}T12:00:00+09:00")

    last = profile.last_second(noon, date.fromisoformat(birth), date.fromisoformat(card_expiry))

    assert last == datetime.fromisoformat(f"{expected}T23:59:59+09:00")


def test_the_day_of_issue_is_japans(issuer):
    """15:30 UTC on the eve is half past midnight of the birthday in Japan."""
    eve = datetime(2026, 3, 30, 15, 30, tzinfo=UTC)

    assert profile.last_second(eve, date(1989, 3, 31), date(2036, 3, 31)).year == 2031


@pytest.mark.parametrize(
    ("birth", "western", "expected"),
    [
        (date(1989, 1, 7), False, "319890107"),
        (date(1989, 1, 8), False, "419890108"),
        (date(2019, 5, 1), False, "520190501"),
        (date(1980, 2, 17), True, "019800217"),
    ],
)
def test_the_birth_date_has_its_era_before_it(birth, western, expected):
    holder = profile.Holder("練習　太郎", birth, "1", "練習県" * 60, "99999", "Renshu", western)

    values = {name.type_id.dotted_string[-1]: name.value for name in profile.holder_attributes(holder)}

    assert values["4"] == b"\x0c\x09" + expected.encode()
    assert values["5"] == b"\x0c\x82\x02\x1c" + ("練習県" * 60).encode()  # X.690 8.1.3.5: 540 octets
    assert values["6"] == b"\x0c\x81\xb4" + b"0" * 180


# The directory.


def test_private_keys_are_their_owners_alone(issuer):
    keys = list(issuer.directory.rglob("*.key.pem"))

    assert len(keys) == 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def test_what_is_published_for_verifiers_holds_no_secret(issuer):
    content = b"".join(path.read_bytes() for path in (issuer.directory / "trust").iterdir())

    assert b"PRIVATE" not in content


def test_an_issuer_is_never_made_over_another(issuer):
    with pytest.raises(FileExistsError):
        VirtualIssuer.create(issuer.directory, now=NOW, public_url="http://127.0.0.1:1")


def test_an_issuer_is_there_wholly_or_not_at_all(tmp_path):
    made = []

    def power_cut():
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(None)
        return CARD_KEYS[len(made)]

    with pytest.raises(KeyboardInterrupt):
        VirtualIssuer.create(tmp_path / "issuer", now=NOW, public_url="http://127.0.0.1:1", make_key=power_cut)

    assert not (tmp_path / "issuer").exists()


def test_a_trust_store_is_a_rehearsals_and_has_two_generations_of_each_kind(trust):
    assert trust.rehearsal
    assert [len(trust.of_kind(kind)) for kind in PasswordKind] == [2, 2]
    assert [len(key.octets) for key in trust.face_keys.values()] == [KEY_OBJECT_BYTES]


def copied_trust(issuer, to, change):
    to.mkdir()
    for path in (issuer.directory / "trust").iterdir():
        (to / path.name).write_bytes(change(path.name, path.read_bytes()))
    return to


@pytest.mark.parametrize(
    "change",
    [
        lambda _, content: content.replace(b'"http://', b'"file://'),
        lambda _, content: content.replace(b'"kind": "signature"', b'"kind": "other"'),
        lambda _, content: content.replace(b'"label": "signature-1"', b'"label": "../ca/signature-1"'),
        lambda _, content: content.replace(b"BEGIN CERTIFICATE", b"BEGIN NOTHING"),
        lambda name, content: b"{" if name == "trust.json" else content,
    ],
)
def test_a_spoilt_trust_directory_stops_the_start(issuer, tmp_path, change):
    with pytest.raises((ValueError, KeyError)):
        TrustStore.load(copied_trust(issuer, tmp_path / "trust", change))


def test_a_holders_certificate_cannot_be_pinned_as_an_authority(issuer, card, tmp_path):
    holder = x509.load_der_x509_certificate(card.signature.certificate).public_bytes(Encoding.PEM)

    def change(name, content):
        return holder if name == "signature-1.pem" else content

    with pytest.raises(ValueError, match="not a CA"):
        TrustStore.load(copied_trust(issuer, tmp_path / "trust", change))
