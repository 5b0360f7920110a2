"""A frame is held to a film's limits by its header, where it is sent and again where it is judged."""

from io import BytesIO

import pytest
from PIL import Image

from services.domain.errors import FormatNotAccepted, ImageTooLarge, PictureDamaged, TooManyPixels
from services.domain.liveness import LiveFrame
from services.domain.policy import FRAME_BYTES, FRAME_PIXELS
from services.vision.image_frame import check_frame
from services.vision.liveness_sight import Observer


def encoded(width: int, height: int, kind: str = "JPEG") -> bytes:
    written = BytesIO()
    Image.new("L", (width, height), 128).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (FRAME_PIXELS // 1000, 1000), (1, 60_000)])
def test_a_frame_within_the_limits_passes(width: int, height: int) -> None:
    check_frame(encoded(width, height))


@pytest.mark.parametrize(
    ("frame", "refusal"),
    [
        (b"", FormatNotAccepted),
        (b"\xff\xd8\xff", PictureDamaged),
        (encoded(640, 480, "PNG"), FormatNotAccepted),
        (encoded(640, 480)[:-30], PictureDamaged),
        (encoded(1001, 1000), TooManyPixels),
        (encoded(4000, 3000), TooManyPixels),
        (encoded(640, 480) + bytes(FRAME_BYTES), ImageTooLarge),
    ],
    ids=["empty", "three octets", "png", "cut off", "a row too many", "a photo", "too long"],
)
def test_what_is_no_frame_is_refused_unfolded_by_nobody(frame: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_frame(frame)


def test_the_worker_refuses_a_frame_over_the_limit_as_well() -> None:
    with pytest.raises(TooManyPixels):
        Observer().look(LiveFrame(encoded(1001, 1000), 0, 0))
