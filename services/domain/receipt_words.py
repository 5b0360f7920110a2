"""The receipt's words, the same on the phone and on paper. Japanese is the source text; the catalogue has the other languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.domain.terminal import PlaceClass


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


TITLE: Final = _("手続きの控え")
WHAT: Final = _("手続き")
RESET_OF: Final = _("%(label)sの初期化・再設定")
WHEN: Final = _("日時")
WHERE: Final = _("場所の種類")
INDEX: Final = _("記録番号")
ENTRY: Final = _("記録の照合値")
NOBODY: Final = _("この控えに、お名前・カード・店舗の情報はありません。")
CHECKED: Final = _("サービスの運用担当者は、この控えと監査記録が一致することを確かめられます。")
PLACES: Final[Mapping[PlaceClass, str]] = MappingProxyType(
    {
        PlaceClass.STORE: _("コンビニエンスストア等"),
        PlaceClass.MUNICIPAL: _("市区町村の施設"),
        PlaceClass.REHEARSAL: _("練習用の端末"),
    }
)
