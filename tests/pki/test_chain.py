from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pki_cards import CARD_KEYS, NOW

from services.domain.errors import CertificateExpired, CertificateUntrusted, ProofMalformed
from services.domain.password import PasswordKind
from services.pki import profile
from services.pki.chain import LARGEST_CERTIFICATE, parse, validated

SIGNATURE, USER_AUTHENTICATION = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "練習")])


def certificate(  # a good user-authentication certificate, but for what a test says
    issuer,
    *,
    key=None,
    usage=None,
    usage_critical=True,
    policies=(profile.POLICY[USER_AUTHENTICATION],),
    policies_critical=True,
    begins=NOW,
    ends=NOW + timedelta(days=365),
    more=(),
    signed_by=None,
    algorithm=None,
    serial=77,
):
    authority = issuer.authority(USER_AUTHENTICATION, 2)
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(authority.certificate.subject)
        .serial_number(serial)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .public_key((key or CARD_KEYS[0]).public_key())
    )
    if usage != "absent":
        builder = builder.add_extension(usage or profile.key_usage(USER_AUTHENTICATION), critical=usage_critical)
    if policies:
        named = [x509.PolicyInformation(x509.ObjectIdentifier(policy), None) for policy in policies]
        builder = builder.add_extension(x509.CertificatePolicies(named), critical=policies_critical)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(signed_by or authority.key, algorithm or hashes.SHA256()).public_bytes(Encoding.DER)


def usage(**changes):
    names = """digital_signature content_commitment key_encipherment data_encipherment key_agreement
    key_cert_sign crl_sign encipher_only decipher_only"""
    return x509.KeyUsage(**{name: changes.get(name, name == "digital_signature") for name in names.split()})


def refusal(der, trust, *, kind=USER_AUTHENTICATION, at=NOW):
    with pytest.raises(CertificateUntrusted) as caught:
        validated(der, kind, trust, at)
    return caught.value.detail["reason"]


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("kind", list(PasswordKind))
def test_both_generations_issue_certificates_that_hold(issue, trust, generation, kind):
    issued = issue(generation=generation).credential(kind).certificate

    assert validated(issued, kind, trust, NOW).public_bytes(Encoding.DER) == issued


def test_the_plain_certificate_of_this_file_holds(issuer, trust):
    assert validated(certificate(issuer), USER_AUTHENTICATION, trust, NOW).serial_number == 77


def test_generations_share_one_name_so_only_the_signature_tells_them_apart(trust):
    first, second = (one.certificate for one in trust.of_kind(SIGNATURE))

    assert first.subject == second.subject
    assert first.public_key() != second.public_key()


@pytest.mark.parametrize(("issued_by", "trusted"), [(1, 2), (2, 1)])
def test_a_generation_that_is_not_trusted_is_no_issuer(issue, trust, issued_by, trusted):
    narrow = replace(trust, generations=tuple(g for g in trust.generations if g.label.endswith(str(trusted))))
    der = issue(generation=issued_by).signature.certificate

    assert refusal(der, narrow, kind=SIGNATURE) == "issuer"


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_a_certificate_does_not_stand_for_the_other_password(card, trust, kind):
    assert refusal(card.credential(kind.other).certificate, trust, kind=kind) == "issuer"


def test_a_stranger_who_uses_the_authoritys_name_is_no_issuer(issuer, trust):
    assert refusal(certificate(issuer, signed_by=CARD_KEYS[1]), trust) == "issuer"


def test_an_authoritys_own_certificate_is_no_holders(trust):
    der = trust.of_kind(USER_AUTHENTICATION)[1].certificate.public_bytes(Encoding.DER)

    assert refusal(der, trust) == "key-usage"


@pytest.mark.parametrize(
    ("deviation", "expected"),
    [
        ({"usage": usage(key_cert_sign=True)}, "key-usage"),
        ({"usage": usage(crl_sign=True)}, "key-usage"),
        ({"usage": usage(content_commitment=True)}, "key-usage"),
        ({"usage": usage(digital_signature=False, key_encipherment=True)}, "key-usage"),
        ({"usage_critical": False}, "key-usage"),
        ({"usage": "absent"}, "key-usage"),
        ({"policies": [profile.POLICY[SIGNATURE]]}, "policy"),
        ({"policies": ["1.2.392.200149.8.5.1.3.30"]}, "policy"),
        ({"policies": [profile.POLICY[USER_AUTHENTICATION], profile.POLICY[SIGNATURE]]}, "policy"),
        ({"policies": []}, "policy"),
        ({"policies_critical": False}, "policy"),
        ({"more": [(x509.BasicConstraints(ca=True, path_length=None), True)]}, "basic-constraints"),
        ({"more": [(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.OCSP_SIGNING]), True)]}, "critical-extension"),
        (
            {"more": [(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True)]},
            "critical-extension",
        ),
    ],
)
def test_a_deviation_from_the_profile_is_refused(issuer, trust, deviation, expected):
    assert refusal(certificate(issuer, **deviation), trust) == expected


def test_an_unknown_extension_that_is_not_critical_is_passed_over(issuer, trust):
    furigana = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00")

    assert validated(certificate(issuer, more=[(furigana, False)]), USER_AUTHENTICATION, trust, NOW)


@pytest.mark.parametrize(
    "make_key",
    [
        lambda: rsa.generate_private_key(65537, 1024),
        lambda: rsa.generate_private_key(3, 2048),
        lambda: ec.generate_private_key(ec.SECP256R1()),
    ],
    ids=["1024 bits", "exponent 3", "elliptic curve"],
)
def test_another_kind_of_key_is_refused(issuer, trust, make_key):
    assert refusal(certificate(issuer, key=make_key()), trust) == "key"


def test_a_certificate_is_valid_from_its_first_second_to_its_last(issuer, trust):
    der, second = certificate(issuer, ends=NOW + timedelta(days=1)), timedelta(seconds=1)

    for at in (NOW, NOW + timedelta(days=1)):
        assert validated(der, USER_AUTHENTICATION, trust, at)
    for at in (NOW - second, NOW + timedelta(days=1) + second):
        with pytest.raises(CertificateExpired):
            validated(der, USER_AUTHENTICATION, trust, at)


def test_a_generation_past_its_own_time_issues_nothing_that_holds(issuer, trust):
    after = trust.of_kind(USER_AUTHENTICATION)[1].certificate.not_valid_after_utc + timedelta(seconds=1)

    assert refusal(certificate(issuer, ends=after + timedelta(days=1)), trust, at=after) == "issuer-validity"


def second_form(issuer):
    """The same certificate with a BIT STRING that calls its last bit, which is zero, unused."""
    for serial in range(1, 100):
        der = bytearray(certificate(issuer, serial=serial))
        if der[-1] & 1 == 0:
            der[-257] = 1  # how many bits at the end are unused
            return bytes(der)
    raise AssertionError("no signature among a hundred ends in a zero bit")


def test_a_certificate_has_no_second_form_under_which_its_card_would_be_another(issuer, trust):
    der = second_form(issuer)
    # The library takes it, and the signature holds: without our own check one card would be two.
    x509.load_der_x509_certificate(der).verify_directly_issued_by(issuer.authority(USER_AUTHENTICATION, 2).certificate)

    with pytest.raises(ProofMalformed) as caught:
        validated(der, USER_AUTHENTICATION, trust, NOW)
    assert caught.value.detail == {"where": "certificate-frame"}


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda der: der + b"\x00", "certificate"),
        (lambda der: der[:-1], "certificate"),
        (lambda _: b"", "certificate"),
        (lambda der: der + bytes(LARGEST_CERTIFICATE), "certificate-size"),
    ],
)
def test_more_or_less_than_one_certificate_is_refused(card, spoil, where):
    with pytest.raises(ProofMalformed) as caught:
        parse(spoil(card.signature.certificate))
    assert caught.value.detail == {"where": where}


def test_a_signature_with_another_hash_has_not_the_profiles_form(issuer, trust):
    with pytest.raises(ProofMalformed):
        validated(certificate(issuer, algorithm=hashes.SHA512()), USER_AUTHENTICATION, trust, NOW)


@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_else_escapes(octets):
    with pytest.raises(ProofMalformed):
        parse(octets)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_changed_octet_of_a_certificate_passes(card, trust, data):
    der = bytearray(card.signature.certificate)
    place = data.draw(st.integers(0, len(der) - 1))
    der[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises((ProofMalformed, CertificateUntrusted)):
        validated(bytes(der), SIGNATURE, trust, NOW)
