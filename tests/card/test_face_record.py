from contextlib import suppress
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from sample_card import FRONT, PHOTO

from services.card.cv_certificate import CVCertificate, RSAKeyObject, key_id
from services.card.face_record import LARGEST_RECORD, FaceRecord, digest_info
from services.card.tlv import encode, parse, parse_one
from services.domain.errors import ProofMalformed


@pytest.fixture(scope="session")
def record(contents):
    return contents.visual.face_record


def test_a_record_is_read_as_it_was_made(record):
    parsed = FaceRecord.parse(record)
    assert (parsed.face.birth, parsed.face.sex, parsed.face.photo_jp2) == (FRONT.birth, "1", PHOTO)
    assert parsed.expiry == FRONT.expiry
    assert parsed.octets == record


def test_the_offset_table_points_at_the_objects(record):
    table, *objects = parse(parse_one(record, 0xFF20))
    offsets = [int.from_bytes(table.value[at : at + 2], "big") for at in range(0, 18, 2)]
    assert [record[at : at + 2] for at in offsets] == [item.octets[:2] for item in objects]


def test_the_issuer_signs_three_hashes_of_objects_with_their_headers(record, keys):
    parsed = FaceRecord.parse(record)
    objects = {item.tag: item.octets for item in parse(parse_one(record, 0xFF20))}
    parts = [
        objects[0xDF22] + objects[0xDF23] + objects[0xDF24],
        objects[0xDF25] + objects[0xDF26],
        objects[0xDF27],
    ]
    prefix = "3071300d060960864801650304020105000460"
    expected = bytes.fromhex(prefix) + b"".join(sha256(part).digest() for part in parts)
    assert parsed.face.signed_digest_info == expected
    keys.record_signer.public_key().verify(
        parsed.issuer_signature, parsed.face.signed_digest_info, padding.PKCS1v15(), NoDigestInfo()
    )


@pytest.mark.parametrize(
    "change",
    [
        {"birth": date(1980, 2, 18)},
        {"sex": "2"},
        {"name_png": b"other"},
        {"address_png": b"other"},
        {"photo_jp2": b"other"},
    ],
)
def test_every_signed_field_changes_what_is_signed(record, change):
    face = FaceRecord.parse(record).face
    assert replace(face, **change).signed_digest_info != face.signed_digest_info


def test_filler_behind_the_record_is_no_part_of_it(record):
    assert FaceRecord.parse(record + b"\xff" * 100).octets == record


@pytest.mark.parametrize("cut", [0, 1, 5, 20, 300, 6000])
def test_a_record_cut_short_is_refused(record, cut):
    with pytest.raises(ProofMalformed):
        FaceRecord.parse(record[:cut])


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0xDF21, b"\x00" * 17),
        (0xDF22, b"19800230"),
        (0xDF22, b"1980021"),
        (0xDF22, "１９８０".encode()[:8]),
        (0xDF23, b"7"),
        (0xDF23, b"11"),
        (0xDF24, b"\x90\x03\x01\x00\x01"),
        (0xDF24, encode(0x90, b"\x01\x00\x01") + encode(0x91, bytes(256))),
        (0xDF24, encode(0x90, b"\x01\x00\x03") + encode(0x91, b"\xff" * 256)),
        (0xDF28, b"short"),
        (0xDF29, b"99999999"),
    ],
)
def test_a_malformed_field_is_refused(record, tag, value):
    objects = [item.octets if item.tag != tag else encode(tag, value) for item in parse(parse_one(record, 0xFF20))]
    with pytest.raises(ProofMalformed):
        FaceRecord.parse(encode(0xFF20, *objects))


def test_a_record_larger_than_the_cards_file_is_neither_read_nor_made(record):
    with pytest.raises(ProofMalformed):
        FaceRecord.parse(record + b"\xff" * LARGEST_RECORD)
    parsed = FaceRecord.parse(record)
    with pytest.raises(ValueError, match="32768"):
        _ = replace(parsed, face=replace(parsed.face, photo_jp2=bytes(40_000))).octets


@given(st.integers(0, 6700), st.binary(min_size=1, max_size=8))
def test_a_damaged_record_is_refused_or_read_and_nothing_else(contents, at, damage):
    octets = contents.visual.face_record
    with suppress(ProofMalformed):
        FaceRecord.parse(octets[:at] + damage + octets[at + len(damage) :])


@given(st.binary(max_size=800))
def test_garbage_is_refused(octets):
    for read in (FaceRecord.parse, CVCertificate.parse, RSAKeyObject.parse):
        with pytest.raises(ProofMalformed):
            read(octets)


def test_a_cv_certificate_has_the_cards_form(contents):
    octets = contents.visual.cv_certificate
    assert (octets[:5].hex(), len(octets)) == ("7f21820233", 568)
    assert octets[5:10].hex() == "5f4e820129"


def test_the_cv_certificates_issuer_signs_its_body(contents, keys):
    parsed = CVCertificate.parse(contents.visual.cv_certificate + b"\xff" * 8)
    keys.ca.public_key().verify(parsed.signature, parsed.signed_bytes, padding.PKCS1v15(), SHA256())
    assert parsed.key.public_key() == keys.record_signer.public_key()
    assert (parsed.issuer_key_id, parsed.subject_key_id) == (key_id(24), key_id(241))


def test_a_test_hierarchys_key_id_begins_with_six():
    assert key_id(24) == b"6000024\x08\x05001\x00\x00\x00\x00"
    with pytest.raises(ValueError, match="999999"):
        key_id(1_000_000)


def test_only_a_sha256_digest_has_this_digest_info():
    with pytest.raises(ValueError, match="32"):
        digest_info(bytes(20))
