"""What a click on Save or Zip does: copies of the pictures, a line in log.csv, an archive."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.api import CopySaver, GalleryPicture, Job, SavedImage, UserError
from extensions.save_buttons.offered import OFFERED

if TYPE_CHECKING:
    from app.api import Host

LOG = "log.csv"
COLUMNS = ("prompt", "seed", "width", "height", "sampler", "cfgs", "steps", "filename", "negative_prompt", "sd_model_name", "sd_model_hash")
TRIES = 500


@dataclass(frozen=True)
class Saved:
    """Files to be offered, the archive first; ``remarks`` for the user."""

    files: tuple[Path, ...]
    remarks: tuple[str, ...] = ()


def save_pictures(host: Host, job: Job, selected: str, *, archive: bool, shown: Sequence[GalleryPicture] = ()) -> Saved:
    """Save the selected picture of the job, or all that are ``shown`` (those of the job where nothing is said of that).

    Raises UserError that names what is missing or where nothing can be written.
    """
    chosen = chosen_pictures(job, selected, selected_only=bool(host.settings.get("save_selected_only")), shown=shown)
    folder, subfolders = str(host.settings.get("outdir_save")), bool(host.settings.get("use_save_to_dirs_for_ui"))
    savers = {each.job.id: CopySaver(host, each.job, folder, subfolders=subfolders) for each in chosen}
    place = host.paths.resolve(folder)
    copies = [savers[each.job.id].save(each.image) for each in chosen]
    first = chosen[0]
    remarks = [remark for copy in copies for remark in copy.remarks]
    files = [path for copy in copies for path in (copy.path, *copy.beside)]
    try:
        if host.settings.get("save_write_log_csv"):
            with host.stash[OFFERED].writing:
                append_row(place / LOG, log_row(first.job, first.image, copies[0].path.name))
        if archive:
            files = [write_archive(place, savers[first.job.id].zip_name(first.image), files), *files]
    except OSError as error:
        remarks.append(f"The pictures are saved, but {place} takes nothing more ({error.strerror or error}).")
    return Saved(tuple(files), tuple(remarks))


def chosen_pictures(job: Job, selected: str, *, selected_only: bool, shown: Sequence[GalleryPicture]) -> Sequence[GalleryPicture]:
    """The selected picture if it is no grid and only it is wanted, else all; raises UserError when there are none."""
    pictures = [GalleryPicture(job, number, image) for number, image in enumerate(job.result.images)]
    if not pictures:
        raise UserError("There is no picture to save.", hint="Generate one first.")
    number = int(selected) if selected.isdecimal() else -1
    if selected_only and 0 <= number < len(pictures) and pictures[number].image.kind != "grid":
        return [pictures[number]]
    return shown or pictures


def log_row(job: Job, picture: SavedImage, filename: str) -> list[object]:
    """A picture's values in the order of COLUMNS."""
    info = job.result.info
    return [
        picture.prompt, picture.seed, info.get("width"), info.get("height"), info.get("sampler_name"), info.get("cfg_scale"),
        info.get("steps"), filename, picture.negative_prompt, info.get("sd_model_name"), info.get("sd_model_hash"),
    ]  # fmt: skip


def append_row(path: Path, row: Sequence[object]) -> None:
    """Add a line to the file, which begins with the names of the columns; raises OSError and leaves no half line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if not path.exists() or path.stat().st_size == 0:
        writer.writerow(COLUMNS)
    writer.writerow(row)
    size_before = path.stat().st_size if path.exists() else 0
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
    except OSError:
        if path.exists():
            os.truncate(path, size_before)
        raise


def write_archive(folder: Path, name: str, files: Sequence[Path]) -> Path:
    """A ZIP of the files under a name that is free; raises OSError and leaves nothing half-written."""
    for number in range(TRIES):
        path = folder / f"{name}-{number}.zip" if number else folder / f"{name}.zip"
        try:
            target = path.open("xb")
        except FileExistsError:
            continue
        try:
            with target, zipfile.ZipFile(target, "w") as archive:
                for file in files:
                    archive.write(file, file.relative_to(folder) if file.is_relative_to(folder) else file.name)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError(f"{TRIES} names like {name}.zip are taken")
