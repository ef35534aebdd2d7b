"""Draws grids of pictures with labels above the columns and beside the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.api import UserError

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SMALLEST_PT = 6
SYSTEM_FONTS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "wqy-zenhei.ttc", "msyh.ttc",
    "meiryo.ttc", "malgun.ttf", "segoeui.ttf", "Arial Unicode.ttf", "PingFang.ttc", "Arial.ttf",
)  # fmt: skip
"""Files that systems have, for labels in characters that the font of Pillow lacks."""
NO_CHARACTER = "\uffff"
BLANK, BLANK_TEXT = "#8a8a8a", "#ffffff"


@dataclass(frozen=True)
class GridStyle:
    """Colours as "#rrggbb", and the font's file (None: one that has the characters)."""

    background: str = "#ffffff"
    active: str = "#000000"
    inactive: str = "#999999"
    font: Path | None = None


@dataclass(frozen=True)
class Label:
    """A text; one that is not active is struck through."""

    text: str
    active: bool = True


def labelled_grid(
    pictures: Sequence[Image.Image],
    columns: int,
    labels: tuple[Sequence[Sequence[Label]], Sequence[Sequence[Label]]],
    style: GridStyle,
    margin_px: int = 0,
) -> Image.Image:
    """A sheet of rows of ``columns`` pictures; ``labels`` of the columns and of the rows, several texts each, below each other.

    Places are as large as the largest picture, smaller ones stand in their middle. Where no label has a text there is no room for any.
    """
    width, height = max(picture.width for picture in pictures), max(picture.height for picture in pictures)
    rows = -(-len(pictures) // columns)
    text = _Text(style, (width + height) // 25)
    left = width * 3 // 4 if _have_text(labels[1]) else 0
    above = [text.fitted(entry, width, height) for entry in labels[0]] if _have_text(labels[0]) else []
    beside = [text.fitted(entry, left, height) for entry in labels[1]] if left else []
    top = max(block.height for block in above) + 2 * text.spacing if above else 0
    size = (left + columns * width + (columns - 1) * margin_px, top + rows * height + (rows - 1) * margin_px)
    sheet = Image.new("RGB", size, style.background[:7])
    for index, picture in enumerate(pictures):
        x = left + index % columns * (width + margin_px) + (width - picture.width) // 2
        y = top + index // columns * (height + margin_px) + (height - picture.height) // 2
        sheet.paste(picture, (x, y))
    drawing = ImageDraw.Draw(sheet)
    for index, block in enumerate(above):
        block.draw(drawing, left + index * (width + margin_px) + width // 2, top // 2)
    for index, block in enumerate(beside):
        block.draw(drawing, left // 2, top + index * (height + margin_px) + height // 2)
    return sheet


def blank_cell(size: tuple[int, int], text: str, style: GridStyle) -> Image.Image:
    """What stands in the place of a picture that there is not: grey, with a word on why."""
    cell = Image.new("RGB", size, BLANK)
    words = _Text(GridStyle(active=BLANK_TEXT, font=style.font), sum(size) // 25)
    words.fitted([Label(text)], size[0] * 9 // 10, size[1] * 9 // 10).draw(ImageDraw.Draw(cell), size[0] // 2, size[1] // 2)
    return cell


def _have_text(labels: Sequence[Sequence[Label]]) -> bool:
    return any(label.text for entry in labels for label in entry)


@dataclass(frozen=True)
class _Line:
    text: str
    colour: str
    is_struck: bool
    width: int


@dataclass(frozen=True)
class _Block:
    """Lines of text that fit their room."""

    lines: tuple[_Line, ...]
    font: Font
    line_px: int

    @property
    def height(self) -> int:
        return len(self.lines) * self.line_px

    def draw(self, drawing: ImageDraw.ImageDraw, middle_x: int, middle_y: int) -> None:
        y = middle_y - self.height // 2
        for line in self.lines:
            centre = y + self.line_px // 2
            drawing.text((middle_x, centre), line.text, fill=line.colour, font=self.font, anchor="mm")
            if line.is_struck:
                half = line.width // 2
                drawing.line((middle_x - half, centre, middle_x + half, centre), fill=line.colour, width=max(1, self.line_px // 20))
            y += self.line_px


class _Text:
    """Sets labels: as large as ``size_pt``, smaller where a text would not fit its room otherwise."""

    def __init__(self, style: GridStyle, size_pt: int) -> None:
        self._style = style
        self._size_pt = max(SMALLEST_PT, size_pt)
        self.spacing = self._size_pt // 2

    def fitted(self, labels: Sequence[Label], width: int, height: int) -> _Block:
        """The labels below each other within ``width`` and ``height`` pixels, as far as the smallest letters allow."""
        size_pt = self._size_pt
        while True:
            block = self._block(labels, width, size_pt)
            fits = block.height <= height and max((line.width for line in block.lines), default=0) <= width
            if fits or size_pt <= SMALLEST_PT:
                return block
            size_pt = max(SMALLEST_PT, size_pt * 9 // 10 if size_pt > 10 else size_pt - 1)

    def _block(self, labels: Sequence[Label], width: int, size_pt: int) -> _Block:
        font = font_for("".join(label.text for label in labels), size_pt, self._style.font)
        lines: list[_Line] = []
        for label in labels:
            colour = self._style.active if label.active else self._style.inactive
            texts = wrapped(label.text, width, font.getlength)
            lines += [_Line(text, colour[:7], not label.active, round(font.getlength(text))) for text in texts]
        return _Block(tuple(lines), font, size_pt * 5 // 4)


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines of at most ``width`` by ``measure``, broken between words; a longer word is a line."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and measure(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def font_for(text: str, size_pt: int, file: Path | None) -> Font:
    """The font of ``file``; without one that of Pillow, or one of the system that has the text's characters. Raises UserError."""
    if file is not None:
        try:
            return ImageFont.truetype(str(file), size_pt)
        except OSError as error:
            raise UserError(f"{file.name} cannot be used as a font: {error}.", hint="Choose a .ttf or .otf file.", field="font") from error
    own = ImageFont.load_default(size_pt)
    if text.isascii() or _has_all(own, text):
        return own
    for name in SYSTEM_FONTS:
        try:
            found = ImageFont.truetype(name, size_pt)
        except OSError:
            continue
        if _has_all(found, text):
            return found
    return own


def _has_all(font: Font, text: str) -> bool:
    missing = bytes(font.getmask(NO_CHARACTER))
    return all(bytes(font.getmask(character)) != missing for character in set(text) if not character.isspace())
