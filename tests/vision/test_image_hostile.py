"""Pictures that no camera makes: each class has its own refusal, and none costs much memory or time."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from test_image import bomb, encoded, picture, png_chunk, webp_header

from services.domain import errors
from services.vision.image import decode_picture

JPEG, PNG, WEBP = (encoded(picture(), kind) for kind in ("JPEG", "PNG", "WEBP"))
PNG_SIGNATURE, IEND = PNG[:8], PNG[-12:]


def animated(kind):
    return encoded(picture(), kind, save_all=True, append_images=[Image.new("RGB", (40, 24))], duration=100)


def png(width=8, height=8, depth=8, colour=2, chunks=()):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    rows = zlib.compress(bytes(2_000))
    return PNG_SIGNATURE + png_chunk(b"IHDR", header) + b"".join(chunks) + png_chunk(b"IDAT", rows) + IEND


def resized(jpeg, width, height):
    """The same JPEG whose frame claims another size."""
    frame = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:frame] + struct.pack(">HH", height, width) + jpeg[frame + 4 :]


def scans(count):
    """A progressive JPEG with so many empty refinements behind its own."""
    whole = encoded(picture(), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + b"\xff\xd9"


def twelve_bits(jpeg):
    frame = jpeg.index(b"\xff\xc0") + 4
    return jpeg[:frame] + b"\x0c" + jpeg[frame + 1 :]


def grey_alpha_16():
    return png(depth=16, colour=4)


REFUSED = {
    errors.PictureEmpty: {
        "no bytes": b"",
        "a JPEG of no height": resized(JPEG, 40, 0),
        "a PNG of no width": png(width=0),
    },
    errors.ImageTooLarge: {"more than 8 MB": bytes(8_000_001)},
    errors.TooManyPixels: {
        "a PNG bomb": bomb(13_000),
        "a JPEG that claims 65,500 squared": resized(JPEG, 65_500, 65_500),
        "a WebP that claims 16,383 squared": webp_header(
            b"VP8L", b"\x2f" + (0x0FFFFFFF).to_bytes(4, "little") + bytes(8)
        ),
        "a PNG of four thousand million": png(width=2**31 - 1, height=2**31 - 1),
    },
    errors.FormatNotAccepted: {
        "GIF": encoded(picture(), "GIF"),
        "animated GIF": animated("GIF"),
        "BMP": encoded(picture(), "BMP"),
        "TIFF": encoded(picture(), "TIFF"),
        "JPEG 2000": encoded(picture(), "JPEG2000"),
        "AVIF": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
        "HEIC": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1",
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "SVG in XML": b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'aaaa'>]><svg>&a;</svg>",
        "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n",
        "PostScript": b"%!PS-Adobe-3.0\n",
        "ZIP": b"PK\x03\x04" + bytes(60),
        "WAVE": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(30),
        "words": "写真".encode(),
        "half a signature": b"\x89PNG",
        "a JPEG behind something": b"GIF89a" + JPEG,
    },
    errors.PictureAnimated: {"APNG": animated("PNG"), "animated WebP": animated("WEBP")},
    errors.ColoursNotAccepted: {
        "CMYK": encoded(picture().convert("CMYK"), "JPEG"),
        "16 bit grey": encoded(Image.fromarray(np.zeros((8, 8), np.uint16)), "PNG"),
        "16 bit colour": png(depth=16),
        "16 bit grey with transparency": png(depth=16, colour=4),
        "12 bit JPEG": twelve_bits(JPEG),
    },
    errors.PictureExcessive: {
        "a thousand scans": scans(1000),
        "a thousand comments": JPEG[:2] + b"\xff\xfe\x00\x02" * 1000 + JPEG[2:],
        "ten thousand chunks": png(chunks=[png_chunk(b"tEXt", b"a\x00b")] * 10_000),
        "a hundred WebP chunks": b"RIFF\xff\xff\x00\x00WEBP" + b"JUNK\x00\x00\x00\x00" * 100,
    },
    errors.PictureDamaged: {
        "half a JPEG": JPEG[: len(JPEG) // 2],
        "a JPEG without its end": JPEG[:-2],
        "a JPEG of headers alone": JPEG[: JPEG.index(b"\xff\xda")] + b"\xff\xd9",
        "a JPEG with two frames": JPEG[:2] + JPEG[JPEG.index(b"\xff\xc0") : JPEG.index(b"\xff\xc4")] + JPEG[2:],
        "a frame larger than its data": resized(JPEG, 40, 3000),
        "half a PNG": PNG[: len(PNG) // 2],
        "a text of a gigabyte, claimed": png(chunks=[struct.pack(">I", 2**30) + b"tEXt" + bytes(40)]),
        "a PNG with a wrong checksum": PNG.replace(PNG[-20:-12], bytes(8)),
        "a palette picture without one": png(colour=3),
        "a PNG whose rows end early": png(height=4000),
        "half a WebP": WEBP[: len(WEBP) // 2],
        "a WebP of a canvas alone": webp_header(b"VP8X", bytes(10)),
        "a WebP whose canvas is not its picture's": webp_header(b"VP8X", bytes(10)) + WEBP[12:],
    },
}
CASES = [(error, name) for error, cases in REFUSED.items() for name in cases]


@pytest.mark.parametrize(("error", "name"), CASES, ids=[name for _, name in CASES])
def test_each_class_of_picture_has_its_own_refusal(error, name):
    with pytest.raises(errors.InvalidInput) as refusal:
        decode_picture(REFUSED[error][name])
    assert error is type(refusal.value)


def test_every_refusal_of_a_picture_has_a_code_and_words_of_its_own():
    classes = [*REFUSED, errors.ChipPhotoUnreadable]
    for words in ("code", "message"):
        assert len(classes) == len({getattr(error, words) for error in classes})


MARK = b"35.6762N139.6503E"


def metadata_everywhere(kind):
    """A picture that tells where it was taken: EXIF with GPS, a colour profile, text."""
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    exif.get_ifd(0x8825)[29] = MARK.decode()
    more = {"pnginfo": PngImagePlugin.PngInfo()} if kind == "PNG" else {}
    if kind == "PNG":
        more["pnginfo"].add_text("Comment", MARK.decode())
    if kind == "JPEG":
        more["comment"] = MARK
    return encoded(picture(), kind, exif=exif, icc_profile=MARK * 40, **more)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_only_pixels_leave_and_a_profile_changes_none(kind):
    told, plain = metadata_everywhere(kind), encoded(picture(), kind)
    assert MARK in told
    pixels = decode_picture(told)
    assert MARK not in pixels.tobytes()
    assert np.array_equal(decode_picture(plain), pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_orientation_is_honoured_in_every_format(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_picture(encoded(picture(), kind, exif=exif)).shape == (40, 24, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_behind_a_picture_is_not_looked_at(kind):
    """A motion photo's film, a ZIP, a page of script: phones write the first, and none of them changes a pixel."""
    plain = encoded(picture(), kind)
    for tail in (b"PK\x03\x04" + bytes(500), b"\xff\xda" * 5000, b"<script>alert(1)</script>", JPEG):
        assert np.array_equal(decode_picture(plain), decode_picture(plain + tail))


def test_texts_that_unfold_to_a_gigabyte_are_left_folded():
    folded = zlib.compress(bytes(10**8), 9)
    chunk = png_chunk(b"zTXt", b"Comment\x00\x00" + folded)
    data = encoded(picture(), "PNG")
    start = data.index(b"IDAT") - 4
    assert decode_picture(data[:start] + chunk * 20 + data[start:]).shape == (24, 40, 3)


def test_a_jpeg_that_is_mostly_metadata_is_read():
    segment = b"\xff\xe1\xff\xffhttp://ns.adobe.com/xmp/extension/\x00".ljust(65_537, b"x")
    assert decode_picture(JPEG[:2] + segment * 120 + JPEG[2:]).shape == (24, 40, 3)


@pytest.mark.parametrize("colour", ["grey", "palette", "palette with transparency", "one bit"])
def test_plain_variants_that_phones_and_scanners_write_are_read(colour):
    modes = {"grey": "L", "palette": "P", "one bit": "1"}
    image = picture().convert(modes.get(colour, "P"))
    data = encoded(image, "PNG", **({"transparency": 0} if colour.endswith("transparency") else {}))
    assert decode_picture(data).shape == (24, 40, 3)


LIMIT_MB = 700  # Python, numpy and Pillow map about 330 MB of it before the first picture
PROGRAM = """
import resource, sys
from pathlib import Path
from services.domain.errors import InvalidInput
from services.vision.image import decode_chip_photo, decode_picture
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
for path in sorted(Path(sys.argv[2]).iterdir()):
    for decode in (decode_picture, decode_chip_photo):
        try:
            decode(path.read_bytes())
        except InvalidInput as refusal:
            print(path.stem, decode.__name__, type(refusal).__name__)
        else:
            print(path.stem, decode.__name__, "read")
"""


def test_no_picture_needs_more_memory_than_its_limit(tmp_path):
    """Everything above, and the largest pictures that are accepted, in a process with a limit on its address space."""
    largest = {
        "largest-jpeg": encoded(Image.new("RGB", (4_000, 3_000), "teal"), "JPEG", progressive=True),
        "largest-webp": encoded(Image.new("RGBA", (4_000, 3_000), "teal"), "WEBP", exif=_turned()),
        "largest-png": bomb(3_464),
    }
    refused = {f"refused-{number:02d}": REFUSED[error][name] for number, (error, name) in enumerate(CASES)}
    for name, data in (refused | largest).items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", PROGRAM, str(LIMIT_MB), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    answers = [line.split() for line in done.stdout.splitlines()]
    assert [[name, "decode_picture", "read"] for name in sorted(largest)] == [
        answer for answer in answers if answer[2] == "read"
    ]
    expected = {f"refused-{number:02d}": error.__name__ for number, (error, _) in enumerate(CASES)}
    assert expected == {
        answer[0]: answer[2]
        for answer in answers
        if answer[:2] == [answer[0], "decode_picture"] and answer[2] != "read"
    }


def _turned():
    exif = Image.Exif()
    exif[0x0112] = 5
    return exif
