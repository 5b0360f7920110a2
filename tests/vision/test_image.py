"""Pictures from outside: limits before decoding, hostile input, what is kept and what is not."""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.domain.errors import ChipPhotoUnreadable, ImageTooLarge, ImageUnreadable
from services.vision.image import decode_chip_photo, decode_picture


def picture(width: int = 40, height: int = 24) -> Image.Image:
    """Red on the left, blue on the right, so that turning and colour order show."""
    image = Image.new("RGB", (width, height), (250, 10, 10))
    image.paste((10, 10, 250), (width // 2, 0, width, height))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to side² pixels."""
    row = zlib.compressobj(9)
    body = b"".join(row.compress(bytes(1 + (side + 7) // 8)) for _ in range(side)) + row.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_give_rgb_rows(kind: str) -> None:
    pixels = decode_picture(encoded(picture(), kind))
    assert (pixels.shape, pixels.dtype) == ((24, 40, 3), np.dtype(np.uint8))
    assert pixels[12, 2, 0] > 200
    assert pixels[12, 37, 2] > 200


def test_a_small_png_that_unfolds_to_169_megapixels_is_refused_in_milliseconds() -> None:
    data = bomb(13_000)
    assert len(data) < 25_000
    started = process_time()
    with pytest.raises(ImageTooLarge):
        decode_picture(data)
    assert process_time() - started < 0.05


@pytest.mark.parametrize("side", [3_465, 20_000])
def test_more_than_12_megapixels_are_refused(side: int) -> None:
    with pytest.raises(ImageTooLarge):
        decode_picture(bomb(side))


def test_12_megapixels_are_accepted() -> None:
    assert decode_picture(bomb(3_464)).shape == (3_464, 3_464, 3)


def test_more_than_8_megabytes_are_refused_unread() -> None:
    with pytest.raises(ImageTooLarge):
        decode_picture(bytes(8_000_001))


def webp_header(kind: bytes, body: bytes) -> bytes:
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


@pytest.mark.parametrize(
    "data",
    [
        webp_header(b"VP8X", bytes([0, 0, 0, 0]) + (16_382).to_bytes(3, "little") * 2),
        webp_header(b"VP8L", b"\x2f" + (0x3FFF | 0x3FFF << 14).to_bytes(4, "little") + bytes(8)),
        webp_header(b"VP8 ", bytes([0x10, 0, 0, 0x9D, 1, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F])),
    ],
    ids=["extended", "lossless", "lossy"],
)
def test_a_webp_header_alone_decides_its_size(data: bytes) -> None:
    with pytest.raises(ImageTooLarge):
        decode_picture(data)


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")],
)
def test_exif_orientation_is_honoured(orientation: int, red_at: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode_picture(encoded(picture(), "JPEG", exif=exif, quality=95))
    height, width = pixels.shape[:2]
    points = {"left": (height // 2, 2), "right": (height // 2, -3), "top": (2, width // 2), "bottom": (-3, width // 2)}
    assert [name for name, point in points.items() if pixels[point][0] > 200 and pixels[point][2] < 60] == [red_at]


def test_a_picture_with_broken_exif_is_still_read() -> None:
    data = encoded(picture(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert decode_picture(data).shape == (24, 40, 3)


def test_a_phone_picture_with_a_second_picture_behind_it_gives_the_first() -> None:
    data = encoded(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (20, 12))])
    assert decode_picture(data).shape == (24, 40, 3)


def test_transparency_is_shown_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert decode_picture(encoded(clear, "PNG")).min() == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@given(share=st.floats(0.0, 0.93))
@settings(max_examples=30, deadline=None)
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    whole = encoded(Image.effect_mandelbrot((64, 64), (-2, -1, 1, 1), 20).convert("RGB"), kind)
    with pytest.raises(ImageUnreadable):
        decode_picture(whole[: int(len(whole) * share)])


SEEDS = {
    "jpeg": encoded(picture(), "JPEG"),
    "progressive": encoded(picture(), "JPEG", progressive=True),
    "png": encoded(picture().convert("P"), "PNG"),
    "webp": encoded(picture(), "WEBP"),
    "jp2": encoded(picture().convert("L"), "JPEG2000"),
}


@pytest.mark.parametrize("decode", [decode_picture, decode_chip_photo])
@given(
    seed=st.sampled_from(sorted(SEEDS)),
    edits=st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=6)), max_size=6),
)
@settings(max_examples=250, deadline=None)
def test_damaged_bytes_give_pixels_or_one_of_two_errors(
    decode: Callable[[bytes], np.ndarray], seed: str, edits: list[tuple[int, bytes]]
) -> None:
    data = bytearray(SEEDS[seed])
    for place, patch in edits:
        start = place % len(data)
        data[start : start + len(patch)] = patch
    with suppress(ImageTooLarge, ImageUnreadable):
        assert decode(bytes(data)).dtype == np.uint8


@given(data=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_garbage_is_never_a_picture(data: bytes) -> None:
    for decode in (decode_picture, decode_chip_photo):
        with pytest.raises((ImageTooLarge, ImageUnreadable)):
            decode(data)


def chip_photo(width: int = 240, height: int = 320, **options: object) -> bytes:
    ramp = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
    return encoded(Image.fromarray(ramp), "JPEG2000", **options)


@pytest.mark.parametrize("no_jp2", [False, True], ids=["jp2", "codestream"])
def test_the_chip_photo_gives_grey_rows(*, no_jp2: bool) -> None:
    pixels = decode_chip_photo(chip_photo(no_jp2=no_jp2))
    assert (pixels.shape, pixels.dtype) == ((320, 240), np.dtype(np.uint8))
    assert pixels[0, 239] > pixels[0, 0]


@pytest.mark.parametrize(
    "data",
    [
        bytes(65_537),
        chip_photo(1_001, 1_000),
        encoded(picture(), "JPEG2000"),
        encoded(picture(), "JPEG"),
        chip_photo()[:300],
        chip_photo(tile_size=(16, 16)),
        chip_photo()[:12],
        chip_photo(quality_layers=[90 - n for n in range(70)]),
        chip_photo(precinct_size=(16, 16), num_resolutions=1),
        chip_photo().replace(bytes.fromhex("ff52"), bytes.fromhex("ff53"), 1)[:40],
    ],
    ids=["bytes", "pixels", "colour", "jpeg", "truncated", "tiles", "signature", "layers", "precincts", "no coding"],
)
def test_a_chip_photo_beyond_its_profile_is_refused(data: bytes) -> None:
    with pytest.raises(ChipPhotoUnreadable):
        decode_chip_photo(data)


def test_absurd_headers_of_a_chip_photo_cost_no_time() -> None:
    started = process_time()
    for layers, levels in ((65_535, 5), (1, 32)):
        data = bytearray(chip_photo(no_jp2=True))
        cod = data.index(bytes.fromhex("ff52"))
        data[cod + 6 : cod + 8], data[cod + 9] = struct.pack(">H", layers), levels
        with pytest.raises(ChipPhotoUnreadable):
            decode_chip_photo(bytes(data))
    assert process_time() - started < 0.2


def test_a_codestream_larger_than_its_container_says_is_refused() -> None:
    data = bytearray(chip_photo(no_jp2=False))
    siz = data.index(bytes.fromhex("ff4fff51"))
    data[siz + 8 : siz + 16] = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(ChipPhotoUnreadable):
        decode_chip_photo(bytes(data))
