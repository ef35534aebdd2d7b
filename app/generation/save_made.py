"""Saves pictures that a job makes of other pictures: by the saving settings, under names that the job gives, or into the spool."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.contracts import Run
from app.generation.run_helpers import GenerationRun
from app.generation.save import Saver, Written
from app.generation.saving_options import SavingOptions
from app.values.base import pick

if TYPE_CHECKING:
    from PIL import Image


class PictureSaver:
    """Saves the pictures of one job; ``setting`` is the option that names their folder, ``outdir_samples`` wins over it where it is set."""

    def __init__(self, run: Run, setting: str) -> None:
        self._run = GenerationRun.of(run, {})
        self._options = pick(SavingOptions, run.settings)
        self._saver = Saver(self._run, self._options)
        self._setting = "outdir_samples" if self._options.outdir_samples else setting

    @property
    def suffix(self) -> str:
        """The format of the settings, without a dot."""
        return self._options.samples_format

    @property
    def alerts(self) -> tuple[str, ...]:
        """What must not be overlooked, so far."""
        return tuple(self._run.alerts)

    def save(
        self, picture: Image.Image, infotext: str, texts: Mapping[str, str], *, folder: str = "", name: str = "", keep: bool = True
    ) -> Written:
        """Save one: under a number, or under ``name``, to which a number is added where it is taken; into the spool unless ``keep``.

        ``infotext`` goes where the format has a place for it; ``texts`` are further texts, which only PNG holds. ``folder`` "": that
        of the setting.
        """
        place = folder or str(self._run.settings.get(self._setting) or "outputs")
        return self._saver.made(picture, infotext, texts, place, name, setting=self._setting if keep else "")

    def write_text(self, picture: Path, text: str) -> Path:
        """Write a text beside a saved picture, under its name; raises OSError."""
        path = picture.with_suffix(".txt")
        path.write_text(text, encoding="utf-8")
        return path
