"""Sizes of the two passes of hires fix, by A1111's rules."""

from __future__ import annotations

from dataclasses import dataclass

from extensions.a1111_infotext.api import old_first_pass_size

LATENT_PX = 8

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True)
class HiresSize:
    """Pixels of the first pass and of what it is enlarged to, and how many latent pixels of that are cut off (width, height each)."""

    first: Size
    enlarged: Size
    crop: Size
    resize: Size = (0, 0)
    """The sides that were asked for; (0, 0): a factor was."""

    @property
    def latent(self) -> Size:
        """Latent pixels of the second pass."""
        return self.enlarged[0] // LATENT_PX - self.crop[0], self.enlarged[1] // LATENT_PX - self.crop[1]

    @property
    def final(self) -> Size:
        """Pixels of the finished picture."""
        return self.latent[0] * LATENT_PX, self.latent[1] * LATENT_PX

    @property
    def kept(self) -> tuple[slice, slice]:
        """Rows and columns of the enlarged latent that are kept: the middle; of an odd number more is cut off at the end."""
        (width, height), (left, top) = self.latent, (self.crop[0] // 2, self.crop[1] // 2)
        return slice(top, top + height), slice(left, left + width)


def hires_size(first: Size, scale: float, resize: Size = (0, 0)) -> HiresSize:
    """By a factor where ``resize`` is (0, 0), by one side where the other is 0, else to cover both, cut off in the middle."""
    width, height = first
    to_width, to_height = resize
    if not to_width and not to_height:
        return HiresSize(first, (int(width * scale), int(height * scale)), (0, 0))
    if not to_height or (to_width and width / height < to_width / to_height):
        enlarged = (to_width, to_width * height // width)
    else:
        enlarged = (to_height * width // height, to_height)
    if not (to_width and to_height):
        return HiresSize(first, enlarged, (0, 0), resize)
    crop = ((enlarged[0] - to_width) // LATENT_PX, (enlarged[1] - to_height) // LATENT_PX)
    return HiresSize(first, enlarged, crop, resize)


def planned_size(asked: Size, scale: float, resize: Size, first: Size, *, asked_is_final: bool) -> HiresSize:
    """The sizes for what was asked: ``first`` other than (0, 0) replaces the first pass's, ``asked_is_final``: the oldest versions' way."""
    begin = first if any(first) else asked
    return hires_size(old_first_pass_size(*begin), scale, begin) if asked_is_final else hires_size(begin, scale, resize)
