"""The virtual issuer's word on a reset: implements `ports.ResetAuthority`.

The slot where the real issuer would be. The authorisation itself is INVENTED (services/card/unblock.py); what it must be given
for is not: both certificates of one card that the issuer issued, both good (spec/card.md 1.8).
"""

from hashlib import sha256
from pathlib import Path

from services.card.unblock import CHALLENGE_BYTES, Authorisation, message
from services.domain.errors import AuthorisationRefused, StorageUnavailable, Unavailable
from services.domain.password import PasswordKind
from services.pki.issuer import VirtualIssuer
from services.pki.registry import IssuedCertificate, Standing
from services.ports import AuthorisationRequest, Clock


class VirtualResetAuthority:
    """Authorises with the unblock key and the registry in the issuer's directory."""

    def __init__(self, issuer_directory: Path, clock: Clock) -> None:
        self._issuer = VirtualIssuer(issuer_directory)
        self._clock = clock

    def authorise(self, request: AuthorisationRequest) -> bytes:
        """See `ports.ResetAuthority`. PKCS#1 v1.5 has no randomness: the same request gives the same bytes."""
        try:
            return self._authorise(request)
        except (StorageUnavailable, OSError, ValueError) as exc:
            raise Unavailable from exc

    def confirm(self, identity_certificate: bytes, certificate: bytes, kind: PasswordKind, card_key: bytes) -> None:
        """See `ports.ResetAuthority`."""
        try:
            identity = self._issued(identity_certificate, PasswordKind.USER_AUTHENTICATION)
            other = self._issued(certificate, kind)
        except (StorageUnavailable, OSError) as exc:
            raise Unavailable from exc
        if identity.card_serial != other.card_serial or identity.card_key != card_key:
            raise AuthorisationRefused(reason="different-cards")

    def _authorise(self, request: AuthorisationRequest) -> bytes:
        if len(request.card_challenge) != CHALLENGE_BYTES:
            raise AuthorisationRefused(reason="challenge")
        card_serial = self._card_of(request)
        self._check_standing(card_serial, request.kind)
        signature = self._issuer.sign_unblock(
            message(
                card_serial=card_serial,
                reservation_id=request.reservation_id,
                kind=request.kind,
                challenge=request.card_challenge,
            )
        )
        return Authorisation.issued(
            reservation_id=request.reservation_id, kind=request.kind, signature=signature
        ).octets

    def _card_of(self, request: AuthorisationRequest) -> str:
        """Nothing that a card signs binds its two certificates to each other: only the registry knows that they belong together."""
        identity = self._issued(request.identity_certificate, PasswordKind.USER_AUTHENTICATION)
        other = self._issued(request.certificate, request.kind.other)
        if identity.card_serial != other.card_serial:
            raise AuthorisationRefused(reason="different-cards")
        return identity.card_serial

    def _issued(self, certificate: bytes, kind: PasswordKind) -> IssuedCertificate:
        found = self._issuer.registry.by_digest(sha256(certificate).digest())
        if found is None:
            raise AuthorisationRefused(reason="not-issued")
        if found.kind is not kind:
            raise AuthorisationRefused(reason="other-kind")
        return found

    def _check_standing(self, card_serial: str, kind: PasswordKind) -> None:
        """Both certificates count: the one that the password guards is not shown, and a dead one is not worth a password."""
        certificates = {item.kind: item for item in self._issuer.registry.of_card(card_serial)}
        if kind not in certificates:
            raise AuthorisationRefused(reason="absent")
        now = self._clock.now()
        for item in certificates.values():
            if item.standing is not Standing.GOOD:
                raise AuthorisationRefused(reason=item.standing.value)
            if item.ends_at < now:
                raise AuthorisationRefused(reason="expired")
