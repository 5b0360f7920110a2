"""A session with a My Number Card: what the companion and the kiosk say to it, in words.

The card forgets every verified password when another application is selected, when it is reset, and when it leaves the reader. So
a session does one application's work before it turns to the next, and a card that was swapped behind our back answers with "not
verified" instead of signing.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.card.apdu import Command, Instruction, StatusWord
from services.card.applications import (
    CERTIFICATE_FILES,
    KEY_FILES,
    PIN_FILES,
    TOKEN_LABEL,
    Application,
    JPKIFile,
    VisualFile,
)
from services.card.cv_certificate import LARGEST_CV_CERTIFICATE
from services.card.dialogue import APPLICATION_KEY, CURRENT_FILE, Dialogue
from services.card.face_record import LARGEST_RECORD, digest_info
from services.card.unblock import CHALLENGE_BYTES
from services.domain.card import CardFront
from services.domain.errors import (
    AuthorisationRefused,
    CardAnswerUnexpected,
    CardNumberLocked,
    CardNumberLockedByEntry,
    CardNumberRejected,
    CertificateAbsent,
    LastTryUnconfirmed,
    NotMyNumberCard,
    PasswordLocked,
    PasswordLockedByEntry,
    PasswordRejected,
)
from services.domain.password import Password, PasswordKind
from services.ports import CardChannel

LARGEST_CERTIFICATE = 4096  # JPKI certificates have 1.1 to 1.6 kB
NEW_REFERENCE_DATA = 0x02  # P1 of RESET RETRY COUNTER: the data is the new password only (ISO/IEC 7816-4, 11.5.10)
_COMMON_RECORD = 0x04 | 1 << 3  # P2 of READ RECORD: by number, in EF 0001


class CardFace(NamedTuple):
    """The card-face record (EF 0002) and its CV certificate (EF 0004), as read and unverified."""

    record: bytes
    cv_certificate: bytes


@dataclass(frozen=True)
class CommonRecord:
    """What 共通カードAP tells without a password."""

    serial: str
    municipality: str
    expiry: date


class MyNumberCard:
    """One card on one channel. One thread uses it.

    Every method may raise CardConnectionLost (no answer came: what the card did is unknown), CardAnswerUnexpected (an answer that
    the interface does not foresee) and NotMyNumberCard (an application is missing).
    """

    def __init__(self, channel: CardChannel) -> None:
        self._card = Dialogue(channel)

    def identify(self) -> None:
        """Makes sure that this is a My Number Card, by what it carries and never by its ATR.

        A reader makes up the ATR of a contactless card, and the old 住基カード has the same application: the token's label tells.

        Raises:
            NotMyNumberCard: another card.
        """
        self._card.select_application(Application.JPKI)
        if not self._card.has_file(JPKIFile.TOKEN) or self._card.read(0, len(TOKEN_LABEL)) != TOKEN_LABEL:
            raise NotMyNumberCard(application=Application.JPKI.name)

    def common_record(self) -> CommonRecord:
        """Serial, municipality and expiry."""
        self._card.select_application(Application.COMMON)
        octets = self._card.demand(Command(0x00, Instruction.READ_RECORD, 1, _COMMON_RECORD, answer=256))
        digits = octets[2:30].decode("ascii", "replace")
        try:
            if octets[:2] == b"\x01\x1c" and len(digits) == 28 and digits.isdecimal():
                return CommonRecord(digits[:15], digits[15:20], date.fromisoformat(digits[20:]))
        except ValueError:
            pass
        raise CardAnswerUnexpected(instruction=f"{Instruction.READ_RECORD:02X}")

    # ── 公的個人認証AP ────────────────────────────────────────────────────────────────────────────────────────────

    def identity_certificate(self) -> bytes:
        """The user-authentication certificate, DER, readable without a password.

        Raises:
            CertificateAbsent: the card carries none.
        """
        return self.certificate(PasswordKind.USER_AUTHENTICATION)

    def certificate(self, kind: PasswordKind) -> bytes:
        """The kind's certificate, DER. The signature certificate is readable after `verify` of its password only.

        Raises:
            CertificateAbsent: the card carries none.
        """
        self._card.select_application(Application.JPKI)
        self._select_of(kind, CERTIFICATE_FILES[kind])
        return self._card.read_object(LARGEST_CERTIFICATE)

    def tries_left(self, kind: PasswordKind) -> int:
        """How often the password may still be entered, 0 when locked. Never costs a try.

        Raises:
            CertificateAbsent: the card carries no certificate of this kind, so there is no password either.
        """
        self._select_pin(kind)
        return self._card.tries_left()

    def verify(self, password: Password, *, last_try_confirmed: bool = False) -> None:
        """Presents the password.

        Raises:
            CertificateAbsent: the card carries no certificate of this kind.
            PasswordLocked: it was locked before; nothing was sent.
            PasswordLockedByEntry: wrong, and that was the last try.
            LastTryUnconfirmed: one try is left and the holder has not said yes to using it; nothing was sent.
            PasswordRejected: wrong; `tries_left` counts.
        """
        self._select_pin(password.kind)
        kind = password.kind.label
        self._spare_last_try(self._card.tries_left(), PasswordLocked(kind=kind), confirmed=last_try_confirmed)
        tries = self._card.verify(password.octets)
        if tries == 0:
            raise PasswordLockedByEntry(kind=kind)
        if tries is not None:
            raise PasswordRejected(kind=kind, tries_left=tries)

    def sign(self, kind: PasswordKind, digest: bytes) -> bytes:
        """The signature of the kind's key over a SHA-256 digest, PKCS#1 v1.5, after `verify` of its password.

        Raises:
            CertificateAbsent: the card carries no key of this kind.
        """
        self._card.select_application(Application.JPKI)
        self._select_of(kind, KEY_FILES[kind])
        return self._card.sign(digest_info(digest), CURRENT_FILE)

    def get_challenge(self) -> bytes:
        """16 fresh random bytes of the card, for one authorisation. They die with the session."""
        self._card.select_application(Application.JPKI)
        challenge = self._card.demand(Command(0x00, Instruction.GET_CHALLENGE, 0, 0, answer=CHALLENGE_BYTES))
        if len(challenge) != CHALLENGE_BYTES:
            raise CardAnswerUnexpected(wanted=CHALLENGE_BYTES, answer_bytes=len(challenge))
        return challenge

    def reset(self, kind: PasswordKind, authorisation: bytes, new: Password) -> None:
        """Sets a new password and a full counter by the issuer's authorisation over this session's challenge.

        This is the INVENTED unblock of `services.card.unblock`; how a real card does it is not public. The card changes in one
        step, with RESET RETRY COUNTER: CardConnectionLost leaves open whether it did.

        Raises:
            CertificateAbsent: the card carries no certificate of this kind.
            AuthorisationRefused: the card does not accept the authorisation; nothing changed.
            ValueError: the new password is of another kind.
        """
        if new.kind is not kind:
            raise ValueError("the new password is of another kind")
        self._select_pin(kind)
        _, status = self._card.ask(Command(0x00, Instruction.EXTERNAL_AUTHENTICATE, 0, 0, authorisation))
        if status in (StatusWord.UNLIMITED_TRIES, StatusWord.SECURITY_NOT_SATISFIED):
            raise AuthorisationRefused(status=f"{status:04X}")
        if status != StatusWord.OK:
            raise CardAnswerUnexpected(status=f"{status:04X}", instruction=f"{Instruction.EXTERNAL_AUTHENTICATE:02X}")
        self._card.demand(Command(0x00, Instruction.RESET_RETRY_COUNTER, NEW_REFERENCE_DATA, CURRENT_FILE, new.octets))

    # ── 券面事項確認AP ────────────────────────────────────────────────────────────────────────────────────────────

    def number_tries_left(self) -> int:
        """How often 照合番号B may still be entered. Never costs a try."""
        self._card.select_application(Application.VISUAL)
        self._card.select_file(VisualFile.NUMBER_B)
        return self._card.tries_left()

    def verify_number_b(self, front: CardFront, *, last_try_confirmed: bool = False) -> None:
        """Presents 照合番号B, made of what is printed on the card's front.

        Raises:
            CardNumberLocked: it was locked before; nothing was sent.
            CardNumberLockedByEntry: wrong, and that was the last try.
            LastTryUnconfirmed: one try is left and the holder has not said yes to using it; nothing was sent.
            CardNumberRejected: wrong; `tries_left` counts.
        """
        tries = self.number_tries_left()
        self._spare_last_try(tries, CardNumberLocked(), confirmed=last_try_confirmed)
        left = self._card.verify(front.verification_number_b)
        if left == 0:
            raise CardNumberLockedByEntry
        if left is not None:
            raise CardNumberRejected(tries_left=left)

    def card_face(self) -> CardFace:
        """The card-face record and its CV certificate, after `verify_number_b`."""
        self._card.select_application(Application.VISUAL)
        self._card.select_file(VisualFile.FACE)
        record = self._card.read_object(LARGEST_RECORD)
        self._card.select_file(VisualFile.CV_CERTIFICATE)
        return CardFace(record, self._card.read_object(LARGEST_CV_CERTIFICATE))

    def sign_card_challenge(self, digest: bytes) -> bytes:
        """The signature of the card's own key, the one inside the card-face record: no clone has it. Needs no password."""
        self._card.select_application(Application.VISUAL)
        return self._card.sign(digest_info(digest), APPLICATION_KEY)

    def _select_pin(self, kind: PasswordKind) -> None:
        self._card.select_application(Application.JPKI)
        self._select_of(kind, PIN_FILES[kind])

    def _select_of(self, kind: PasswordKind, file: int) -> None:
        """Selects one of the kind's files. A card without this certificate has none of them: absent is not locked."""
        if not self._card.has_file(file):
            raise CertificateAbsent(kind=kind.label)

    @staticmethod
    def _spare_last_try(tries: int, locked: PasswordLocked | CardNumberLocked, *, confirmed: bool) -> None:
        if tries == 0:
            raise locked
        if tries == 1 and not confirmed:
            raise LastTryUnconfirmed(tries_left=1)
