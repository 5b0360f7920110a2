"""States and log entries in the words of the console."""

from datetime import datetime
from typing import Final

from services.domain.password import PasswordKind
from services.domain.reservation import JAPAN, ReservationState, printed
from services.domain.terminal import PlaceClass
from services.domain.terminal_policy import Scope

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
    "cohort": "対象",
    "store": "店舗",
    "place": "設置場所の種類",
    "serial": "方針の番号",
    "begins_at": "開始",
    "ends_at": "終了",
}
PLACES: Final = {
    PlaceClass.STORE: "店舗",
    PlaceClass.MUNICIPAL: "市区町村",
    PlaceClass.REHEARSAL: "練習",
}
SCOPES: Final = {
    Scope.TERMINAL: "端末",
    Scope.STORE: "店舗",
    Scope.PLACE: "設置場所の種類",
    Scope.COHORT: "配布グループ",
    Scope.BUILD: "端末プログラム",
    Scope.CARD_GENERATION: "カードの世代",
    Scope.MATCHER: "顔認証エンジン",
}
CLOSED: Final = {  # why a terminal says that it is closed; a newer terminal's word is shown as it is
    "hours": "時間外",
    "maintenance": "点検中",
    "suspended": "休止中",
    "not_enrolled": "未登録",
    "reader": "リーダー故障",
    "disk": "保存できない",
    "clock": "時計のずれ",
    "server": "通信待ち",
}
ALERTS: Final = {
    "never": "一度も連絡がない",
    "silent": "連絡が途絶えている",
    "clock": "時計のずれ",
    "reader": "カードリーダーがない",
    "printer": "プリンターがない",
    "disk": "ディスクに書き込めない",
    "journal": "読めない記録がある",
    "build": "未承認のプログラム",
    "closed": "受付を停止している",
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
