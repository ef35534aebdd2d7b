"""Saves what a script has made of its results: as a grid or like a drawn picture, with files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app import hookspecs
from app.contracts import CellResult, Run, ScriptTask, Sheet
from app.generation.infotext.build import with_items
from app.generation.name_facts import JOB_TIMESTAMP, NameFacts, facts_of_job
from app.generation.output_files import write_new
from app.generation.picture_files import UNSAVED, reason_of
from app.generation.result import GRID_INDEX
from app.generation.run_helpers import GenerationRun
from app.generation.save import Saver, Written
from app.generation.saving_options import SavingOptions
from app.values.base import Json
from app.values.job import JobResult, SavedImage


class SheetSaver:
    """Writes the sheets of one job, by the saving settings of its request."""

    def __init__(self, task: ScriptTask, run: Run, results: Sequence[CellResult]) -> None:
        self._task = task
        self._run = run
        self._generation = GenerationRun.of(run, task.request.settings)
        self._options = self._generation.pick(SavingOptions)
        self._saver = Saver(self._generation, self._options, task.form)
        self._info: dict[str, Json] = next((dict(result.info) for result in results if result.info), {})
        self._info["job_timestamp"] = datetime.now().strftime(JOB_TIMESTAMP)

    def save(self, sheet: Sheet) -> SavedImage:
        """Write the sheet. No event tells of it: the job ends now, and its result lists the sheets first."""
        infotext = with_items(sheet.like.infotext, sheet.items)
        written = self._written(sheet, infotext, self._facts(sheet))
        if sheet.beside is not None and not written.spooled:
            self._write_beside(sheet, written.path)
        saved = sheet.like.model_copy(
            update={
                "path": str(written.path),
                "spooled": written.spooled,
                "width_px": sheet.picture.width,
                "height_px": sheet.picture.height,
                "infotext": infotext,
                "kind": sheet.kind,
                "index": GRID_INDEX if sheet.kind == "grid" else sheet.like.index,
                "drawn_as": "",
            }
        )
        self._run.host.hooks.notify(hookspecs.on_image_saved, saved=saved, host=self._run.host)
        return saved

    def _written(self, sheet: Sheet, infotext: str, facts: NameFacts) -> Written:
        keeps = self._task.request.save == "outputs"
        if sheet.kind == "grid":
            return self._saver.grid(sheet.picture, infotext, facts, keep=keeps and self._options.grid_save, base=sheet.name)
        return self._saver.sample(sheet.picture, infotext, facts, keep=keeps and self._options.samples_save)

    def _facts(self, sheet: Sheet) -> NameFacts:
        job = self._run.job.model_copy(update={"result": JobResult(info=self._info)})
        return facts_of_job(job, self._task.request, sheet.like, sheet.picture, self._options.directories_max_prompt_words)

    def _write_beside(self, sheet: Sheet, path: Path) -> None:
        for suffix, text in (sheet.beside(path) if sheet.beside else {}).items():
            beside = path.with_suffix(suffix)
            try:
                if not write_new(beside, text.encode()):
                    self._run.comment(f"{beside.name} was there already and stays as it was.")
            except UNSAVED as error:
                self._run.comment(f"{beside.name} could not be written ({reason_of(error)}).")
