"""Encodes a picture, finds its folder and name, and writes it with what belongs beside it, all as the saving settings say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from PIL import Image

from app.generation.filenames import FileNameRules, expand
from app.generation.images.writing import encode_image
from app.generation.name_facts import NameFacts
from app.generation.output_files import write_named, write_new, write_numbered, write_over
from app.generation.saving_options import SavingOptions
from app.paths import Paths
from app.values.options import StartOptions

DIRECTORY_FALLBACK = "[prompt_words]"
UNSAVED = (OSError, ValueError, LookupError, TypeError, ArithmeticError)
"""What naming, encoding and writing a file may raise: none of it may lose a picture."""
LONGEST_SIDE_PX = {"jpg": 65535, "jpeg": 65535, "webp": 16383, "avif": 65535}
SEPARATOR = re.compile(r"[\\/]")
"""Between the folders and the name in a pattern; values have none."""
COPY_SUFFIX, TEXT_SUFFIX = "jpg", "txt"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Target:
    """Where and how one kind of file is saved; ``base`` begins the names of grids, ``ending`` ends the name ("-mask")."""

    folder: str
    subfolders: bool
    suffix: str
    pattern: str
    base: str = ""
    ending: str = ""


@dataclass(frozen=True)
class Encoded:
    """A file's bytes and suffix; ``remarks``: what was done otherwise than asked for."""

    data: bytes
    suffix: str
    remarks: tuple[str, ...] = ()


class PictureFiles:
    """Writes pictures below the folders of ``paths``."""

    def __init__(self, paths: Paths, options: SavingOptions, start: StartOptions) -> None:
        self._paths = paths
        self._options = options
        self._rules = FileNameRules(start.filenames_max_length, start.unix_filenames)

    @property
    def samples_pattern(self) -> str:
        """The pattern of pictures that are no grids."""
        return self._options.samples_filename_pattern or ("[seed]" if self._options.save_to_dirs else "[seed]-[prompt_spaces]")

    def encode(self, picture: Image.Image, suffix: str, text: str, extra: Mapping[str, str] | None = None) -> Encoded:
        """The picture as a file; png, which always works, for one that the wanted format refuses or that is too large for it.

        ``extra`` are further texts, which only PNG holds.
        """
        options, suffix = self._options, fitting_suffix(suffix, picture)
        try:
            data = encode_image(picture, suffix, text, quality=options.jpeg_quality, lossless=options.webp_lossless, extra=extra)
            return Encoded(data, suffix)
        except UNSAVED as error:
            if suffix == "png":
                raise
            remark = f"The picture could not be saved as {suffix} ({reason_of(error)}); it is a png."
            return Encoded(encode_image(picture, "png", text, extra=extra), "png", (remark,))

    def write(self, target: Target, encoded: Encoded, facts: NameFacts) -> Path:
        """Write the file under its name; raises one of UNSAVED."""
        now, facts = datetime.now(), replace(facts, base=target.base)
        folder = self._paths.resolve(target.folder)
        if target.subfolders:
            pattern = self._options.directories_filename_pattern or DIRECTORY_FALLBACK
            folder = folder.joinpath(*folders_of(SEPARATOR.split(expand(pattern, facts, self._rules, now))))
        *above, name = SEPARATOR.split(expand(target.pattern, facts, self._rules, now))
        folder, name = folder.joinpath(*folders_of(above)), name + target.ending
        if target.base or self._options.save_images_add_number or not name:
            return write_numbered(folder, target.base, name.removeprefix("-"), encoded.suffix, encoded.data)
        return write_named(folder, name, encoded.suffix, encoded.data, replace=self._replaces)

    def write_beside(self, path: Path, picture: Image.Image, infotext: str, size_bytes: int) -> tuple[tuple[Path, ...], tuple[str, ...]]:
        """Write the text file and the smaller copy that the settings ask for; returns their paths, and remarks on those that failed."""
        written, remarks = [], []
        wanted = {TEXT_SUFFIX: self._options.save_txt, COPY_SUFFIX: self._wants_copy(path, picture, size_bytes)}
        for suffix in (suffix for suffix, is_wanted in wanted.items() if is_wanted):
            beside = path.with_suffix(f".{suffix}")
            try:
                data = f"{infotext}\n".encode() if suffix == TEXT_SUFFIX else self._smaller(picture, infotext)
                if not self._write_unless_foreign(beside, data):
                    remarks.append(f"{beside.name} was there already and stays as it was.")
                    continue
            except UNSAVED as error:
                remarks.append(f"{beside.name} could not be written ({reason_of(error)}).")
            else:
                written.append(beside)
        return tuple(written), tuple(remarks)

    def zip_name(self, facts: NameFacts) -> str:
        """The name of an archive of several pictures, without suffix; its seed is the first of the job, as in A1111."""
        pattern = self._options.grid_zip_filename_pattern or "[datetime]_[[model_name]]_[seed]-[seed_last]"
        return expand(pattern, replace(facts, in_zip=True, seed=facts.first_seed), self._rules, datetime.now())

    @property
    def _replaces(self) -> bool:
        return not self._options.save_images_add_number and self._options.save_images_replace_action == "Replace"

    def _write_unless_foreign(self, path: Path, data: bytes) -> bool:
        if not self._replaces:
            return write_new(path, data)
        write_over(path, data)
        return True

    def _wants_copy(self, path: Path, picture: Image.Image, size_bytes: int) -> bool:
        """Whether the settings find the file too large to be shared; a JPEG gets no copy, which would have its name."""
        options = self._options
        is_large = max(picture.size) > options.target_side_length or size_bytes > options.img_downscale_threshold * MEGABYTE
        return options.export_for_4chan and is_large and path.suffix != f".{COPY_SUFFIX}"

    def _smaller(self, picture: Image.Image, infotext: str) -> bytes:
        """A JPEG whose sides keep to the limit."""
        scale = self._options.target_side_length / max(picture.size)
        if scale < 1:
            size_px = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
            picture = picture.resize(size_px, Image.Resampling.LANCZOS)
        text = infotext if self._options.enable_pnginfo else ""
        return encode_image(picture, COPY_SUFFIX, text, quality=self._options.jpeg_quality)


def folders_of(parts: Sequence[str]) -> list[str]:
    """Folders below another one from the parts of a path; what would lead out of it is left out."""
    cleaned = (part.strip(" ").rstrip(" .") for part in parts)
    return [part for part in cleaned if part and ":" not in part]


def reason_of(error: Exception) -> str:
    """Why a file could not be written, in the system's words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def fitting_suffix(suffix: str, picture: Image.Image) -> str:
    """The wanted format, or png for pictures that are too large for it."""
    return "png" if max(picture.size) > LONGEST_SIDE_PX.get(suffix, max(picture.size)) else suffix
