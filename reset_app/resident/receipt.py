"""手続きの控え: what this browser's reset left in the audit log, to look at and to keep."""

from base64 import b64encode
from io import BytesIO
from typing import Final

import qrcode
from flask import Response, render_template
from flask.typing import ResponseReturnValue
from qrcode.constants import ERROR_CORRECT_L
from qrcode.image.pil import PilImage

from reset_app.resident.browser import ports, shown_reservations
from services.domain import receipt_words
from services.domain.errors import PageNotFound
from services.domain.receipt import Receipt
from services.domain.reservation import Reservation, ReservationState
from services.usecases.receipt import receipt_of_reservation

_DOTS: Final = 12  # pixels of a module: on a phone a module is drawn smaller, and stays sharp


def receipts_of(reservations: list[Reservation]) -> dict[str, Receipt]:
    """The receipts of those that were used, by the reservation's id."""
    used = [found for found in reservations if found.state is ReservationState.COMPLETED]
    kept = {found.id: receipt_of_reservation(ports(), found.id) for found in used}
    return {key: receipt for key, receipt in kept.items() if receipt is not None}


def show(index: int) -> ResponseReturnValue:
    """The receipt as a page, with a code that another device can take it over by."""
    kept = _own(index)
    return render_template("resident/receipt.html", receipt=kept, words=receipt_words, code=_code(kept))


def download(index: int) -> ResponseReturnValue:
    """The receipt itself, to the byte as it is verified."""
    kept = _own(index)
    answer = Response(kept.octets, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="receipt-{kept.index}.json"'
    return answer


def _own(index: int) -> Receipt:
    """The index is no secret: only the browser that reserved is answered, and only until the deadline.

    Raises:
        PageNotFound: no receipt of this browser's.
    """
    for kept in receipts_of(shown_reservations()).values():
        if kept.index == index:
            return kept
    raise PageNotFound


def _code(kept: Receipt) -> str:
    """A QR code of the receipt's octets, as an address that an image may have."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_L, image_factory=PilImage, box_size=_DOTS)
    code.add_data(kept.octets, optimize=0)
    drawn = BytesIO()
    # Not as SVG: Chromium draws a path of a thousand squares with some of them cut off.
    code.make_image().save(drawn, "PNG")
    return f"data:image/png;base64,{b64encode(drawn.getvalue()).decode('ascii')}"
