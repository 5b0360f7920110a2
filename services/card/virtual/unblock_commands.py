"""The INVENTED unblock of the virtual card: GET CHALLENGE, EXTERNAL AUTHENTICATE, RESET RETRY COUNTER.

See `services.card.unblock` for what is signed and why nobody can say how a real card does it.
"""

import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from services.card.apdu import SHORT_ANSWER, Command, StatusWord
from services.card.applications import PIN_FILES, Application
from services.card.unblock import CHALLENGE_BYTES, Authorisation, message_for
from services.card.virtual.memory import CURRENT_FILE, CardMemory, CardRefusal
from services.card.virtual.pin_commands import replace_value
from services.domain.errors import ProofMalformed

NEW_REFERENCE_DATA = 0x02  # P1: the data is the new password alone (ISO/IEC 7816-4, 11.5.10)


def get_challenge(memory: CardMemory, command: Command) -> bytes:
    """GET CHALLENGE, 1 to 256 bytes; an extended one is refused with 6985 (soltia48/myna-card)."""
    if command.p1 or command.p2:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    if command.answer is None or command.data:
        raise CardRefusal(StatusWord.WRONG_LENGTH)
    if command.answer > SHORT_ANSWER:
        raise CardRefusal(StatusWord.CONDITIONS_NOT_SATISFIED)
    memory.session.challenge = secrets.token_bytes(command.answer)
    return memory.session.challenge


def external_authenticate(memory: CardMemory, command: Command) -> bytes:
    """EXTERNAL AUTHENTICATE: the issuer's word, over this session's challenge, that one password may be reset once."""
    if command.p1 or command.p2:
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    challenge, memory.session.challenge = memory.session.challenge, None
    memory.session.unblocked_file = None
    if memory.session.folder.name != Application.JPKI.value or challenge is None or len(challenge) != CHALLENGE_BYTES:
        raise CardRefusal(StatusWord.CONDITIONS_NOT_SATISFIED)
    try:
        authorisation = Authorisation.unpack(command.data)
    except ProofMalformed:
        raise CardRefusal(StatusWord.WRONG_LENGTH) from None
    _check(memory, authorisation, challenge)
    memory.session.unblocked_file = authorisation.key_file
    return b""


def _check(memory: CardMemory, authorisation: Authorisation, challenge: bytes) -> None:
    contents = memory.contents
    key = load_der_public_key(contents.unblock_key)
    if authorisation.key_file not in PIN_FILES.values() or not isinstance(key, RSAPublicKey):
        raise CardRefusal(StatusWord.UNLIMITED_TRIES)
    signed = message_for(contents.serial, authorisation.reservation, authorisation.key_file, challenge)
    try:
        key.verify(authorisation.signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise CardRefusal(StatusWord.UNLIMITED_TRIES) from None


def reset_retry_counter(memory: CardMemory, command: Command) -> bytes:
    """RESET RETRY COUNTER 00 2C 02 80: new password and full counter in one commit, for the authorised EF, once."""
    if (command.p1, command.p2) != (NEW_REFERENCE_DATA, CURRENT_FILE):
        raise CardRefusal(StatusWord.WRONG_PARAMETERS)
    number, pin = memory.pin_file(command.p2)
    authorised, memory.session.unblocked_file = memory.session.unblocked_file, None
    if pin is None or authorised != number:
        raise CardRefusal(StatusWord.SECURITY_NOT_SATISFIED)
    memory.session.verified.discard(pin)
    replace_value(memory, pin, command.data)
    return b""
