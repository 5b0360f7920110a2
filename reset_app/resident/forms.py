"""What residents send, parsed strictly: a value, or a fault that names the field."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from services.domain import policy
from services.domain.card import CardFront, Era
from services.domain.errors import (
    CardFrontMalformed,
    ImageTooLarge,
    PictureEmpty,
    RequestMalformed,
    RequestTooLarge,
)
from services.domain.verdicts import FrontReading
from services.vision.image_frame import check_frame

_ENVELOPE: Final = 65_536  # multipart boundaries, headers and small fields
_LONGEST_NONCE: Final = 64
_LONGEST_RUN_DIGITS: Final = 7  # frames are labelled with so many
WESTERN: Final = "western"
SECURITY_CODE: Final = re.compile(r"[0-9]{4}")
ERAS: Final = {era.name.lower(): era for era in Era}
FRONT_FIELDS: Final = (
    "birth_era", "birth_year", "birth_month", "birth_day",
    "expiry_year", "expiry_month", "expiry_day", "security_code",
)  # fmt: skip


@dataclass(frozen=True)
class SentFrames:
    """The frames of one liveness step, in the order of capture."""

    nonce: str
    frames: tuple[tuple[int, bytes], ...]

    def __repr__(self) -> str:
        return f"<SentFrames {len(self.frames)}>"


def picture(request: Request) -> bytes:
    """The picture of the card front.

    Raises:
        RequestTooLarge, ImageTooLarge, PictureEmpty
    """
    upload = _files(request, policy.IMAGE_BYTES, "picture")
    data = upload[0].read() if upload else b""
    if not data:
        raise PictureEmpty
    if len(data) > policy.IMAGE_BYTES:
        raise ImageTooLarge(bytes=len(data))
    return data


def sent_frames(request: Request) -> SentFrames:
    """The frames of one step: `nonce` once, `frame` and `captured_ms` once for each frame.

    Raises:
        RequestTooLarge, ImageTooLarge, ImageUnreadable, RequestMalformed: see `check_frame` for the pictures.
    """
    uploads = _files(request, policy.FRAMES_PER_STEP * policy.FRAME_BYTES, "frame")
    nonce = request.form.get("nonce", "")
    if not 0 < len(nonce) <= _LONGEST_NONCE or not nonce.isascii():
        raise RequestMalformed(where="nonce")
    times = [_captured_ms(text) for text in request.form.getlist("captured_ms")]
    if not 0 < len(uploads) <= policy.FRAMES_PER_STEP or len(times) != len(uploads):
        raise RequestMalformed(where="frames")
    if times != sorted(set(times)):
        raise RequestMalformed(where="captured_ms")
    return SentFrames(nonce, tuple(zip(times, map(_frame, uploads), strict=True)))


def card_front(form: Mapping[str, str]) -> CardFront:
    """The three fields as typed; full-width digits and spaces around them are normalised.

    Raises:
        CardFrontMalformed: `field` names the field.
    """
    birth_era = form.get("birth_era", "")
    return CardFront(
        birth=_date(form, "birth", birth_era),
        expiry=_date(form, "expiry", WESTERN),
        security_code=_security_code(form),
        western_birth_year=birth_era == WESTERN,
    )


def faulty_fields(form: Mapping[str, str], fault: CardFrontMalformed) -> set[str]:
    """Every field that is not in its form, so that all can be corrected at once; `fault` is what stopped the parsing."""
    parsers: tuple[tuple[str, Callable[[], object]], ...] = (
        ("birth", lambda: _date(form, "birth", form.get("birth_era", ""))),
        ("expiry", lambda: _date(form, "expiry", WESTERN)),
        ("security_code", lambda: _security_code(form)),
    )
    faulty = {str(fault.detail["field"])}
    for name, parse in parsers:
        try:
            parse()
        except CardFrontMalformed:
            faulty.add(name)
    return faulty


def front_of_reading(reading: FrontReading) -> CardFront:
    """The same object from a reading that the resident has compared with the card.

    Raises:
        CardFrontMalformed: a field was not read.
    """
    birth, expiry, code = reading.birth, reading.expiry, reading.security_code
    values = [field.value if field else None for field in (birth, expiry, code)]
    if birth is None or None in values:
        raise CardFrontMalformed(field="birth")
    return CardFront(
        birth=date.fromisoformat(values[0] or ""),
        expiry=date.fromisoformat(values[1] or ""),
        security_code=values[2] or "",
        western_birth_year=not any(era.kanji in (birth.printed or "") for era in Era),
    )


def typed_from(front: CardFront) -> dict[str, str]:
    """The form's fields for a card front, so that a correction starts from what was there."""
    era = Era.of(front.birth)
    birth_year = front.birth.year if front.western_birth_year else era.year(front.birth)
    values = (
        WESTERN if front.western_birth_year else era.name.lower(),
        birth_year, front.birth.month, front.birth.day,
        front.expiry.year, front.expiry.month, front.expiry.day, front.security_code,
    )  # fmt: skip
    return dict(zip(FRONT_FIELDS, map(str, values), strict=True))


def _files(request: Request, most: int, name: str) -> list[FileStorage]:
    request.max_content_length = most + _ENVELOPE
    try:
        return request.files.getlist(name)
    except RequestEntityTooLarge as exc:
        raise RequestTooLarge from exc


def _frame(upload: FileStorage) -> bytes:
    data: bytes = upload.read(policy.FRAME_BYTES + 1)
    check_frame(data)
    return data


def _captured_ms(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_RUN_DIGITS):
        raise RequestMalformed(where="captured_ms")
    return int(text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:32]).strip()


def _security_code(form: Mapping[str, str]) -> str:
    code = _normal(form.get("security_code", ""))
    if not SECURITY_CODE.fullmatch(code):
        raise CardFrontMalformed(field="security_code")
    return code


def _date(form: Mapping[str, str], name: str, era: str) -> date:
    year, month, day = (_number(form, name, part) for part in ("year", "month", "day"))
    if era != WESTERN:
        if era not in ERAS or year == 0:
            raise CardFrontMalformed(field=name)
        year += ERAS[era].first_day.year - 1
    try:
        found = date(year, month, day)
    except ValueError:
        raise CardFrontMalformed(field=name) from None
    # 昭和 has 64 years, and 平成 begins in the middle of the last: a date belongs to the era that was chosen.
    if era != WESTERN and Era.of(found) is not ERAS[era]:
        raise CardFrontMalformed(field=name)
    return found


def _number(form: Mapping[str, str], name: str, part: str) -> int:
    text = _normal(form.get(f"{name}_{part}", ""))
    if part == "year" and text == "元":
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= 4):  # a year has four digits
        raise CardFrontMalformed(field=name)
    return int(text)
