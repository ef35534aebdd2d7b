"""Pictures and grids of a job -> files: by the saving settings, or into the spool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from PIL import Image

from app.errors import UserError
from app.generation.filenames import FileNameRules, NameFacts, expand
from app.generation.images.writing import encode_image
from app.generation.output_files import write_named, write_numbered
from app.generation.run_helpers import GenerationRun
from app.values.base import Value

DIRECTORY_FALLBACK = "[prompt_words]"
UNSAVED = (OSError, ValueError, LookupError, TypeError, ArithmeticError)
"""What naming, encoding and writing a file may raise: none of it may lose a picture."""
JPEG_LIMIT_PX, WEBP_LIMIT_PX = 65535, 16383
Replace = Literal["Replace", "Add number suffix"]


class SavingOptions(Value):
    """The saving settings, by their keys."""

    samples_save: bool = True
    samples_format: str = "png"
    samples_filename_pattern: str = ""
    save_images_add_number: bool = True
    save_images_replace_action: Replace = "Replace"
    save_incomplete_images: bool = False
    grid_save: bool = True
    grid_format: str = "png"
    grid_extended_filename: bool = False
    grid_only_if_multiple: bool = True
    grid_prevent_empty_spots: bool = False
    grid_background_color: str = "#ffffff"
    n_rows: int = -1
    return_grid: bool = True
    enable_pnginfo: bool = True
    save_txt: bool = False
    jpeg_quality: int = 80
    webp_lossless: bool = False
    outdir_samples: str = ""
    outdir_txt2img_samples: str = "outputs/txt2img-images"
    outdir_grids: str = ""
    outdir_txt2img_grids: str = "outputs/txt2img-grids"
    save_to_dirs: bool = True
    grid_save_to_dirs: bool = True
    directories_filename_pattern: str = "[date]"
    directories_max_prompt_words: int = 8


@dataclass(frozen=True)
class Target:
    """Where and how one kind of file is saved; ``base`` begins the names of grids."""

    folder: str
    subfolders: bool
    suffix: str
    pattern: str
    base: str = ""


@dataclass(frozen=True)
class Written:
    """A file on disk; ``spooled``: it lies in the spool and not in the outputs."""

    path: Path
    spooled: bool


class Saver:
    """Writes the files of one job."""

    def __init__(self, run: GenerationRun, options: SavingOptions) -> None:
        self._run = run
        self._options = options
        start = run.host.options
        self._rules = FileNameRules(start.filenames_max_length, start.unix_filenames)

    def sample(self, picture: Image.Image, infotext: str, facts: NameFacts, *, keep: bool) -> Written:
        """Save a picture to the outputs, or to the spool if ``keep`` is false."""
        options = self._options
        pattern = options.samples_filename_pattern or ("[seed]" if options.save_to_dirs else "[seed]-[prompt_spaces]")
        folder = options.outdir_samples or self._folder(facts.plan.kind, "samples") or options.outdir_txt2img_samples
        return self._save(picture, infotext, facts, Target(folder, options.save_to_dirs, options.samples_format, pattern), keep=keep)

    def grid(self, picture: Image.Image, infotext: str, facts: NameFacts, *, keep: bool) -> Written:
        """Save a grid to the outputs, or to the spool if ``keep`` is false."""
        options = self._options
        pattern = (options.samples_filename_pattern or "[seed]") if options.grid_extended_filename else ""
        folder = options.outdir_grids or self._folder(facts.plan.kind, "grids") or options.outdir_txt2img_grids
        target = Target(folder, options.grid_save_to_dirs, options.grid_format, pattern, base="grid")
        return self._save(picture, infotext, facts, target, keep=keep)

    def _folder(self, kind: str, what: str) -> str:
        """The folder that the settings have for this kind of picture; "" where they have none."""
        setting = self._run.settings.get(f"outdir_{kind}_{what}") if kind else None
        return setting if isinstance(setting, str) else ""

    def _save(self, picture: Image.Image, infotext: str, facts: NameFacts, target: Target, *, keep: bool) -> Written:
        suffix = fitting_suffix(target.suffix, picture)
        options = self._options
        text = infotext if options.enable_pnginfo or not keep else ""
        data, suffix = self._encode(picture, suffix, text)
        if not keep:
            return self._spool(data, suffix)
        try:
            path = self._write(target, suffix, data, facts)
        except UNSAVED as error:
            written = self._spool(data, suffix)
            folder = self._run.host.paths.resolve(target.folder)
            self._run.comment(f"Nothing could be saved in {folder} ({_reason(error)}); the pictures are kept for download only.")
            return written
        if options.save_txt:
            self._write_text(path.with_suffix(".txt"), infotext)
        return Written(path, spooled=False)

    def _encode(self, picture: Image.Image, suffix: str, text: str) -> tuple[bytes, str]:
        """The file's bytes and its suffix: png, which always works, for a picture that the wanted format refuses."""
        options = self._options
        try:
            return encode_image(picture, suffix, text, quality=options.jpeg_quality, lossless=options.webp_lossless), suffix
        except UNSAVED as error:
            if suffix == "png":
                raise
            self._run.comment(f"The picture could not be saved as {suffix} ({_reason(error)}); it is a png.")
            return encode_image(picture, "png", text), "png"

    def _write_text(self, path: Path, infotext: str) -> None:
        try:
            path.write_text(infotext + "\n", encoding="utf-8")
        except OSError as error:
            self._run.comment(f"The text beside {path.name} could not be written ({_reason(error)}).")

    def _write(self, target: Target, suffix: str, data: bytes, facts: NameFacts) -> Path:
        now = datetime.now()
        folder = self._run.host.paths.resolve(target.folder)
        if target.subfolders:
            pattern = self._options.directories_filename_pattern or DIRECTORY_FALLBACK
            folder /= expand(pattern, facts, self._rules, now).strip(" ").strip("\\/")
        name = expand(target.pattern, facts, self._rules, now) if target.pattern else ""
        if target.base or self._options.save_images_add_number or not name:
            return write_numbered(folder, target.base, name, suffix, data)
        return write_named(folder, name, suffix, data, replace=self._options.save_images_replace_action == "Replace")

    def _spool(self, data: bytes, suffix: str) -> Written:
        folder = self._run.host.paths.spool / self._run.job.id
        try:
            return Written(write_numbered(folder, "", "", suffix, data), spooled=True)
        except OSError as error:
            raise UserError(
                f"The picture cannot be kept in {folder} ({error.strerror or error}).", hint="Make room on the disk.", status=507
            ) from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def fitting_suffix(suffix: str, picture: Image.Image) -> str:
    """The wanted format, or png for pictures that are too large for it."""
    limits_px = {"jpg": JPEG_LIMIT_PX, "jpeg": JPEG_LIMIT_PX, "webp": WEBP_LIMIT_PX}
    return "png" if max(picture.size) > limits_px.get(suffix, max(picture.size)) else suffix
