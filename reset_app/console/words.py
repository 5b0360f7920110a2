"""States and log entries in the words of the console."""

from datetime import datetime
from typing import Final

from services.domain.password import PasswordKind
from services.domain.reservation import JAPAN, ReservationState, printed

STATES: Final = {
    ReservationState.RESERVED: "予約済み",
    ReservationState.CLAIMED: "端末で受付中",
    ReservationState.RESETTING: "初期化中",
    ReservationState.UNKNOWN: "結果の確認待ち",
    ReservationState.COMPLETED: "初期化完了",
    ReservationState.EXPIRED: "期限切れ",
    ReservationState.CANCELLED: "取消",
}
FIELDS: Final = {
    "kind": "種類",
    "rehearsal": "練習",
    "method": "入力方法",
    "card": "カード",
    "revocation": "失効確認",
    "engine": "照合エンジン",
    "threshold_milli": "しきい値(千分率)",
    "reservation": "予約",
    "why": "理由",
    "check": "確認",
    "code": "コード",
    "reason": "詳細",
    "expires_at": "有効期限",
    "claim": "受付番号",
    "terminal": "端末",
    "fence": "世代",
    "number": "回数",
    "key": "鍵",
    "staff": "職員",
    "what": "対象",
}
_SHOWN: Final = 16
ACTORS: Final = {"resident": "本人", "companion": "カード読み取りアプリ", "worker": "画像確認", "job": "定期処理"}


def to_the_second(moment: datetime) -> str:
    """A log entry's time, Japan time, to the second."""
    return moment.astimezone(JAPAN).strftime("%Y/%m/%d %H:%M:%S")


def value(name: str, found: str | int) -> str:
    """An entry's field as staff read it; a fingerprint is cut to what tells two cards apart."""
    match name:
        case "kind":
            return PasswordKind(str(found)).label
        case "expires_at":
            return printed(datetime.fromisoformat(str(found)))
        case "rehearsal":
            return "はい" if found else "いいえ"
        case "card" | "key" | "claim" | "reservation":
            return str(found)[:_SHOWN]
        case _:
            return str(found)
