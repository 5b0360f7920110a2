"""What a test card was seen to answer (spec/card.md 1.3), one row each: what was selected, the command, the answer."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from sample_card import FRONT, SERIAL, SIGN_PASSWORD, TEXT_PIN, USER_PIN

from services.card.apdu import Command
from services.card.face_record import digest_info
from services.card.virtual.card import VirtualCard

JPKI = "00A4040C0AD392F000260100000001"
VISUAL = "00A4040C0AD3921000310001010402"
TEXT = "00A4040C0AD3921000310001010408"
RESIDENT = "00A4040C0AD3921000310001010401"
COMMON = "00A4040C0AD3921000310001010100"


def ef(number):
    return f"00A4020C02{number}"


def verify(secret):
    octets = secret if isinstance(secret, bytes) else secret.encode()
    return f"00200080{len(octets):02X}{octets.hex()}"


def say(card, *commands):
    """The last answer."""
    for command in commands:
        answer, status = card.transmit(bytes.fromhex(command))
    return answer, f"{status:04X}"


@pytest.mark.parametrize(
    ("commands", "status"),
    [
        ([JPKI], "9000"),
        ([VISUAL], "9000"),
        ([TEXT], "9000"),
        ([RESIDENT], "9000"),
        ([COMMON], "9000"),
        (["00A404000CA000000063504B43532D3135"], "6A82"),  # PKCS#15's name: OpenSC asks
        (["00A4040C05D392F00026"], "9000"),  # a prefix selects
        (["00A4040C04D392F000"], "6A82"),  # too short for one
        (["00A40000"], "6A86"),
        ([JPKI, "00A40000"], "9000"),
        (["00A4000C023F00"], "6A82"),
        ([ef("0006")], "6A82"),  # nothing is in the issuer's domain
        ([JPKI, ef("7777")], "6A82"),
        ([JPKI, "00A4020C01AA"], "6700"),
        ([JPKI, "00A4030C"], "6A86"),
        ([JPKI, "00B0000000"], "6986"),  # no EF selected
        ([JPKI, ef("0018"), "00B0000000"], "6981"),  # a password is no data
        ([JPKI, ef("0017"), "00B0000000"], "6981"),
        ([JPKI, ef("0001"), "00B0000000"], "6982"),
        ([JPKI, ef("0009"), "00B0000000"], "6982"),
        ([JPKI, ef("000A"), "00B0000000"], "9000"),
        ([JPKI, ef("000A"), "00B07FFF00"], "6B00"),
        ([JPKI, "00B08A0000"], "9000"),
        ([JPKI, "00B0840000"], "6A82"),  # no EF has this short id
        ([JPKI, "00B0CA0000"], "6A86"),
        ([JPKI, ef("000A"), "00B00000"], "6700"),
        ([VISUAL, ef("0002"), "00B0000000"], "6982"),
        ([VISUAL, ef("0005"), "00B0000000"], "6982"),
        ([VISUAL, ef("0004"), "00B0000000"], "9000"),
        ([TEXT, ef("0001"), "00B0000000"], "6982"),
        ([COMMON, "00B2010C00"], "9000"),
        ([COMMON, "00B2020C00"], "6A83"),
        ([COMMON, "00B2010800"], "6A86"),
        ([COMMON, "00B201E400"], "6981"),  # EF 001C is a key
        ([JPKI, "00B2010400"], "6986"),
        ([JPKI, "00B2013400"], "6981"),
        ([JPKI, ef("000A"), "00200080"], "6981"),
        ([JPKI, "00200080"], "6986"),
        (["00200080"], "6986"),
        ([JPKI, "00200000"], "6A86"),
        ([JPKI, "00200198"], "6A86"),
        ([JPKI, "0020008F"], "6A88"),
        ([JPKI, "00200098"], "63C3"),  # by short id
        ([JPKI, ef("0018"), "00200080"], "63C3"),
        ([JPKI, ef("001B"), "00200080"], "63C5"),
        ([TEXT, ef("0011"), "00200080"], "63C3"),
        ([VISUAL, ef("0012"), "00200080"], "63CA"),
        ([VISUAL, ef("0011"), "00200080"], "63CA"),
        ([TEXT, ef("0015"), "00200080"], "63CA"),
        ([COMMON, ef("001C"), "00200080"], "63C3"),
        ([RESIDENT, ef("001C"), "00200080"], "63C3"),
        ([VISUAL, ef("0013"), "00200080"], "63C0"),  # the My Number opens nothing here
        ([VISUAL, ef("0013"), verify("000000000000")], "6984"),
        ([TEXT, ef("0012"), "00200080"], "63C0"),
        ([TEXT, ef("0012"), verify("0000")], "6984"),
        ([JPKI, ef("0018"), verify(USER_PIN)], "9000"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00200080"], "63C3"),  # OpenSC wants 63 here even now
        ([JPKI, ef("0018"), verify("0000")], "63C2"),
        ([JPKI, ef("0018"), verify("0000"), verify("0000"), verify("0000")], "63C0"),
        ([JPKI, ef("0018"), *[verify("0000")] * 3, verify(USER_PIN)], "6984"),
        ([JPKI, ef("0018"), *[verify("0000")] * 3, "00200080"], "63C0"),
        ([JPKI, ef("0018"), verify("0000"), verify(USER_PIN), "00200080"], "63C3"),
        ([JPKI, ef("001B"), verify(SIGN_PASSWORD.lower())], "63C4"),  # raw comparison
        ([JPKI, ef("0017"), "802A00800433333333" + "00"], "6982"),
        ([JPKI, ef("0018"), verify(USER_PIN), "802A00970433333333" + "00"], "9000"),
        ([JPKI, ef("0018"), verify(USER_PIN), ef("0017"), "802A00800433333333"], "6700"),  # no Le
        ([JPKI, ef("0018"), verify(USER_PIN), ef("0017"), "802A06800433333333" + "00"], "6A86"),
        ([JPKI, ef("0018"), verify(USER_PIN), ef("0017"), "802A02800433333333" + "00"], "6700"),
        ([JPKI, ef("0018"), verify(USER_PIN), "802A00800433333333" + "00"], "6981"),  # a password cannot sign
        ([JPKI, ef("0018"), verify(USER_PIN), ef("001A"), "802A00800433333333" + "00"], "6982"),
        ([JPKI, "802A00000433333333" + "00"], "6A88"),  # no default key
        ([JPKI, "802A00400433333333" + "00"], "6A86"),
        ([JPKI, "802A00960433333333" + "00"], "6985"),
        ([VISUAL, "802A00000433333333" + "00"], "9000"),
        ([TEXT, "802A00000433333333" + "00"], "9000"),
        # Selecting another application forgets; so does failing.
        ([JPKI, ef("0018"), verify(USER_PIN), VISUAL, JPKI, ef("0017"), "802A00800433333333" + "00"], "6982"),
        ([JPKI, ef("0018"), verify(USER_PIN), verify("0000"), ef("0017"), "802A00800433333333" + "00"], "6982"),
        ([JPKI, ef("0018"), "00240180" + "04" + b"2468".hex()], "6982"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00240180" + "04" + b"2468".hex()], "9000"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00240180" + "04" + b"2468".hex(), verify("2468")], "9000"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00240180" + "05" + b"24680".hex()], "6A80"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00240080" + "04" + b"2468".hex()], "6A86"),
        ([JPKI, ef("0018"), verify(USER_PIN), "00240198" + "04" + b"2468".hex()], "6A86"),
        ([JPKI, ef("0018"), *[verify("0000")] * 3, "00240180" + "04" + b"2468".hex()], "6984"),
        ([VISUAL, ef("0012"), verify(FRONT.verification_number_b), "00240180" + "04" + b"2468".hex()], "6985"),
        ([COMMON, ef("001C"), verify(TEXT_PIN), "80320080" + "04" + b"2468".hex(), verify("2468")], "9000"),
        ([COMMON, ef("001C"), verify(TEXT_PIN), "80320180" + "04" + b"2468".hex()], "6A86"),
        ([COMMON, ef("001C"), verify(TEXT_PIN), "00240180" + "04" + b"2468".hex()], "6985"),
        (["0084000010"], "9000"),
        (["00840000000101"], "6985"),  # more than a short answer
        (["0084010010"], "6A86"),
        (["00840000"], "6700"),
        (["00CA5F5100"], "9000"),
        (["00CA00F000"], "9000"),
        (["00CA00F2"], "6700"),
        (["00CA123400"], "6A88"),
        ([JPKI, "00CA5F5100"], "6A88"),
        ([JPKI, "80A200C10433333333"], "6700"),
        ([JPKI, "80A200000433333333"], "6A86"),
        ([JPKI, "80AE0000"], "6D00"),
        ([JPKI, "0070000001"], "6D00"),
        ([JPKI, "0CB0000000"], "6E00"),
        ([JPKI, "01A4040C"], "6E00"),
        (["00"], "6700"),
        (["00A4040C0AD392"], "6700"),
    ],
)
def test_the_card_answers(virtual_card, commands, status):
    assert say(virtual_card, *commands)[1] == status


@pytest.mark.parametrize(
    ("application", "number", "pins"),
    [
        (JPKI, "0001", {"001B": SIGN_PASSWORD}),
        (VISUAL, "0001", {"0011": FRONT.verification_number_b[:6]}),
        (VISUAL, "0002", {"0012": FRONT.verification_number_b}),
        (TEXT, "0001", {"0011": TEXT_PIN}),
        (TEXT, "0002", {"0011": TEXT_PIN, "0015": FRONT.verification_number_b}),
        (TEXT, "0003", {"0011": TEXT_PIN, "0015": FRONT.verification_number_b}),
    ],
)
def test_a_file_opens_to_its_own_secrets_only(contents, application, number, pins):
    keys = {JPKI: ("0018", "001B"), VISUAL: ("0011", "0012"), TEXT: ("0011", "0015")}[application]
    secrets_by_file = {
        (JPKI, "0018"): USER_PIN,
        (JPKI, "001B"): SIGN_PASSWORD,
        (VISUAL, "0011"): FRONT.verification_number_b[:6],
        (VISUAL, "0012"): FRONT.verification_number_b,
        (TEXT, "0011"): TEXT_PIN,
        (TEXT, "0015"): FRONT.verification_number_b,
    }
    for key in keys:
        card = VirtualCard(contents)
        say(card, application, ef(key), verify(secrets_by_file[application, key]))
        assert say(card, ef(number), "00B0000000")[1] == ("9000" if key in pins else "6982")


def test_the_whole_file_comes_in_one_extended_answer(virtual_card, contents):
    answer, status = say(virtual_card, JPKI, "00B08A00000000")
    assert (answer, status) == (contents.jpki.user_authentication.certificate, "9000")


def test_a_read_at_the_end_of_the_file_is_short(virtual_card, contents):
    length = len(contents.jpki.user_authentication.certificate)
    answer, status = say(virtual_card, JPKI, ef("000A"), f"00B0{length - 3:04X}00")
    assert (len(answer), status) == (3, "9000")


def test_select_tells_the_name_where_it_is_asked(virtual_card):
    answer, _ = say(virtual_card, "00A4040005D392F0002600")
    assert answer.hex() == "6f0c840ad392f000260100000001"


def test_the_common_record_names_the_card(virtual_card):
    assert say(virtual_card, COMMON, "00B2010C00")[0] == b"\x01\x1c" + f"{SERIAL}1310120350217".encode()


def test_a_token_says_what_it_is(virtual_card):
    answer, _ = say(virtual_card, JPKI, ef("0006"), "00B0000000")
    assert (answer[:32], len(answer)) == (b"JPKIAPICCTOKEN2".ljust(32), 160)


def test_a_card_without_a_signature_certificate_has_nothing_of_it(contents_without_signature):
    card = VirtualCard(contents_without_signature)
    assert [say(card, JPKI, ef(number))[1] for number in ("0001", "001A", "001B", "0018")] == ["6A82"] * 3 + ["9000"]
    assert say(card, ef("0008"), "00B0000000")[0].hex() == "008f00"


def test_every_scheme_of_the_signature_verifies(virtual_card, keys):
    public, message = keys.visual.public_key(), b"a message"
    digest = sha256(message).digest()
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    schemes = [
        (0, digest_info(digest), lambda got: public.verify(got, digest, padding.PKCS1v15(), Prehashed(SHA256()))),
        (1, message, lambda got: public.verify(got, digest, padding.PKCS1v15(), NoDigestInfo())),
        (2, digest, lambda got: public.verify(got, message, padding.PKCS1v15(), SHA256())),
        (3, message, lambda got: public.verify(got, message, padding.PKCS1v15(), SHA256())),
        (4, digest, lambda got: public.verify(got, message, pss, SHA256())),
        (5, message, lambda got: public.verify(got, message, pss, SHA256())),
    ]
    for p1, data, check in schemes:
        command = Command(0x80, 0x2A, p1, 0x00, data, 256).octets.hex()
        answer, status = say(virtual_card, VISUAL, command)
        assert (len(answer), status) == (256, "9000")
        check(answer)


def test_a_reset_forgets_the_verified_password(virtual_card):
    say(virtual_card, JPKI, ef("0018"), verify(USER_PIN))
    virtual_card.reset()
    assert say(virtual_card, JPKI, ef("0017"), "802A00800433333333" + "00")[1] == "6982"


def test_a_challenge_is_fresh(virtual_card):
    assert say(virtual_card, "0084000010")[0] != say(virtual_card, "0084000010")[0]
