"""A camera frame, held to the limits of a film: what a page sends of its camera is far smaller than a photo of a card."""

from services.domain.errors import FormatNotAccepted, ImageTooLarge, TooManyPixels
from services.domain.policy import FRAME_BYTES, FRAME_PIXELS
from services.vision import image_jpeg


def check_frame(data: bytes) -> None:
    """Reads the segments of a JPEG and unfolds nothing: fit for the web process, before anything is sealed.

    Raises:
        ImageTooLarge, TooManyPixels: over `policy.FRAME_BYTES` or `FRAME_PIXELS`.
        FormatNotAccepted: no JPEG.
        ImageUnreadable: one of its children says why.
    """
    if len(data) > FRAME_BYTES:
        raise ImageTooLarge(bytes=len(data))
    if not data.startswith(image_jpeg.SIGNATURE):
        raise FormatNotAccepted
    header = image_jpeg.survey(data)
    if header.width * header.height > FRAME_PIXELS:
        raise TooManyPixels(width=header.width, height=header.height)
