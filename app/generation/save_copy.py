"""Saves pictures of ended jobs once more, to a folder of the user's choice, under the names that the settings give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.errors import NotFoundError, UserError
from app.generation.images.reading import OpenedImage, open_image
from app.generation.name_facts import NameFacts, facts_of_job
from app.generation.picture_files import UNSAVED, Encoded, PictureFiles, Target, reason_of
from app.generation.saving_options import SavingOptions
from app.values.base import pick
from app.values.job import Job, SavedImage
from app.values.request import GenerationRequest

if TYPE_CHECKING:
    from app.host import Host


@dataclass(frozen=True)
class SavedCopy:
    """The new file, those that belong beside it, and remarks for the user."""

    path: Path
    beside: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()


class CopySaver:
    """Saves pictures of one job of its ``host`` into ``folder``, by the settings as they are now."""

    def __init__(self, host: Host, job: Job, folder: str, *, subfolders: bool) -> None:
        values = host.settings.snapshot()
        self._options = pick(SavingOptions, values)
        self._files = PictureFiles(host.paths, self._options, host.options)
        self._job = job
        self._asked = asked_of(job, host)
        self._folder = folder
        self._subfolders = subfolders
        self._place = host.paths.resolve(folder)

    def save(self, image: SavedImage) -> SavedCopy:
        """Save one picture of the job; raises NotFoundError when its file is gone, UserError that names the folder when it cannot be."""
        source = Path(image.path)
        opened = _opened(source)
        is_grid = image.kind == "grid"
        suffix = self._options.grid_format if is_grid else self._options.samples_format
        target = Target(self._folder, self._subfolders, suffix, self._files.samples_pattern, base="grid" if is_grid else "")
        facts = self._facts(image, opened)
        try:
            encoded = self._encoded(source, opened, image.infotext, suffix)
            path = self._files.write(target, encoded, facts)
        except UNSAVED as error:
            hint = 'Choose another folder in the settings, under "Paths for saving".'
            raise UserError(f"Nothing could be saved in {self._place} ({reason_of(error)}).", hint=hint, status=507) from error
        beside, remarks = self._files.write_beside(path, opened.image, image.infotext, len(encoded.data))
        return SavedCopy(path, beside, (*encoded.remarks, *remarks))

    def zip_name(self, image: SavedImage) -> str:
        """The name of an archive of the job's pictures that begins with ``image``; without suffix."""
        opened = _opened(Path(image.path))
        return self._files.zip_name(self._facts(image, opened))

    def _facts(self, image: SavedImage, opened: OpenedImage) -> NameFacts:
        return facts_of_job(self._job, self._asked, image, opened.image, self._options.directories_max_prompt_words)

    def _encoded(self, source: Path, opened: OpenedImage, infotext: str, suffix: str) -> Encoded:
        """The bytes of the file as it is where it has the wanted format already, so that nothing is lost."""
        if self._options.enable_pnginfo and source.suffix == f".{suffix}" and opened.chunks:
            return Encoded(source.read_bytes(), suffix)
        return self._files.encode(opened.image, suffix, infotext if self._options.enable_pnginfo else "")


def asked_of(job: Job, host: Host) -> GenerationRequest:
    """What the pictures of a job were asked to be; where its kind is gone, or says nothing of it any more, nothing in particular."""
    kind = host.job_kinds.find(job.kind)
    try:
        asked = kind.asked(kind.model.model_validate(job.request)) if kind else None
    except ValidationError:
        asked = None
    return asked or GenerationRequest.model_validate({})


def _opened(path: Path) -> OpenedImage:
    if not path.is_file():
        raise NotFoundError(f"{path.name} was deleted or moved.", hint="Draw it again.")
    return open_image(path)
