"""What to do next where the visitor of a terminal can do something else than a person with a phone and an own reader.

The catalogue's remedies speak to whoever meets the error anywhere. Nobody attends a terminal: a visitor can put the card down
again, come again, go to another terminal, or to the municipal counter.
"""

from typing import Final, NamedTuple

from services.domain import errors
from services.domain.errors import COUNTER, OPERATOR, SELF, ResetError


def _(text: str) -> str:
    return text


class Advice(NamedTuple):
    """In place of the error's own."""

    remedy: str
    helper: str


ELSEWHERE: Final = _("別の端末をご利用ください。予約は、有効期限まで残っています。")
_AGAIN: Final = _("カードを取り、はじめからもう一度操作してください。続くときは、別の端末をご利用ください。")
_COUNTER: Final = _("市区町村窓口でカードを確認してください。")
_NO_SERVER: Final = _(
    "しばらくしてからもう一度お試しいただくか、別の端末をご利用ください。予約は、有効期限まで残っています。"
)

AT_A_TERMINAL: Final[dict[type[ResetError], Advice]] = {
    errors.ReaderMissing: Advice(ELSEWHERE, OPERATOR),
    errors.ServerUnreachable: Advice(_NO_SERVER, OPERATOR),
    errors.AnswerUntrusted: Advice(_NO_SERVER, OPERATOR),
    errors.StorageUnavailable: Advice(ELSEWHERE, OPERATOR),
    errors.RevocationUnavailable: Advice(_NO_SERVER, OPERATOR),
    errors.Unexpected: Advice(_AGAIN, OPERATOR),
    errors.TerminalRefused: Advice(ELSEWHERE, OPERATOR),
    errors.NonceUsed: Advice(_AGAIN, SELF),
    errors.ProofMalformed: Advice(_AGAIN, COUNTER),
    errors.CardSignatureInvalid: Advice(_COUNTER, COUNTER),
    errors.CardAnswerUnexpected: Advice(_AGAIN, COUNTER),
    errors.NotMyNumberCard: Advice(
        _(
            "ほかのカードや、カードケースが重なっていないか確かめて、マイナンバーカードで、はじめからもう一度操作してください。"
        ),
        SELF,
    ),
    errors.WrongCard: Advice(_("手続きを始めたカードで、はじめからもう一度操作してください。"), SELF),
    errors.PasswordLocked: Advice(
        _("ロックされたパスワードは、市区町村窓口でしか解除できません。カードをお持ちください。"), COUNTER
    ),
    errors.LastTryUnconfirmed: Advice(
        _(
            "確信があるときだけ、確認の欄に印を付けて「次へ」に触れてください。分からないときは、中止して市区町村窓口へお越しください。"
        ),
        COUNTER,
    ),
    errors.ReservationOfOtherKind: Advice(
        _("カードを取り、はじめの画面から、予約したほうのパスワードを選んでください。"), SELF
    ),
}
# Where the session is over: what the same error advises in the middle of one leads nowhere.
AT_THE_END: Final[dict[type[ResetError], Advice]] = {
    errors.CardConnectionLost: Advice(_AGAIN, SELF),
    errors.CardMissing: Advice(_AGAIN, SELF),
    errors.LastTryUnconfirmed: Advice(_AGAIN, COUNTER),
    errors.EvidenceInvalid: Advice(_AGAIN, SELF),
}
_SETTLE: Final = Advice(errors.PreviousResultPending.remedy, SELF)
# Where the card may have been changed: what would say that it was not, or has nothing to do with finding out.
IN_DOUBT: Final[dict[type[ResetError], Advice]] = {
    errors.ClaimSuperseded: _SETTLE,
    errors.CardRemoved: _SETTLE,
    **dict.fromkeys(AT_THE_END, _SETTLE),
}


def advice_on(error: ResetError, *, over: bool = False, doubt: bool = False) -> Advice:
    """The remedy and the helper for somebody at a terminal; `over` says that the session has ended, `doubt` how."""
    tables = [AT_THE_END] * over + [AT_A_TERMINAL]
    if over and doubt:
        tables.insert(0, IN_DOUBT)
    known = (table[kind] for table in tables for kind in type(error).__mro__ if kind in table)
    return next(known, Advice(error.remedy, error.helper))
