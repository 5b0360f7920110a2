"""What happens at the kiosk between two idle screens.

Every state that has a card handles its removal, the time-out, the loss of the reader and the person's cancel. Every way back
to `idle` passes the wipe: the controller wipes on entering `done`, `failed`, `remove_card`, `thanks`, `idle` and `closed`, whatever
the event was. A terminal that may not serve is `closed`; nobody is sent away in the middle of a session because it is. A time-out
in `idle` or `closed` forgets in which language somebody read the screen, and nothing else.
"""

from enum import StrEnum
from typing import Final

from services.domain.machine import Machine


class KioskState(StrEnum):
    """The screen that is shown."""

    IDLE = "idle"  # attract
    CLOSED = "closed"  # out of hours, maintenance, suspended, out of order
    SERVICES = "services"  # 行政サービス
    KIND = "kind"
    TERMS = "terms"
    PLACE_CARD = "place_card"
    OTHER_PASSWORD = "other_password"  # noqa: S105  # a screen's name
    CHECKING = "checking"  # VERIFY, claim
    FOUND = "found"  # the reservation: deadline, kind, code words
    NEW_PASSWORD = "new_password"  # noqa: S105  # a screen's name
    NEW_PASSWORD_AGAIN = "new_password_again"  # noqa: S105  # a screen's name
    CONFIRM = "confirm"  # the last screen before the card is changed
    RESETTING = "resetting"  # authorise, write, evidence: do not remove the card
    RETURN_CARD = "return_card"  # removed during the reset: put it back, evidence first
    DONE = "done"
    FAILED = "failed"
    REMOVE_CARD = "remove_card"
    THANKS = "thanks"


class KioskEvent(StrEnum):
    """What can happen to it: people's touches, the card's, the reader's and the clock's doings, and what the work came to."""

    TOUCH = "touch"
    CHOOSE_SERVICE = "choose_service"
    CHOOSE_KIND = "choose_kind"
    AGREE = "agree"
    CARD_PLACED = "card_placed"
    CARD_REMOVED = "card_removed"
    READER_LOST = "reader_lost"
    ENTERED = "entered"
    CLAIMED = "claimed"
    GO_ON = "go_on"  # to the new password; to the change of the card
    BACK = "back"  # type the new password anew
    REJECTED = "rejected"  # an entry that is wrong, malformed or weak: the screen that asks for it again
    REFUSED = "refused"  # the session cannot go on
    RESET_DONE = "reset_done"
    CANCEL = "cancel"
    TIMEOUT = "timeout"
    FINISH = "finish"
    SHUT = "shut"
    OPENED = "opened"


_S, _E = KioskState, KioskEvent

_WITH_CARD: Final = (_S.OTHER_PASSWORD, _S.CHECKING, _S.FOUND, _S.NEW_PASSWORD, _S.NEW_PASSWORD_AGAIN, _S.CONFIRM)
_WITHOUT_CARD: Final = (_S.SERVICES, _S.KIND, _S.TERMS, _S.PLACE_CARD)

KIOSK_SESSION: Final = Machine[KioskState, KioskEvent](
    name="kiosk_session",
    initial=_S.IDLE,
    table={
        (_S.IDLE, _E.TOUCH): _S.SERVICES,
        (_S.IDLE, _E.SHUT): _S.CLOSED,
        (_S.IDLE, _E.TIMEOUT): _S.IDLE,
        (_S.CLOSED, _E.SHUT): _S.CLOSED,
        (_S.CLOSED, _E.OPENED): _S.IDLE,
        (_S.CLOSED, _E.TIMEOUT): _S.CLOSED,
        (_S.SERVICES, _E.CHOOSE_SERVICE): _S.KIND,
        (_S.KIND, _E.CHOOSE_KIND): _S.TERMS,
        (_S.TERMS, _E.AGREE): _S.PLACE_CARD,
        (_S.PLACE_CARD, _E.CARD_PLACED): _S.OTHER_PASSWORD,
        (_S.PLACE_CARD, _E.REFUSED): _S.FAILED,
        (_S.OTHER_PASSWORD, _E.ENTERED): _S.CHECKING,
        (_S.OTHER_PASSWORD, _E.REJECTED): _S.OTHER_PASSWORD,
        (_S.CHECKING, _E.REJECTED): _S.OTHER_PASSWORD,
        (_S.CHECKING, _E.CLAIMED): _S.FOUND,
        (_S.FOUND, _E.GO_ON): _S.NEW_PASSWORD,
        (_S.NEW_PASSWORD, _E.ENTERED): _S.NEW_PASSWORD_AGAIN,
        (_S.NEW_PASSWORD, _E.REJECTED): _S.NEW_PASSWORD,
        (_S.NEW_PASSWORD_AGAIN, _E.ENTERED): _S.CONFIRM,
        (_S.NEW_PASSWORD_AGAIN, _E.REJECTED): _S.NEW_PASSWORD,
        (_S.NEW_PASSWORD_AGAIN, _E.BACK): _S.NEW_PASSWORD,
        (_S.CONFIRM, _E.BACK): _S.NEW_PASSWORD,
        (_S.CONFIRM, _E.GO_ON): _S.RESETTING,
        (_S.RESETTING, _E.RESET_DONE): _S.DONE,
        (_S.RESETTING, _E.REJECTED): _S.NEW_PASSWORD,
        (_S.RESETTING, _E.REFUSED): _S.FAILED,
        (_S.RESETTING, _E.CARD_REMOVED): _S.RETURN_CARD,
        (_S.RESETTING, _E.READER_LOST): _S.RETURN_CARD,
        (_S.RETURN_CARD, _E.CARD_PLACED): _S.RESETTING,
        (_S.RETURN_CARD, _E.REFUSED): _S.FAILED,
        (_S.RETURN_CARD, _E.TIMEOUT): _S.FAILED,
        (_S.RETURN_CARD, _E.CANCEL): _S.FAILED,
        (_S.DONE, _E.FINISH): _S.REMOVE_CARD,
        (_S.DONE, _E.CARD_REMOVED): _S.THANKS,
        (_S.DONE, _E.READER_LOST): _S.THANKS,
        (_S.DONE, _E.TIMEOUT): _S.REMOVE_CARD,
        (_S.FAILED, _E.FINISH): _S.REMOVE_CARD,
        (_S.FAILED, _E.CARD_REMOVED): _S.THANKS,
        (_S.FAILED, _E.READER_LOST): _S.THANKS,
        (_S.FAILED, _E.TIMEOUT): _S.REMOVE_CARD,
        (_S.REMOVE_CARD, _E.CARD_REMOVED): _S.THANKS,
        (_S.REMOVE_CARD, _E.READER_LOST): _S.THANKS,
        (_S.THANKS, _E.FINISH): _S.IDLE,
        (_S.THANKS, _E.TIMEOUT): _S.IDLE,
        **{(state, _E.CANCEL): _S.IDLE for state in _WITHOUT_CARD},
        **{(state, _E.TIMEOUT): _S.IDLE for state in _WITHOUT_CARD},
        **{(state, _E.READER_LOST): _S.FAILED for state in (_S.PLACE_CARD, *_WITH_CARD)},
        **{(state, _E.CARD_REMOVED): _S.FAILED for state in _WITH_CARD},
        **{(state, _E.REFUSED): _S.FAILED for state in _WITH_CARD},
        **{(state, _E.CANCEL): _S.REMOVE_CARD for state in _WITH_CARD},
        **{(state, _E.TIMEOUT): _S.REMOVE_CARD for state in _WITH_CARD},
    },
)
