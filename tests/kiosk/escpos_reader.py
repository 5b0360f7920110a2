"""Reads ESC/POS as a Japanese receipt printer does: just the commands that the terminal sends; any other is a fault.

After Epson's ESC/POS command reference. For looking at a receipt: its lines as text, its picture, and the QR code's text.
"""

from dataclasses import dataclass, field

import qrcode
from PIL import Image, ImageDraw

from services.rehearsal.front_drawing import font

DOTS = 384  # paper of 58 mm
LINE = 30
_FIXED = {b"\x1b@": 0, b"\x1cC": 1, b"\x1c&": 0, b"\x1ba": 1, b"\x1d!": 1, b"\x1cW": 1, b"\x1dV": 1, b"\x1bd": 1}


@dataclass
class Page:
    """One job."""

    lines: list[tuple[str, bool, bool]] = field(default_factory=list)  # text, centred, large
    code: str = ""
    cut: bool = False
    kanji: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line for line, _, _ in self.lines)

    def picture(self) -> Image.Image:
        """The paper."""
        paper = Image.new("L", (DOTS, LINE * (len(self.lines) + 2) + 300), 255)
        pen, y = ImageDraw.Draw(paper), 10
        for line, centred, large in self.lines:
            if line == "\0":
                y = self._draw_code(paper, y)
                continue
            letters = font("gothic", 44 if large else 22)
            x = (DOTS - pen.textlength(line, letters)) / 2 if centred else 0
            pen.text((x, y), line, 0, letters)
            y += 2 * LINE if large else LINE
        return paper.crop((0, 0, DOTS, y + 20))

    def _draw_code(self, paper: Image.Image, y: int) -> int:
        code = qrcode.QRCode(border=0, box_size=5, error_correction=qrcode.constants.ERROR_CORRECT_L)
        code.add_data(self.code.encode(), optimize=0)
        drawn = code.make_image().get_image().convert("L")
        paper.paste(drawn, ((DOTS - drawn.width) // 2, y + 10))
        return y + drawn.height + 20


def read_page(octets: bytes) -> Page:
    """The job as the printer understands it."""
    page, at, line, centred, large = Page(), 0, b"", False, False
    while at < len(octets):
        if octets[at] == 0x0A:
            assert page.kanji or line.isascii(), "two octets are one character only after FS &"
            page.lines.append((line.decode("cp932"), centred, large))
            line, at = b"", at + 1
            continue
        if octets[at] not in (0x1B, 0x1C, 0x1D):
            line, at = line + octets[at : at + 1], at + 1
            continue
        command, more = octets[at : at + 2], octets[at + 2 : at + 4]
        if command == b"\x1d(":
            length = int.from_bytes(octets[at + 3 : at + 5], "little")
            _code(page, octets[at + 5 : at + 5 + length])
            at += 5 + length
            continue
        if command == b"\x1bt":  # a table of half-width characters, which python-escpos chooses before text
            at += 3
            continue
        assert command in _FIXED, command
        page.kanji |= command == b"\x1c&"
        centred = more[:1] == b"\x01" if command == b"\x1ba" else centred
        large = more[:1] == b"\x11" if command == b"\x1d!" else large
        page.cut |= command == b"\x1dV"
        at += 2 + _FIXED[command]
    assert line == b""
    return page


def _code(page: Page, command: bytes) -> None:
    """GS ( k for a QR code: function 80 stores the text, 81 prints it."""
    assert command[:1] == b"\x31"
    if command[1] == 80:
        page.code = command[3:].decode("ascii")
    if command[1] == 81:
        page.lines.append(("\0", True, False))
