"""One screen of every kind, as the terminal shows it: for the layout checks and for the pictures in the documentation."""

from dataclasses import dataclass, replace
from datetime import timedelta

from kiosk_world import NOW, SIGNATURE, USER, S

from kiosk.inbox import Happening
from kiosk.screen import Fault, Screen
from services.domain import errors

FAR = NOW + timedelta(seconds=60)
SOON = NOW + timedelta(seconds=14)


def at(state: S, **more) -> Screen:
    return Screen(state, **{"kind": SIGNATURE, "ends_at": FAR, **more})


def failed(error: errors.ResetError, **more) -> Screen:
    return at(S.FAILED, fault=Fault.of(error), **more)


_OTHER = at(S.OTHER_PASSWORD, tries_left=3)
_NEW = at(S.NEW_PASSWORD, deadline="2026/11/22 09:00")
GALLERY = {
    "01-idle": Screen(S.IDLE),
    "02-services": at(S.SERVICES, kind=None),
    "03-kind": at(S.KIND, kind=None),
    "04-place-card": at(S.PLACE_CARD),
    "05-place-card-again": at(S.PLACE_CARD, fault=Fault.of(errors.CardConnectionLost())),
    "06-other-password": _OTHER,
    "07-other-password-wrong": replace(
        _OTHER, tries_left=2, fault=Fault.of(errors.PasswordRejected(kind=USER.label, tries_left=2))
    ),
    "08-other-password-last-try": replace(
        _OTHER, tries_left=1, fault=Fault.of(errors.LastTryUnconfirmed(kind=USER.label))
    ),
    "09-other-password-signature": at(S.OTHER_PASSWORD, kind=USER, tries_left=5),
    "10-checking": at(S.CHECKING, ends_at=None),
    "11-new-password": _NEW,
    "12-new-password-weak": replace(_NEW, fault=Fault.of(errors.PasswordWeak())),
    "13-new-password-after-doubt": replace(_NEW, ask_card_first=True),
    "14-new-password-digits": replace(_NEW, kind=USER),
    "15-new-password-again": replace(_NEW, state=S.NEW_PASSWORD_AGAIN),
    "16-resetting": at(S.RESETTING, ends_at=None),
    "17-return-card": at(S.RETURN_CARD, doubt=True),
    "18-done": at(S.DONE),
    "19-done-pending": at(S.DONE, pending=True),
    "20-failed-no-reservation": failed(errors.ReservationNotFound()),
    "21-failed-locked": failed(errors.PasswordLocked(kind=USER.label)),
    "22-failed-doubt": failed(errors.PreviousResultPending(), doubt=True),
    "23-failed-card-removed": failed(errors.CardRemoved()),
    "24-failed-server": failed(errors.ServerUnreachable()),
    "25-remove-card": at(S.REMOVE_CARD, kind=None, ends_at=None),
    "26-idle-warning": replace(_NEW, ends_at=SOON),
    "27-terms": at(S.TERMS),
    "28-found": at(S.FOUND, deadline="2026/11/22 09:00"),
    "29-confirm": at(S.CONFIRM),
    "30-thanks": at(S.THANKS, kind=None),
    "31-closed": at(S.CLOSED, kind=None, ends_at=None),
}


@dataclass
class ScriptedFront:
    """`kiosk.loop.Front` that shows what it is told to show."""

    screen: Screen

    def tell(self, happening: Happening) -> None:
        happening.handled.set()
