"""The words that the terminal's own code puts on screens. Japanese is the key of every translation (`services.languages`)."""

from typing import Final

from kiosk.stage import Stage
from services.domain.password import PasswordKind


def _(text: str) -> str:
    """Marks a text for the catalogue; the template translates it."""
    return text


# The state's place in the six steps on the page's head is in `kiosk.screens`.
STEPS: Final = (_("種類"), _("カード"), _("本人確認"), _("新しいパスワード"), _("設定"), _("完了"))

STAGES: Final = (
    (Stage.AUTHORISE, _("初期化の許可を受けています")),
    (Stage.WRITE, _("カードに設定しています")),
    (Stage.PROVE, _("カードで確かめています")),
    (Stage.DELIVER, _("完了を記録しています")),
)

RULES: Final = {
    PasswordKind.SIGNATURE: (
        ("length", _("6〜16文字")),
        ("letter", _("英字を1文字以上")),
        ("digit", _("数字を1文字以上")),
    ),
    PasswordKind.USER_AUTHENTICATION: (("length", _("数字4桁")),),
}

READER_PLACES: Final = {
    "below": _("カードリーダーは、画面の下にあります。"),
    "right": _("カードリーダーは、画面の右にあります。"),
    "left": _("カードリーダーは、画面の左にあります。"),
}
