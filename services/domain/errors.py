"""Every refusal that a person can meet, with a stable code.

    ResetError
    ├── InvalidInput    the input is not in its form: nothing was used up, correct it
    ├── NotAllowedNow   right thing, wrong moment: the answer says when, or what comes first
    ├── Refused         checked, and the answer is no
    ├── Locked          no tries left; only the holder's own other way helps
    ├── NotFound        there is no such thing (any more)
    ├── CardFault       the card or the reader did not do it
    └── Unavailable     our side cannot answer now; nothing was used up

An error says what happened (`message`), what it cost (`cost`), what to do next (`remedy`) and who can help (`helper`),
in the resident's language; the failure-code page is generated from this file. It carries no secret: `detail` holds
counts, times and names from this file's own vocabulary only. HTTP status codes live in `reset_app/errors.py`.
"""

from typing import ClassVar

NOTHING_USED = "回数は消費していません。"
ONE_TRY_USED = "1回分の入力を消費しました。"
COUNTER = "お住まいの市区町村窓口"
BUSY_S = 30  # to come back after, where nobody knows better
SELF = "ご自身で対応できます"
OPERATOR = "サービスの運用担当者"


class ResetError(Exception):
    """The root of the tree."""

    code: ClassVar[str] = "PR-0000"
    message: ClassVar[str] = "処理を完了できませんでした。"
    cost: ClassVar[str] = NOTHING_USED
    remedy: ClassVar[str] = "時間をおいて、もう一度お試しください。"
    helper: ClassVar[str] = SELF

    def __init__(self, **detail: str | int) -> None:
        self.detail = detail
        super().__init__(self.code)

    def __str__(self) -> str:
        facts = " ".join(f"{name}={value}" for name, value in sorted(self.detail.items()))
        return f"{self.code} {type(self).__name__} {facts}".rstrip()


# ── InvalidInput ────────────────────────────────────────────────────────────────────────────────────────────────────


class InvalidInput(ResetError):
    """The input is not in its form."""

    code = "PR-1000"
    message = "入力の形式が正しくありません。"
    remedy = "入力内容を確認して、もう一度入力してください。"


class RequestMalformed(InvalidInput):
    """A request that does not follow the interface; `where` names the field."""

    code = "PR-1001"
    message = "送信された内容の形式が正しくありません。"
    remedy = "画面を開き直して、もう一度操作してください。"


class RequestTooLarge(InvalidInput):
    """A request over its size limit."""

    code = "PR-1002"
    message = "送信された内容が大きすぎます。"
    remedy = "8MB以下の画像を選んでください。"


class PasswordMalformed(InvalidInput):
    """The entry cannot be a password of this kind; it never reached the card."""

    code = "PR-1101"
    message = "パスワードの形式が正しくありません。"
    remedy = "パスワードの種類と文字数を確認して、もう一度入力してください。カードには送信していません。"


class PasswordsDiffer(InvalidInput):
    """The two entries of the new password are not the same."""

    code = "PR-1102"
    message = "2回入力した新しいパスワードが一致しません。"
    remedy = "新しいパスワードを、はじめからもう一度入力してください。"


class PasswordWeak(InvalidInput):
    """The new password is trivially guessed."""

    code = "PR-1103"
    message = "推測されやすいパスワードは設定できません。"
    remedy = "別のパスワードを入力してください。"


class PasswordRepeats(PasswordWeak):
    """One character or one part over and over."""

    code = "PR-1106"
    message = "同じ文字の繰り返しでできたパスワードは設定できません。"
    remedy = "いろいろな文字を混ぜて、別のパスワードを入力してください。"


class PasswordSequence(PasswordWeak):
    """A run in the alphabet, on the keyboard or in counting."""

    code = "PR-1107"
    message = "「ABC」「123」のように順に並んだ文字だけのパスワードは設定できません。"
    remedy = "順に並ばない文字で、別のパスワードを入力してください。"


class PasswordCommon(PasswordWeak):
    """A word or number that many people take."""

    code = "PR-1108"
    message = "多くの人が使うパスワードは設定できません。"
    remedy = "ほかの人が思いつかない、別のパスワードを入力してください。"


class PasswordIsDate(PasswordWeak):
    """The holder's birth date in any order; in a signature password anything that looks like a date."""

    code = "PR-1109"
    message = "生年月日などの日付は設定できません。"
    remedy = "日付に見えない、別のパスワードを入力してください。"


class PasswordHasOther(PasswordWeak):
    """The card's other password is part of the new one, or the other way round."""

    code = "PR-1110"
    message = "もう一方のパスワードを含むパスワードは設定できません。"
    remedy = "もう一方のパスワードとは関係のない、別のパスワードを入力してください。"


class KindNotOffered(InvalidInput):
    """A password that cannot be reserved here (checklist 003-16)."""

    code = "PR-1104"
    message = "このパスワードの初期化予約はできません。"
    remedy = "券面事項入力補助用・個人番号カード用(住民基本台帳用)のパスワードは市区町村窓口で初期化してください。"
    helper = COUNTER


class CardFrontMalformed(InvalidInput):
    """Birth date, expiry or security code is not in its form; `field` names it."""

    code = "PR-1105"
    message = "生年月日・有効期限・セキュリティコードのいずれかが正しくありません。"
    remedy = "カードの表面に印字されたとおりに入力してください。手書きの「電子証明書の有効期限」ではありません。"


class ImageTooLarge(InvalidInput):
    """More than 8 MB; refused unread."""

    code = "PR-1201"
    message = "画像のファイルが大きすぎます。"
    remedy = "8MB以下の写真を選ぶか、この画面のカメラで撮影してください。"


class TooManyPixels(ImageTooLarge):
    """More than 12 megapixels, in a camera frame more than one; refused before decoding."""

    code = "PR-1203"
    message = "画像の画素数が多すぎます。"
    remedy = "この画面のカメラで撮影するか、1200万画素以下の写真を選んでください。"


class ImageUnreadable(InvalidInput):
    """Not a picture that can be judged; its children say why."""

    code = "PR-1202"
    message = "画像を読み取れませんでした。"
    remedy = "JPEG・PNG・WebP形式の写真をもう一度撮影してください。"


class FormatNotAccepted(ImageUnreadable):
    """Not JPEG, PNG or WebP by its own bytes, whatever its name says."""

    code = "PR-1204"
    message = "この形式のファイルは受け付けられません。"
    remedy = "JPEG・PNG・WebP形式の写真を選んでください。HEIC形式の写真は、この画面のカメラで撮影し直してください。"


class PictureAnimated(ImageUnreadable):
    """More than one frame (APNG, animated WebP)."""

    code = "PR-1205"
    message = "動く画像は受け付けられません。"
    remedy = "動きのない、1枚の写真を撮影してください。"


class ColoursNotAccepted(ImageUnreadable):
    """CMYK, or more than eight bits a sample: not what a phone's camera makes."""

    code = "PR-1206"
    message = "印刷用などの特別な色の形式の画像は受け付けられません。"
    remedy = "加工していない写真を、スマートフォンのカメラで撮影してください。"


class PictureDamaged(ImageUnreadable):
    """Cut off, or its parts contradict each other."""

    code = "PR-1207"
    message = "画像のファイルが壊れています。"
    remedy = "送信が途中で切れた可能性があります。もう一度撮影してください。"


class PictureEmpty(ImageUnreadable):
    """No bytes, or no pixels."""

    code = "PR-1208"
    message = "画像が空です。"
    remedy = "写真を選ぶか、もう一度撮影してください。"


class PictureExcessive(ImageUnreadable):
    """Thousands of scans, segments or chunks: made to keep a server busy, not taken by a camera."""

    code = "PR-1209"
    message = "画像の構造が複雑すぎます。"
    remedy = "加工していない写真を、スマートフォンのカメラで撮影してください。"


class ChipPhotoUnreadable(ImageUnreadable):
    """The chip's photo is not the small grey JPEG 2000 picture that it has to be."""

    code = "PR-1210"
    message = "カードのICチップの顔写真を読み取れませんでした。"
    remedy = "もう一度カードを読み取ってください。続く場合は、市区町村窓口でカードを確認してください。"
    helper = COUNTER


# ── NotAllowedNow ───────────────────────────────────────────────────────────────────────────────────────────────────


class NotAllowedNow(ResetError):
    """Right thing, wrong moment."""

    code = "PR-2000"
    message = "この操作は今は行えません。"


class StepNotAllowed(NotAllowedNow):
    """The state machine has no such move from here."""

    code = "PR-2001"
    message = "この手順は今の状態では行えません。"
    remedy = "はじめの画面から順に操作してください。"


class IntakeEnded(NotAllowedNow):
    """The resident's checks took longer than allowed, or were abandoned; or the chip's photo has expired."""

    code = "PR-2002"
    message = "予約の手続きの有効時間が過ぎました。"
    remedy = "はじめの画面から、もう一度予約の手続きを行い、カードを読み取ってください。"


class ChallengeLate(NotAllowedNow):
    """The frames came after the deadline of their challenge."""

    code = "PR-2003"
    message = "撮影の制限時間を過ぎました。"
    remedy = "「開始」を押して、指示にあわせてもう一度撮影してください。"


class ReservationInUse(NotAllowedNow):
    """Another kiosk holds the reservation."""

    code = "PR-2004"
    message = "この予約は別の端末で手続き中です。"
    remedy = "別の端末での操作を終えるか、3分ほど待ってから、もう一度お試しください。"


class ClaimSuperseded(NotAllowedNow):
    """A later kiosk took the reservation over, or the claim's lease ended."""

    code = "PR-2005"
    message = "この端末での手続きの有効時間が過ぎたか、別の端末で手続きが始まりました。"
    remedy = "パスワードは変更していません。この端末で続ける場合は、はじめからもう一度操作してください。"


class LastTryUnconfirmed(NotAllowedNow):
    """One try is left and the holder has not said yes to using it."""

    code = "PR-2006"
    message = "あと1回間違えるとロックされます。"
    remedy = "パスワードに確信がある場合だけ「入力する」を選んでください。不明な場合は市区町村窓口へ。"
    helper = COUNTER


class TooManyAttempts(NotAllowedNow):
    """Too many failed checks with this card; `next_allowed_at` says when the next one is possible."""

    code = "PR-2007"
    message = "照合に続けて失敗したため、しばらくの間お試しいただけません。"
    remedy = "表示された時刻以降に、もう一度お試しください。"


class PreviousResultPending(NotAllowedNow):
    """A reset of the earlier reservation began and its result is not known yet."""

    code = "PR-2008"
    message = "前回の予約で、カードのパスワードが変更された可能性があります。"
    remedy = "前回の予約の有効期限内に、キオスク端末で結果を確認してください。新しい予約は不要です。"


class AuthorisationsSpent(NotAllowedNow):
    """The reset was authorised `policy.AUTHORISATIONS_PER_RESERVATION` times, and never shown to have come about."""

    code = "PR-2012"
    message = "この予約では、初期化をこれ以上試すことができません。"
    remedy = "市区町村窓口でカードを確認してください。この予約の有効期限が過ぎれば、予約し直すこともできます。"
    helper = COUNTER


class CardReadingStopped(NotAllowedNow):
    """The resident did not want to go on at the companion."""

    code = "PR-2009"
    message = "カードの読み取りを中止しました。"
    remedy = "続ける場合は、もう一度カードを読み取ってください。"


class FrontByHand(NotAllowedNow):
    """Two retakes of the card front were refused as well: the fields are typed from here on."""

    code = "PR-2010"
    message = "カメラでは読み取れませんでした。"
    remedy = "カードの表面を見ながら、生年月日・有効期限・セキュリティコードを手で入力してください。"


class FrontRejectedBefore(NotAllowedNow):
    """The card has already refused exactly these fields: presenting them again would only cost another try."""

    code = "PR-2011"
    message = "この入力内容は、すでにカードに受け付けられませんでした。"
    remedy = "カードの表面をもう一度確認し、違っている項目を直してください。同じ内容では、残り回数が減るだけです。"


# ── Refused ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Refused(ResetError):
    """Checked, and the answer is no."""

    code = "PR-3000"
    message = "確認の結果、受け付けられませんでした。"


class NonceUsed(Refused):
    """The challenge is unknown, used or expired."""

    code = "PR-3001"
    message = "カード読み取りの有効時間が過ぎました。"
    remedy = "もう一度カードを読み取ってください。"


class ProofMalformed(Refused):
    """The card's proof cannot be parsed; `where` names the part."""

    code = "PR-3002"
    message = "カードから読み取った情報の形式が正しくありません。"
    remedy = "もう一度カードを読み取ってください。"


class CertificateUntrusted(Refused):
    """No trusted CA generation issued the certificate, or its profile is not JPKI's."""

    code = "PR-3101"
    message = "カードの電子証明書を確認できませんでした。"
    remedy = "市区町村窓口で電子証明書を確認してください。"
    helper = COUNTER


class CertificateExpired(Refused):
    """The certificate's validity has ended or not begun."""

    code = "PR-3102"
    message = "カードの電子証明書の有効期限が切れています。"
    remedy = "市区町村窓口で電子証明書を更新してください。"
    helper = COUNTER


class CertificateRevoked(Refused):
    """OCSP or CRL says revoked."""

    code = "PR-3103"
    message = "カードの電子証明書は失効しています。"
    remedy = "市区町村窓口で電子証明書を発行してください。"
    helper = COUNTER


class CertificateHeld(Refused):
    """OCSP or CRL says revoked with reason certificateHold."""

    code = "PR-3104"
    message = "カードの電子証明書は一時保留中です。"
    remedy = "市区町村窓口で一時保留を解除してください。"
    helper = COUNTER


class CertificateUnknown(Refused):
    """The responder does not know the certificate."""

    code = "PR-3105"
    message = "カードの電子証明書が発行者に登録されていません。"
    remedy = "市区町村窓口で電子証明書を確認してください。"
    helper = COUNTER


class CardSignatureInvalid(Refused):
    """The card's signature does not fit the challenge, the purpose, or the body."""

    code = "PR-3106"
    message = "カードの署名を確認できませんでした。"
    remedy = "もう一度カードを読み取ってください。"


class CardFaceForged(Refused):
    """The issuer's signature over the card-face data does not hold."""

    code = "PR-3107"
    message = "カードの券面情報を確認できませんでした。"
    remedy = "市区町村窓口でカードを確認してください。"
    helper = COUNTER


class CardCloned(Refused):
    """The card could not sign with the key that its own card-face record names."""

    code = "PR-3108"
    message = "カードが本物であることを確認できませんでした。"
    remedy = "市区町村窓口でカードを確認してください。"
    helper = COUNTER


class WrongCard(Refused):
    """Another card than the one that began."""

    code = "PR-3109"
    message = "手続きを始めたカードと異なるカードです。"
    remedy = "手続きを始めたカードを置いてください。"


class EvidenceInvalid(Refused):
    """The evidence does not prove that the card has the new password."""

    code = "PR-3110"
    message = "パスワードが設定されたことを確認できませんでした。"
    remedy = "もう一度カードを置いて、結果を確認してください。"


class CardFrontUnreadable(Refused):
    """The card front could not be read with enough certainty; `reason` says why."""

    code = "PR-3201"
    message = "カードの表面を読み取れませんでした。"
    remedy = "明るい場所で、反射や指が文字にかからないように撮影するか、手で入力してください。"


class WrongSide(Refused):
    """The back of the card: it carries the My Number, so the picture was dropped at once."""

    code = "PR-3202"
    message = "カードの裏面が写っています。画像は直ちに破棄しました。"
    remedy = "マイナンバーカードの表面(顔写真のある面)を撮影してください。"


class CaptureUnusable(Refused):
    """Light, blur, distance or covering: no attempt was counted; `reason` says what to change."""

    code = "PR-3301"
    message = "顔をはっきり撮影できませんでした。"
    remedy = "明るい場所で、顔全体が枠に入るようにして、もう一度撮影してください。"


class LivenessFailed(Refused):
    """The frames do not show a person who followed the instructions."""

    code = "PR-3302"
    message = "指示どおりの動きを確認できませんでした。"
    cost = "顔認証の試行1回を消費しました。"
    remedy = "画面上部の指示にあわせて、ゆっくり顔を動かしてください。"


class FaceMismatch(Refused):
    """The face in the frames is not the one in the card's photo."""

    code = "PR-3303"
    message = "カードの顔写真と一致することを確認できませんでした。"
    cost = "顔認証の試行1回を消費しました。"
    remedy = "マスクや眼鏡を外し、明るい場所で正面を向いて、もう一度お試しください。"
    helper = COUNTER


class FaceUncertain(Refused):
    """The face may be the card's, and may be another's: a look-alike must not try for ever, so it counts."""

    code = "PR-3304"
    message = "カードの顔写真と同じ方か、はっきり確認できませんでした。"
    cost = "顔認証の試行1回を消費しました。"
    remedy = "眼鏡などを外し、明るい場所で正面を向いて、もう一度お試しください。"
    helper = COUNTER


class SignInRefused(Refused):
    """Name, password, session or role does not open this page."""

    code = "PR-3401"
    message = "サインインできませんでした。"
    remedy = "職員番号とパスワードを確認してください。"
    helper = OPERATOR


class OriginRefused(Refused):
    """A form or request from a page that is not ours."""

    code = "PR-3402"
    message = "別のサイトからの送信は受け付けられません。"
    remedy = "はじめの画面を開き直して操作してください。"


class TerminalRefused(Refused):
    """The terminal is unknown or suspended, or its request's signature does not hold."""

    code = "PR-3403"
    message = "この端末からの要求は受け付けられません。"
    remedy = "別の端末をご利用ください。"
    helper = OPERATOR


class TerminalUnknown(TerminalRefused):
    """No terminal is enrolled under this key."""

    code = "PR-3406"
    message = "この端末は登録されていません。"


class TerminalRevoked(TerminalRefused):
    """Staff have taken this terminal's key back."""

    code = "PR-3407"
    message = "この端末の登録は取り消されています。"


class EnrolmentRefused(Refused):
    """The one-time code is unknown, over, used by another terminal, or was mistyped too often; not told apart."""

    code = "PR-3408"
    message = "この登録コードでは、端末を登録できません。"
    remedy = "職員用コンソールで、新しい登録コードを発行してください。"
    helper = OPERATOR


class CohortSuspended(Refused):
    """Policy has suspended what this belongs to; nothing was changed. The children say what it is."""

    code = "PR-3410"
    message = "パスワードの初期化を休止しています。"
    remedy = "予約は、有効期限まで残っています。市区町村窓口でも手続きできます。"
    helper = OPERATOR


class PlaceSuspended(CohortSuspended):
    """This terminal, its store, its class of place or its cohort."""

    code = "PR-3411"
    message = "この端末では、パスワードの初期化を休止しています。"
    remedy = "別の店舗の端末をご利用ください。予約は、有効期限まで残っています。"


class BuildSuspended(CohortSuspended):
    """The program on this terminal is unknown or suspended."""

    code = "PR-3412"
    message = "この端末のプログラムは、現在使用できません。"
    remedy = "別の店舗の端末をご利用ください。予約は、有効期限まで残っています。"


class CardGenerationSuspended(CohortSuspended):
    """Cards with certificates of this generation."""

    code = "PR-3413"
    message = "このカードの世代では、パスワードの初期化を休止しています。"
    remedy = "市区町村窓口で初期化してください。"
    helper = COUNTER


class MatcherSuspended(CohortSuspended):
    """The reservation was made with a face engine that is not trusted any more."""

    code = "PR-3414"
    message = "この予約のときに使用した顔認証は、現在使用を休止しています。"
    remedy = "スマートフォンでもう一度予約するか、市区町村窓口で初期化してください。"


class RequestReplayed(Refused):
    """A signed request that was already received, or is too old; `age_s` is the server's clock minus its date."""

    code = "PR-3404"
    message = "同じ要求がすでに受け付けられています。"
    remedy = "別の端末をご利用ください。"
    helper = OPERATOR


class RehearsalRefused(Refused):
    """A rehearsal card, picture or virtual reader in a production setting."""

    code = "PR-3405"
    message = "練習用のカードや画像は、本番環境では使えません。"
    remedy = "ご自身のマイナンバーカードをご利用ください。"
    helper = OPERATOR


class AuthorisationRefused(Refused):
    """The issuer did not authorise the reset of this card."""

    code = "PR-3501"
    message = "発行者がこのカードの初期化を許可しませんでした。"
    remedy = "市区町村窓口で初期化してください。"
    helper = COUNTER


class PasswordRejected(Refused):
    """The card says that the password is wrong; `kind` names it and `tries_left` counts."""

    code = "PR-3601"
    message = "パスワードが違います。"
    cost = ONE_TRY_USED
    remedy = "パスワードの種類を確認して、もう一度入力してください。時間をおいても残り回数は戻りません。"

    @property
    def tries_left(self) -> int:
        """How often the password may still be entered."""
        return int(self.detail["tries_left"])


class CardNumberRejected(Refused):
    """The card says that 照合番号B is wrong; `tries_left` counts."""

    code = "PR-3602"
    message = "生年月日・有効期限・セキュリティコードがカードと一致しません。"
    cost = ONE_TRY_USED
    remedy = "カードの表面の印字を確認して、入力し直してください。"

    @property
    def tries_left(self) -> int:
        """How often 照合番号B may still be entered."""
        return int(self.detail["tries_left"])


# ── Locked ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Locked(ResetError):
    """No tries left."""

    code = "PR-4000"
    message = "ロックされています。"
    remedy = "市区町村窓口で解除してください。"
    helper = COUNTER


class PasswordLocked(Locked):
    """This password is locked; `kind` names it."""

    code = "PR-4001"
    message = "パスワードがロックされています。"
    remedy = "このパスワードが必要な手続きはできません。市区町村窓口で解除してください。"


class CardNumberLocked(Locked):
    """照合番号B is locked after ten wrong entries."""

    code = "PR-4002"
    message = "照合番号の入力がロックされています。"


class PasswordLockedByEntry(PasswordLocked):
    """The last try was used, and it was wrong."""

    code = "PR-4003"
    cost = ONE_TRY_USED


class CardNumberLockedByEntry(CardNumberLocked):
    """The last try was used, and it was wrong."""

    code = "PR-4004"
    cost = ONE_TRY_USED


# ── NotFound ────────────────────────────────────────────────────────────────────────────────────────────────────────


class NotFound(ResetError):
    """There is no such thing, or not any more."""

    code = "PR-5000"
    message = "見つかりませんでした。"
    remedy = "はじめの画面から、もう一度操作してください。"


class IntakeNotFound(NotFound):
    """No intake belongs to this browser."""

    code = "PR-5001"
    message = "手続き中の予約がありません。"


class ReservationNotFound(NotFound):
    """This card has no usable reservation of this kind; the children tell the card's proven holder more."""

    code = "PR-5002"
    message = "有効な初期化予約がありません。"
    remedy = (
        "スマートフォンで初期化予約を行ってから、24時間以内にもう一度お越しください。パスワードの種類もご確認ください。"
    )


class ReservationExpired(ReservationNotFound):
    """This card's reservation of this kind is over; `expired_at` says since when."""

    code = "PR-5005"
    message = "初期化予約の有効期限が過ぎています。"
    remedy = "スマートフォンでもう一度初期化予約を行ってから、24時間以内にお越しください。"


class ReservationUsed(ReservationNotFound):
    """This card's reservation of this kind was completed."""

    code = "PR-5006"
    message = "この予約での初期化は、すでに完了しています。"
    remedy = (
        "新しく設定したパスワードをお使いください。もう一度初期化する場合は、スマートフォンで新しく予約してください。"
    )


class ReservationCancelled(ReservationNotFound):
    """This card's reservation of this kind was cancelled by its holder."""

    code = "PR-5007"
    message = "初期化予約は取り消されています。"
    remedy = "初期化する場合は、スマートフォンでもう一度初期化予約を行ってください。"


class ReservationOfOtherKind(ReservationNotFound):
    """This card has a reservation, for the other password."""

    code = "PR-5008"
    message = "もう一方のパスワードの初期化予約があります。"
    remedy = "はじめの画面に戻り、予約したほうのパスワードを選んでください。"


class CertificateAbsent(NotFound):
    """The card carries no certificate of this kind: not the same as locked."""

    code = "PR-5003"
    message = "このカードには、対象の電子証明書が搭載されていません。"
    remedy = "市区町村窓口で電子証明書の発行についてご相談ください。"
    helper = COUNTER


class PageNotFound(NotFound):
    """No page or resource has this address."""

    code = "PR-5004"
    message = "ページが見つかりませんでした。"


# ── CardFault ───────────────────────────────────────────────────────────────────────────────────────────────────────


class CardFault(ResetError):
    """The card or the reader did not do it."""

    code = "PR-6000"
    message = "カードを読み取れませんでした。"
    remedy = "カードを一度離してから、もう一度置いてください。"


class ReaderMissing(CardFault):
    """No card reader answers."""

    code = "PR-6001"
    message = "カードリーダーが見つかりません。"
    remedy = "カードリーダーの接続を確認してください。"


class CardMissing(CardFault):
    """The reader is there, and no card is on it."""

    code = "PR-6002"
    message = "カードが置かれていません。"
    remedy = "カードリーダーにマイナンバーカードを置いてください。"


class NotMyNumberCard(CardFault):
    """A card that has not the applications of a My Number Card."""

    code = "PR-6003"
    message = "マイナンバーカードではありません。"
    remedy = "マイナンバーカードを置いてください。"


class CardConnectionLost(CardFault):
    """No answer came: whether the card did it is unknown. Never retried blindly."""

    code = "PR-6004"
    message = "カードとの通信が途切れました。"
    cost = "通信が途切れたため、消費した回数は次の読み取りで確認します。"
    remedy = "カードを動かさずに、もう一度置いてください。残り回数を確認してから続けます。"


class CardAnswerUnexpected(CardFault):
    """A status word or a content that the card's interface does not foresee; `status` has it in hexadecimal."""

    code = "PR-6005"
    message = "カードから想定外の応答がありました。"


class CardRemoved(CardFault):
    """The card was taken off in the middle of a kiosk session, before it was told to change."""

    code = "PR-6006"
    message = "手続きの途中でカードが取り外されました。"
    remedy = "パスワードは変更していません。はじめからもう一度操作してください。"


# ── Unavailable ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Unavailable(ResetError):
    """Our side cannot answer now."""

    code = "PR-7000"
    message = "ただいまサービスを利用できません。"
    helper = OPERATOR


class RevocationUnavailable(Unavailable):
    """Neither OCSP nor a fresh CRL could be had; fails closed."""

    code = "PR-7001"
    message = "電子証明書の有効性を確認できませんでした。"


class ChecksBusy(Unavailable):
    """The queue of image checks is full; `wait_s` says when to come back."""

    code = "PR-7002"
    message = "ただいま混み合っています。"
    remedy = "画面に表示された時間だけ待ってから、もう一度お試しください。"

    @property
    def retry_after_s(self) -> int:
        """How long to wait before the next try."""
        return int(self.detail.get("wait_s", BUSY_S))


class CheckLost(Unavailable):
    """The worker did not answer in time."""

    code = "PR-7003"
    message = "画像の確認が時間内に終わりませんでした。"
    remedy = "もう一度撮影してください。"


class ServerUnreachable(Unavailable):
    """The kiosk or companion cannot reach the server."""

    code = "PR-7004"
    message = "サーバーに接続できません。"
    remedy = "通信環境を確認して、もう一度お試しください。"


class ModelMissing(Unavailable):
    """A model file is absent or differs from its SHA-256; `model` names it."""

    code = "PR-7005"
    message = "画像確認の準備ができていません。"


class StorageUnavailable(Unavailable):
    """The database did not answer."""

    code = "PR-7006"
    message = "ただいまデータベースに接続できません。"


class JournalUnavailable(StorageUnavailable):
    """The terminal's own disk is full, or fails: what is done with the card could not be kept."""

    code = "PR-7011"
    message = "この端末は、手続きの記録を保存できません。"
    remedy = "別の端末をご利用ください。予約は、有効期限まで残っています。"


class PrinterFailed(Unavailable):
    """The terminal's receipt printer has no paper or does not answer. The reset is done all the same."""

    code = "PR-7010"
    message = "控えは印刷できませんでした。"
    cost = "パスワードの初期化は完了しています。"
    remedy = "同じ控えを、予約したスマートフォンのメニュー画面で、予約の有効期限まで見られます。"
    helper = SELF


class AnswerUntrusted(Unavailable):
    """Something answers in the server's place: not in the form of the interface, about something else, or with another's key."""

    code = "PR-7009"
    message = "サーバーからの返答が正しくありません。"
    remedy = "通信環境を確認して、もう一度お試しください。"


class TerminalClosed(Unavailable):
    """The terminal serves nobody just now; its children say why."""

    code = "PR-7100"
    message = "この端末は、ただいまご利用いただけません。"
    remedy = "別の端末をご利用ください。予約は、有効期限まで残っています。"


class OutsideHours(TerminalClosed):
    """Outside the terminal's hours, or too shortly before their end to begin."""

    code = "PR-7101"
    message = "ただいまの時間は、サービスを行っていません。"
    remedy = "ご利用時間に、もう一度お越しください。予約は、有効期限まで残っています。"
    helper = SELF


class TerminalUnderMaintenance(TerminalClosed):
    """The service is being maintained."""

    code = "PR-7102"
    message = "ただいま、システムの点検を行っています。"
    remedy = "しばらくしてから、もう一度お越しください。予約は、有効期限まで残っています。"


class TerminalSuspended(TerminalClosed):
    """Policy has suspended this cohort: a store, a build, a generation of cards."""

    code = "PR-7103"
    message = "この端末では、パスワードの初期化を休止しています。"
    remedy = "別の店舗の端末をご利用ください。予約は、有効期限まで残っています。"


class TerminalNotEnrolled(TerminalClosed):
    """The server does not know this terminal's key."""

    code = "PR-7104"
    message = "この端末は、まだ利用の準備ができていません。"


class TerminalReaderBroken(TerminalClosed):
    """The terminal's card reader does not answer."""

    code = "PR-7105"
    message = "この端末のカードリーダーが故障しています。"


class TerminalDiskFull(TerminalClosed):
    """The terminal cannot keep its journal."""

    code = "PR-7106"
    message = "この端末は、手続きの記録を保存できません。"


class TerminalClockWrong(TerminalClosed):
    """The terminal's clock is too far from the server's."""

    code = "PR-7107"
    message = "この端末の時計が正しくありません。"


class TerminalOffline(TerminalClosed):
    """The terminal has not reached the server for some time."""

    code = "PR-7108"
    message = "この端末は、いまサーバーに接続できません。"


class Unexpected(Unavailable):
    """A fault of ours; `incident` is its number in the log."""

    code = "PR-7999"
    message = "予期しない問題が発生しました。"
    remedy = "表示された受付番号を添えて、お問い合わせください。"


def catalogue() -> list[type[ResetError]]:
    """Every error of the tree that a person can meet, by code."""

    def descendants(root: type[ResetError]) -> list[type[ResetError]]:
        return [leaf for child in root.__subclasses__() for leaf in (child, *descendants(child))]

    return sorted(descendants(ResetError), key=lambda error: error.code)
