"""Reads birth date, expiry and security code off a picture of the card front, or says why not.

find the card by its features, end here if it is a layout that is not read → cut three places that geometry decides → letter
probabilities by several recognisers → every date and code that exists, scored → birth and expiry decided together → margins,
agreement and the birthday rule → every digit drawn again and found whole in the picture → a reading
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import cv2

from services.domain.reservation import JAPAN
from services.domain.verdicts import FieldReading, FrontFault, FrontReading
from services.ports import Clock
from services.vision.front_accept import Acceptance, Verdict, judge, load_acceptance, stands_whole, strange
from services.vision.front_calendar import DAY_PRINTS, DAY_TEXTS, DAYS, Calendar, YearForm
from services.vision.front_crop import Crop, Crops, cut
from services.vision.front_decide import Choice, Dates, decide_code, decide_dates
from services.vision.front_faults import fault_without_card, visible_fault
from services.vision.front_glyph import wholeness
from services.vision.front_grammar import Grammar, digits_only
from services.vision.front_locate import CardLocator, Located
from services.vision.front_panel import Lines, Panel
from services.vision.front_template import Print, Template, load_template, refused_layouts
from services.vision.image import Pixels, decode_picture

STRIP_QUALITY: Final = 85
_PAIRS: Final = tuple(f"{number:02d}" for number in range(100))
CODES: Final = Grammar(_PAIRS, _PAIRS)


@dataclass(frozen=True)
class Best:
    """The most probable content of a front, whether it counts or not. It holds what is printed on a card."""

    dates: Dates
    code: Choice
    western: bool
    birth: "Content"
    expiry: "Content"
    security_code: "Content"

    def __repr__(self) -> str:
        return "<Best>"


@dataclass(frozen=True)
class Content:
    """One field's: as a value, as a person reads it, and as the card sets it, on a grid."""

    value: str
    text: str
    printed: str

    def __repr__(self) -> str:
        return "<Content>"


@dataclass(frozen=True)
class Looked:
    """A card that was found, its three fields cut out, and what every engine made of them. Nothing is decided yet."""

    card: Located
    crops: Crops
    lines: Lines

    def __repr__(self) -> str:
        return "<Looked>"


class CardFrontByTemplate:
    """`ports.CardFrontReader`. The constructor loads template and models; one thread uses it."""

    def __init__(self, clock: Clock, template: Template | None = None, acceptance: Acceptance | None = None) -> None:
        """Raises ModelMissing where a model file is absent or differs."""
        self._clock = clock
        self._template = template or load_template()
        self._acceptance = acceptance or load_acceptance()
        self._locator = CardLocator(self._template.layout, refused_layouts())
        self._panel = Panel(self._acceptance.engines)
        self._grammars = _Grammars(Calendar(self._today(), self._template.rule))

    def read(self, picture: bytes) -> FrontReading:
        """`picture` is an encoded JPEG, PNG or WebP as received; EXIF orientation is honoured.

        Raises:
            ImageTooLarge: over the limits of `policy`, found before decoding.
            ImageUnreadable: not such a picture.
        """
        return self.read_pixels(decode_picture(picture))

    def read_pixels(self, pixels: Pixels) -> FrontReading:
        """The same from an RGB picture."""
        looked = self.look(pixels)
        return looked if isinstance(looked, FrontReading) else self.conclude(looked)

    def look(self, pixels: Pixels) -> Looked | FrontReading:
        """Finds, cuts and recognises in an RGB picture; a reading where that already ends it."""
        card = self._locator.locate(pixels)
        if card is None:
            return FrontReading(None, None, None, fault_without_card(pixels))
        if card.layout.refused is not None:
            return FrontReading(None, None, None, card.layout.refused)
        crops = cut(pixels, card, self._template)
        return Looked(card, crops, self._panel.read(crops))

    def conclude(self, looked: Looked) -> FrontReading:
        """What the engines' readings come to."""
        best = self.best(looked.lines)
        if strange(best.dates, best.code, self._acceptance) and not any(map(_plain_fault, looked.crops)):
            return FrontReading(None, None, None, FrontFault.NOT_THIS_CARD)
        verdict = judge(best.dates, best.code, self._acceptance, western=best.western)
        return self._reading(best, verdict, looked.crops)

    def best(self, lines: Lines) -> Best:
        """The most probable content of the three lines under all engines."""
        grammars = self._todays_grammars()
        calendar = grammars.calendar
        dates = decide_dates(grammars.birth.scores(lines.birth), grammars.expiry.scores(lines.expiry), calendar)
        code = decide_code(CODES.scores(digits_only(lines.code)))
        birth_year = calendar.birth_years[dates.birth.cell[0]]
        digits = "".join(_PAIRS[pair] for pair in code.cell)
        return Best(
            dates=dates,
            code=code,
            western=birth_year.era is None,
            birth=_date(birth_year, dates.birth, self._template.birth_print),
            expiry=_date(calendar.expiry_years[dates.expiry.cell[0]], dates.expiry, self._template.expiry_print),
            security_code=Content(digits, digits, digits),
        )

    def _reading(self, best: Best, verdict: Verdict, crops: Crops) -> FrontReading:
        template, dates = self._template, best.dates
        return FrontReading(
            self._field(best.birth, dates.birth, verdict.birth, crops.birth, template.birth_print),
            self._field(best.expiry, dates.expiry, verdict.expiry, crops.expiry, template.expiry_print),
            self._field(best.security_code, best.code, verdict.code, crops.code, template.code_print),
        )

    def _field(
        self, content: Content, choice: Choice, fault: FrontFault | None, crop: Crop, place: Print
    ) -> FieldReading:
        """A field that does not count carries no value: nothing uncertain may be filled in as if read."""
        if fault is None and not stands_whole(wholeness(crop, content.printed, place), self._acceptance):
            fault = FrontFault.UNCERTAIN
        if fault is None:
            return FieldReading(content.value, content.text, choice.margin, _jpeg(crop.strip))
        seen = _plain_fault(crop) if fault is FrontFault.UNCERTAIN else None
        return FieldReading(None, None, choice.margin, _jpeg(crop.strip), seen or fault)

    def _today(self) -> date:
        return self._clock.now().astimezone(JAPAN).date()

    def _todays_grammars(self) -> "_Grammars":
        if self._grammars.calendar.today != self._today():
            self._grammars = _Grammars(Calendar(self._today(), self._template.rule))
        return self._grammars


class _Grammars:
    """What the two dates may say on one day."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.birth = Grammar([form.text for form in calendar.birth_years], DAY_TEXTS)
        self.expiry = Grammar([form.text for form in calendar.expiry_years], DAY_TEXTS)


def _plain_fault(crop: Crop) -> FrontFault | None:
    """What the resident can see of why a field is uncertain."""
    return FrontFault.CUT_OFF if crop.cut_off else visible_fault(crop.line)


def _date(year: YearForm, choice: Choice, place: Print) -> Content:
    day = choice.cell[1]
    printed = year.printed + " " * place.gap + DAY_PRINTS[day]
    return Content(date(year.year, *DAYS[day]).isoformat(), year.text + DAY_TEXTS[day], printed)


def _jpeg(strip: Pixels) -> bytes:
    _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(strip, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, STRIP_QUALITY])
    return jpeg.tobytes()
