"""What is said when: the whole screen, the menu, the languages, and short words for what a key did. Never what was typed."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from babel.dates import format_datetime

from kiosk.speech.reading import Piece, Target, read
from services.languages import READING, SOURCE_LANGUAGE, words

PAGE: Final = 8  # of a list that is longer than nine, the 9 says the next ones
_TIME: Final = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)")
_MOMENT: Final = re.compile(r"(\d{4})/(\d{2})/(\d{2}) (\d{2}):(\d{2})")


def _(text: str) -> str:
    return text


# What a key did, by the name that the page gives it.
DEEDS: Final = {
    "typed": _("1文字入力しました。"),
    "erased": _("1文字消しました。"),
    "cleared": _("全部消しました。"),
    "half": _("2回目のキーを押してください。"),
    "bad": _("そのキーは使えません。"),
    "full": _("これ以上入力できません。"),
}
SECONDS: Final = frozenset({"20", "10", "5"})


class Speech:
    """The words for one page in one language. `signature`: letters are entered; `first`: nothing has been explained yet."""

    def __init__(self, page: str, language: str, *, signature: bool, first: bool) -> None:
        self._reading = read(page)
        self._language = language
        self._signature = signature
        self._first = first
        self._words = words(READING if language == SOURCE_LANGUAGE else language)

    def of(self, asked: Mapping[str, str]) -> list[Piece]:
        """What is asked for: `what`, and what it needs; nothing for what is no question of ours."""
        what, number = asked.get("what", ""), asked.get("number", "")
        if what in DEEDS:
            count = [self._tell(_("入力した文字の数は、%(count)sです。"), count=number)] if number.isdecimal() else []
            return [self._tell(DEEDS[what]), *count]
        if what == "left" and number in SECONDS:
            return [
                self._tell(_("あと%(seconds)s秒です。続けるときは、どれかのキーを押してください。"), seconds=number)
            ]
        answers: dict[str, Callable[[int], list[Piece]]] = {
            "screen": lambda _page: self.screen(),
            "menu": self.menu,
            "languages": self.languages,
        }
        return answers[what](int(number) if number.isdecimal() else 0) if what in answers else []

    def screen(self) -> list[Piece]:
        """The texts, then what each key does."""
        reading = self._reading
        said = [self._tell(_INTRODUCTION)] if self._first else []
        said += [Piece(self._dated(piece.text), piece.language) for piece in reading.texts]
        said += self._numbered([one for one in reading.at_once if one is not reading.go], 0)
        if reading.is_entry:
            said.append(self._tell(_LETTERS if self._signature else _("4桁の数字を、そのまま押してください。")))
        if reading.go is not None:
            said += self._choice(reading.go, _("%(name)sは、シャープを押してください。"))
        elif not reading.targets:
            said.append(self._tell(_("この画面では、何も押さずにお待ちください。")))
        return [*said, self._tell(_("もう一度聞くときは、米印を2回押してください。"))]

    def menu(self, page: int) -> list[Piece]:
        """What * offers; the languages come last."""
        targets = [*self._reading.menu]
        if self._reading.languages:
            targets.append(Target(pieces=[Piece("Language", "en")]))
        return [self._tell(_("メニューです。")), *self._listed(targets, page)]

    def languages(self, page: int) -> list[Piece]:
        """Each in its own voice."""
        return self._listed(self._reading.languages, page)

    def _listed(self, targets: list[Target], page: int) -> list[Piece]:
        back = self._tell(_("画面に戻り、もう一度聞くときは、米印を押してください。"))
        return [*self._numbered(targets, page), back]

    def _numbered(self, targets: Sequence[Target], page: int) -> list[Piece]:
        some, more = shown_of(targets, page)
        said = [
            piece
            for number, target in enumerate(some, 1)
            for piece in self._choice(target, _("%(name)sは、%(number)sを押してください。"), number=str(number))
        ]
        if more:
            other = Target(pieces=[self._tell(_("ほかの項目"))])
            said += self._choice(other, _("%(name)sは、%(number)sを押してください。"), number="9")
        return said

    def _choice(self, target: Target, sentence: str, **more: str) -> list[Piece]:
        foreign = [piece for piece in target.pieces if piece.language not in (None, self._language)]
        name = "、".join(piece.text for piece in target.pieces if piece not in foreign)
        if target.is_on is not None:
            name += "、" + self._words.gettext(_("オン") if target.is_on else _("オフ"))
        return [*foreign, self._tell(sentence, name=name.strip("、") if name else foreign[0].text, **more)]

    def _tell(self, text: str, **more: str) -> Piece:
        return Piece(self._words.gettext(text) % more if more else self._words.gettext(text))

    def _dated(self, text: str) -> str:
        text = _MOMENT.sub(self._moment, text)
        # Elsewhere a synthesiser reads 6:30 as a time by itself.
        return _TIME.sub(_clock_time, text) if self._language == SOURCE_LANGUAGE else text

    def _moment(self, found: re.Match[str]) -> str:
        moment = datetime(*(int(number) for number in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  # Japan time, as printed
        if self._language == SOURCE_LANGUAGE:
            return f"{moment.month}がつ {moment.day}にち {moment.hour}じ {moment.minute}ふん"
        locale = {"tl": "fil"}.get(self._language, self._language)  # CLDR's name for Filipino
        return str(format_datetime(moment, "medium", locale=locale.replace("-", "_")))


def _clock_time(found: re.Match[str]) -> str:
    hour, minute = (int(number) for number in found.groups())
    return f"{hour}じ {minute}ふん" if minute else f"{hour}じ"


_INTRODUCTION: Final = _("音声案内を始めます。数字で選び、シャープで進みます。米印でメニューを開きます。")
_LETTERS: Final = _(
    "英字と数字は、キーを2回押して入力します。1回目はキーの番号、2回目は、英字なら何番目かの数、数字なら0です。"
    "2のキーはABC、3はDEF、4はGHI、5はJKL、6はMNO、7はPQRS、8はTUV、9はWXYZです。"
)


def shown_of(targets: Sequence[Target], page: int) -> tuple[Sequence[Target], bool]:
    """A list's part on one page of the pad, and whether 9 shows others."""
    if len(targets) <= PAGE + 1:
        return targets, False
    pages = -(-len(targets) // PAGE)
    start = page % pages * PAGE
    return targets[start : start + PAGE], True
