"""One screen of every kind, as the terminal shows it: for the layout checks and for the pictures in the documentation."""

from dataclasses import dataclass, replace
from datetime import timedelta

from kiosk_world import NOW, SIGNATURE, USER, S

from kiosk.closed import ClosedReason
from kiosk.inbox import Happening
from kiosk.manner import Manner
from kiosk.paper import Paper
from kiosk.screen import Fault, Screen
from kiosk.stage import Stage
from services.domain import errors

FAR = NOW + timedelta(seconds=60)
SOON = NOW + timedelta(seconds=14)


def at(state: S, **more) -> Screen:
    return Screen(state, **{"kind": SIGNATURE, "ends_at": FAR, **more})


def failed(error: errors.ResetError, **more) -> Screen:
    return at(S.FAILED, fault=Fault.of(error, over=True, doubt=more.get("doubt", False)), **more)


_OTHER = at(S.OTHER_PASSWORD, tries_left=3)
_NEW = at(S.NEW_PASSWORD)
_RESETTING = at(S.RESETTING, ends_at=None)
GALLERY = {
    "01-attract": Screen(S.IDLE),
    "02-services": at(S.SERVICES, kind=None),
    "03-kind": at(S.KIND, kind=None),
    "04-terms": at(S.TERMS),
    "05-place-card": at(S.PLACE_CARD),
    "06-place-card-again": at(S.PLACE_CARD, fault=Fault.of(errors.CardConnectionLost())),
    "07-other-password": _OTHER,
    "08-other-password-wrong": replace(
        _OTHER, tries_left=2, fault=Fault.of(errors.PasswordRejected(kind=USER.label, tries_left=2))
    ),
    "09-other-password-last-try": replace(
        _OTHER, tries_left=1, fault=Fault.of(errors.LastTryUnconfirmed(kind=USER.label))
    ),
    "10-other-password-signature": at(S.OTHER_PASSWORD, kind=USER, tries_left=5),
    "11-other-password-signature-last-try": at(
        S.OTHER_PASSWORD, kind=USER, tries_left=1, fault=Fault.of(errors.LastTryUnconfirmed(kind=SIGNATURE.label))
    ),
    "12-checking": at(S.CHECKING, ends_at=None),
    "13-found": at(S.FOUND, deadline="2026/11/22 09:00", code_words=("さくら", "ふくろう", "とけい")),
    "14-new-password": _NEW,
    "15-new-password-weak": replace(_NEW, fault=Fault.of(errors.PasswordSequence())),
    "16-new-password-after-doubt": replace(_NEW, ask_card_first=True),
    "16a-new-password-denied-and-weak": replace(
        _NEW, ask_card_first=True, fault=Fault.of(errors.PasswordSequence(), try_used=True)
    ),
    "17-new-password-digits": replace(_NEW, kind=USER),
    "18-new-password-digits-shuffled": replace(_NEW, kind=USER, manner=Manner(shuffled=True)),
    "19-new-password-again": replace(_NEW, state=S.NEW_PASSWORD_AGAIN),
    "20-confirm": at(S.CONFIRM),
    "21-resetting": replace(_RESETTING, stage=Stage.AUTHORISE),
    "22-resetting-proving": replace(_RESETTING, stage=Stage.PROVE),
    "23-return-card": at(S.RETURN_CARD, doubt=True),
    "24-done": at(S.DONE),
    "25-done-pending": at(S.DONE, pending=True),
    "25a-done-printed": at(S.DONE, paper=Paper.PRINTED),
    "25b-done-not-printed": at(S.DONE, paper=Paper.FAILED),
    "26-remove-card": at(S.REMOVE_CARD, kind=None, ends_at=None),
    "27-thanks": at(S.THANKS, kind=None, ends_at=NOW + timedelta(seconds=5)),
    "28-idle-warning": replace(_NEW, ends_at=SOON),
    **{
        f"{number}-failed-{name}": failed(error, unchanged=name != "used")
        for number, (name, error) in enumerate(
            {
                "no-reservation": errors.ReservationNotFound(),
                "expired": errors.ReservationExpired(expired_at="2026/11/21 09:00"),
                "used": errors.ReservationUsed(),
                "cancelled": errors.ReservationCancelled(),
                "other-kind": errors.ReservationOfOtherKind(),
                "in-use": errors.ReservationInUse(),
                "locked": errors.PasswordLocked(kind=USER.label),
                "certificate-expired": errors.CertificateExpired(),
                "certificate-revoked": errors.CertificateRevoked(),
                "certificate-absent": errors.CertificateAbsent(),
                "not-my-number-card": errors.NotMyNumberCard(),
                "wrong-card": errors.WrongCard(),
                "card-removed": errors.CardRemoved(),
                "reader": errors.ReaderMissing(),
                "server": errors.ServerUnreachable(),
                "unexpected": errors.Unexpected(incident="1a2b3c4d"),
            }.items(),
            29,
        )
    },
    "44a-failed-card-connection": failed(errors.CardConnectionLost(), unchanged=True),
    "44b-failed-place-suspended": failed(errors.PlaceSuspended(), unchanged=True),
    "44c-failed-build-suspended": failed(errors.BuildSuspended(), unchanged=True),
    "44d-failed-generation-suspended": failed(errors.CardGenerationSuspended(), unchanged=True),
    "44e-failed-matcher-suspended": failed(errors.MatcherSuspended(), unchanged=True),
    "44f-failed-certificate-held": failed(errors.CertificateHeld(), unchanged=True),
    "44g-failed-certificate-unknown": failed(errors.CertificateUnknown(), unchanged=True),
    "44h-failed-superseded": failed(errors.ClaimSuperseded(), unchanged=True),
    "44i-failed-revocation": failed(errors.RevocationUnavailable(), unchanged=True),
    "44j-failed-database": failed(errors.StorageUnavailable(), unchanged=True),
    "44k-failed-disk": failed(errors.JournalUnavailable(), unchanged=True),
    "44l-failed-evidence": failed(errors.EvidenceInvalid()),
    "45-failed-doubt": failed(errors.PreviousResultPending(), doubt=True),
    "45a-failed-doubt-last-try": failed(errors.LastTryUnconfirmed(), doubt=True),
    "45b-failed-doubt-expired": failed(errors.ReservationExpired(expired_at="2026/11/21 09:00"), doubt=True),
    **{
        f"{number}-closed-{reason.value}": Screen(S.CLOSED, closed=reason, fault=Fault.of(reason.error))
        for number, reason in enumerate(ClosedReason, 46)
    },
    "54-large-attract": Screen(S.IDLE, manner=Manner(large=True)),
    "55-large-new-password": replace(_NEW, manner=Manner(large=True)),
    "56-contrast-new-password": replace(_NEW, manner=Manner(contrast=True)),
    "57-low-kind": at(S.KIND, kind=None, manner=Manner(low=True)),
    "58-low-new-password": replace(_NEW, manner=Manner(low=True)),
    "59-languages": Screen(S.IDLE),
}


@dataclass
class ScriptedFront:
    """`kiosk.loop.Front` that shows what it is told to show."""

    screen: Screen

    def tell(self, happening: Happening) -> None:
        happening.handled.set()
