"""The CRLs on the shelf, without a network."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pki_cards import CARD_KEYS, NOW

from services.domain.password import PasswordKind
from services.domain.verdicts import RevocationStatus
from services.pki.crl import CRLShelf, accepted
from services.pki.ocsp import CLOCK_SLACK, Fault, RevocationFault
from services.pki.profile import authority_name

SIGNATURE = PasswordKind.SIGNATURE
LIFE = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def generation(trust):
    return trust.of_kind(SIGNATURE)[1]


@pytest.fixture
def shelf(tmp_path):
    return CRLShelf(tmp_path / "crl")


def crl(issuer, *, number=1, at=NOW, revoked=(), key=None, name=None, more=()):
    authority = issuer.authority(SIGNATURE, 2)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name or authority.certificate.subject)
        .last_update(at)
        .next_update(at + LIFE)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    for extension in more:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(key or authority.key, hashes.SHA256()).public_bytes(Encoding.DER)


def fault(octets, generation, at=NOW):
    with pytest.raises(RevocationFault) as caught:
        accepted(octets, generation, at)
    return caught.value.fault


def test_an_empty_shelf_has_no_answer(shelf, generation, card):
    assert shelf.look_up(x509.load_der_x509_certificate(card.signature.certificate), generation, NOW) is None


def test_a_certificate_on_the_crl_without_a_reason_is_revoked(issuer, shelf, generation, card):
    certificate = x509.load_der_x509_certificate(card.signature.certificate)
    shelf.keep(crl(issuer, revoked=[certificate.serial_number]), generation, NOW)

    verdict = shelf.look_up(certificate, generation, NOW)

    assert (verdict.status, verdict.source, verdict.produced_at) == (RevocationStatus.REVOKED, "crl", NOW)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda issuer: crl(issuer, key=CARD_KEYS[0]), Fault.SIGNATURE),
        (lambda issuer: crl(issuer, key=issuer.authority(SIGNATURE, 1).key), Fault.SIGNATURE),
        (
            lambda issuer: crl(issuer, name=authority_name(SIGNATURE.other)),
            Fault.OTHER_ISSUER,
        ),
        (lambda issuer: crl(issuer, more=[x509.DeltaCRLIndicator(1)]), Fault.PARTIAL),
        (
            lambda issuer: crl(
                issuer,
                more=[
                    x509.IssuingDistributionPoint(
                        full_name=None,
                        relative_name=None,
                        only_contains_user_certs=True,
                        only_contains_ca_certs=False,
                        only_some_reasons=None,
                        indirect_crl=False,
                        only_contains_attribute_certs=False,
                    )
                ],
            ),
            Fault.PARTIAL,
        ),
        (lambda _: b"", Fault.MALFORMED),
        (lambda issuer: crl(issuer)[:-1], Fault.MALFORMED),
    ],
)
def test_a_crl_that_is_not_this_generations_whole_word_is_refused(issuer, generation, make, expected):
    assert fault(make(issuer), generation) is expected


def test_a_crl_is_good_for_its_own_time(issuer, generation):
    octets = crl(issuer)

    for at in (NOW - CLOCK_SLACK, NOW, NOW + LIFE):
        assert accepted(octets, generation, at).last_update_utc == NOW
    assert fault(octets, generation, NOW - CLOCK_SLACK - SECOND) is Fault.NOT_YET_VALID
    assert fault(octets, generation, NOW + LIFE + SECOND) is Fault.STALE


def test_an_older_crl_does_not_replace_a_newer_one(issuer, shelf, generation, card):
    certificate = x509.load_der_x509_certificate(card.signature.certificate)
    shelf.keep(crl(issuer, number=7, revoked=[certificate.serial_number]), generation, NOW)

    with pytest.raises(RevocationFault) as caught:
        shelf.keep(crl(issuer, number=6), generation, NOW)

    assert caught.value.fault is Fault.STALE
    assert shelf.look_up(certificate, generation, NOW).status is RevocationStatus.REVOKED


def test_an_older_crl_does_not_replace_a_newer_one_that_is_past_its_time(issuer, shelf, generation):
    shelf.keep(crl(issuer, number=7, at=NOW - LIFE), generation, NOW - LIFE)

    with pytest.raises(RevocationFault):
        shelf.keep(crl(issuer, number=6), generation, NOW + SECOND)


def test_a_spoilt_file_on_the_shelf_is_no_answer_and_can_be_replaced(issuer, shelf, generation, card, tmp_path):
    certificate = x509.load_der_x509_certificate(card.signature.certificate)
    (tmp_path / "crl").mkdir()
    (tmp_path / "crl" / "signature-2.crl").write_bytes(b"spoilt")
    assert shelf.look_up(certificate, generation, NOW) is None

    shelf.keep(crl(issuer), generation, NOW)

    assert shelf.look_up(certificate, generation, NOW).status is RevocationStatus.GOOD
    assert [path.name for path in (tmp_path / "crl").iterdir()] == ["signature-2.crl"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_octet_of_a_crl_passes(issuer, generation, data):
    octets = bytearray(crl(issuer, revoked=[5]))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(RevocationFault):
        accepted(bytes(octets), generation, NOW)
