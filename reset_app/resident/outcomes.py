"""What a check or a card session came to, as a page and a client can use it."""

from dataclasses import dataclass
from typing import Final

from services.domain.errors import ChecksBusy, ResetError, catalogue
from services.domain.intake import Check
from services.domain.verdicts import CaptureFault, FrontFault, LivenessFault

_BY_CODE: Final = {error.code: error for error in catalogue()}

ADVICE: Final = {
    FrontFault.NOT_FOUND.value: "カード全体が黒わくに入るように撮影してください。",
    FrontFault.NOT_THIS_CARD.value: "マイナンバーカードの表面を撮影してください。",
    FrontFault.BLURRED.value: "ぼやけています。カードを平らな所に置き、ピントを合わせてください。",
    FrontFault.GLARE.value: "照明が反射しています。カードの角度か場所を変えてください。",
    FrontFault.COVERED.value: "有効期限やマイナちゃんマークが隠れています。指や影がかからないようにしてください。",
    FrontFault.CUT_OFF.value: "カードが画面からはみ出しています。カード全体が黒わくに入るように撮影してください。",
    FrontFault.UNCERTAIN.value: "文字をはっきり読み取れませんでした。少し近づけて撮影してください。",
    FrontFault.INCONSISTENT.value: "読み取った生年月日と有効期限が合いません。もう一度撮影するか、手で入力してください。",
    CaptureFault.NO_FACE.value: "顔が写っていません。顔全体が枠に入るようにしてください。",
    CaptureFault.SEVERAL_FACES.value: "ほかの人や写真の顔が写っています。お一人で撮影してください。",
    CaptureFault.CUT_OFF.value: "顔が画面からはみ出しています。顔全体が枠に入るようにしてください。",
    CaptureFault.TOO_SMALL.value: "顔が小さく写っています。スマートフォンを近づけてください。",
    CaptureFault.TOO_NEAR.value: "顔が近すぎます。スマートフォンを少し離して、枠に合わせてください。",
    CaptureFault.TOO_DARK.value: "暗すぎます。明るい場所で撮影してください。",
    CaptureFault.TOO_BRIGHT.value: "明るすぎます。直射日光や強い照明の当たらない場所で撮影してください。",
    CaptureFault.BACK_LIT.value: "逆光です。窓や照明を背にせず、明るいほうを向いてください。",
    CaptureFault.GLARE.value: "顔に照明が強く反射しています。照明の正面を避け、眼鏡は外してください。",
    CaptureFault.BLURRED.value: "ぼやけています。レンズをふき、スマートフォンを動かさずに撮影してください。",
    CaptureFault.COVERED_EYES.value: "目のあたりが隠れています。サングラスを外し、髪や手がかからないようにしてください。",
    CaptureFault.COVERED_MOUTH.value: "口のあたりが隠れています。マスクを外し、手で覆わないでください。",
    CaptureFault.TOO_FEW_FRAMES.value: "撮影できた画像が足りません。もう一度撮影してください。",
    CaptureFault.SCREEN_LIKE.value: (
        "ご本人の顔と画面に映った顔を見分けられませんでした。画面の光だけに頼らず、明るい部屋でカメラに顔を向けてください。"
    ),
    CaptureFault.FRAMES_MISSING.value: "撮影が途中で止まりました。ほかのアプリを閉じて、もう一度撮影してください。",
    LivenessFault.ACTION_NOT_SEEN.value: "指示した動きを確認できませんでした。少し大きく、ゆっくり動いてください。",
    LivenessFault.FLAT.value: "立体的な動きを確認できませんでした。ご本人の顔を直接撮影してください。",
    LivenessFault.FACE_CHANGED.value: "撮影の途中で顔が変わりました。お一人で、続けて撮影してください。",
    LivenessFault.FRAMES_REPEATED.value: "同じ画像が続きました。カメラの前で指示にあわせて動いてください。",
    LivenessFault.FRAMES_OUT_OF_TIME.value: "画像の順序や間隔が正しくありません。ブラウザーを開き直し、もう一度撮影してください。",
    LivenessFault.REPLAY.value: "カメラの前のご本人であることを確認できませんでした。画面や写真は使えません。",
}
FIELD_NAMES: Final = {"birth": "生年月日", "expiry": "有効期限", "security_code": "セキュリティコード"}


@dataclass(frozen=True)
class Outcome:
    """`state` is none, waiting, passed or failed; `error` is the kind of failure, `reason` what to change."""

    state: str
    error: type[ResetError] | None = None
    reason: str | None = None

    @property
    def advice(self) -> str | None:
        """What to do differently, in one sentence."""
        return None if self.reason is None else ADVICE.get(self.reason.rpartition(":")[2])

    @property
    def kept(self) -> bool:
        """Whether nothing was looked at because the queue was full: what was captured is still there."""
        return self.error is ChecksBusy

    @property
    def field(self) -> str | None:
        """The field of the card front that was at fault."""
        return None if self.reason is None else FIELD_NAMES.get(self.reason.partition(":")[0])

    def facts(self, **more: str | int | None) -> dict[str, str | int | None]:
        """The JSON answer of a status address."""
        return {"state": self.state, "code": self.error.code if self.error else None, "reason": self.reason, **more}


def outcome_of(check: Check | None) -> Outcome:
    """A check's row in the words of the pages."""
    if check is None:
        return Outcome("none")
    error = None if check.failure is None else error_of(check.failure)
    return Outcome(check.state.value, error, check.reason)


def error_of(code: str) -> type[ResetError]:
    """The catalogue's error of this code; a code that is not ours is shown as an unknown failure."""
    return _BY_CODE.get(code, ResetError)
