"""Runs a script: draws its cells one after another, those that an earlier job has drawn excepted, and has its sheets made."""

from __future__ import annotations

from app.contracts import Cell, CellResult, Run, Script, ScriptTask, ScriptWork
from app.errors import UserError
from app.generation.describe import FURTHER_ITEMS
from app.generation.generate import generate
from app.generation.prefixes import FIRST_PASSES, FirstPasses
from app.jobs.attempt import attempt
from app.scripting.part import CellRun
from app.scripting.record import CellKeys, CellRecord
from app.scripting.sheets import SheetSaver
from app.values.events import JobProgress
from app.values.job import JobResult, SavedImage
from app.values.networks import NetworkUse

NO_GRID_OF_ITS_OWN = {"grid_save": False}
"""Settings of a cell's request: what its pictures are shown in is the script's affair."""


class ScriptRunner:
    """One job. A cell that fails leaves a gap; an interrupt ends the cells, and sheets are made of what there is."""

    def __init__(self, script: Script, task: ScriptTask, record: CellRecord, run: Run) -> None:
        self._task = task
        self._record = record
        self._run = run
        self._work: ScriptWork = script.begin(task)
        self._keys = CellKeys()
        self._results: list[CellResult] = []
        self._first_passes = FirstPasses()
        self._alerts: dict[str, None] = {}
        self._networks: dict[tuple[str, str], NetworkUse] = {}
        self._failures: list[str] = []
        self._stopped = False
        self._ended = False

    def run(self) -> JobResult:
        """Draw everything; raises UserError when no cell could be drawn."""
        self._tell_taken_over()
        self._draw()
        drawn = [image for result in self._results for image in result.images]
        if self._failures and not drawn:
            raise UserError(f"Nothing could be drawn. {self._failures[0]}")
        saver = SheetSaver(self._task, self._run, self._results)
        sheets = [saver.save(sheet) for sheet in self._work.sheets(tuple(self._results))] if drawn else []
        if self._ended and not any(result.error or result.stopped for result in self._results):
            self._record.delete()
        shown = self._work.shows_cells or not sheets
        return self._result((*sheets, *(drawn if shown else ())))

    def _draw(self) -> None:
        cells = self._work.cells()
        try:
            cell = next(cells)
            while True:
                self._results.append(self._drawn(cell))
                if self._stopped:
                    break
                cell = cells.send(self._results[-1])
        except StopIteration:
            self._ended = True
        finally:
            cells.close()

    def _drawn(self, cell: Cell) -> CellResult:
        """What becomes of a cell: known already, or drawn now."""
        key = self._keys.of(cell.request)
        known = self._record.find(key)
        if known is not None:
            return known
        part = CellRun(self._run, len(self._results), max(1, self._work.count))
        part.stash[FURTHER_ITEMS], part.stash[FIRST_PASSES] = cell.infotext, self._first_passes
        part.tell(cell.label)
        request = cell.request.model_copy(update={"settings": {**NO_GRID_OF_ITS_OWN, **cell.request.settings}})
        drawn, failure = attempt(lambda: generate(request, part), self._run.job.id)
        if failure is not None and failure.user_error and cell.otherwise is not None:
            self._run.comment(f"{failure.error} {cell.otherwise_note}".strip())
            return self._drawn(cell.model_copy(update={"request": cell.otherwise, "otherwise": None}))
        result = self._taken(drawn) if drawn is not None else self._failed(cell, failure.error if failure else "")
        if drawn is not None and not result.stopped:
            self._record.add(key, result)
        self._stopped = result.stopped == "interrupt" or self._run.control.stop_after_batch
        return result

    def _taken(self, drawn: JobResult) -> CellResult:
        self._alerts.update(dict.fromkeys(drawn.alerts))
        self._networks.update({(network.type, network.name): network for network in drawn.networks})
        numbered = tuple(image.model_copy(update={"index": len(self._results)}) for image in drawn.images)
        return CellResult(images=numbered, info=drawn.info, stopped=drawn.stopped)

    def _failed(self, cell: Cell, error: str) -> CellResult:
        self._failures.append(f"{cell.label}: {error}" if cell.label else error)
        self._run.comment(self._failures[-1])
        return CellResult(error=error)

    def _tell_taken_over(self) -> None:
        if self._record.count:
            text = f"{self._record.count} cells are there already"
            self._run.report(JobProgress(job_id=self._run.job.id, fraction=0.0, text=text))

    def _result(self, images: tuple[SavedImage, ...]) -> JobResult:
        """The lists of facts have an entry for every picture, sheets included, as A1111's scripts give them."""
        first = next((result.info for result in self._results if result.info), {})
        seconds = [value for result in self._results if isinstance(value := result.info.get("model_seconds"), int | float)]
        lists = {
            "all_prompts": [image.prompt for image in images],
            "all_negative_prompts": [image.negative_prompt for image in images],
            "all_seeds": [image.seed for image in images],
            "all_subseeds": [image.subseed for image in images],
        }
        told = {"index_of_first_image": 0, "model_seconds": sum(seconds), "failed": list(self._failures)}
        counts = {"cells": self._work.count, "cells_drawn": sum(1 for result in self._results if result.images and not result.stopped)}
        missing = len(self._results) < self._work.count or any(result.stopped == "interrupt" for result in self._results)
        stopped = "interrupt" if self._stopped and missing else ""
        info = {**first, **lists, **told, **counts}
        told_of = {"alerts": tuple(self._alerts), "networks": tuple(self._networks.values())}
        return JobResult.model_validate({"images": images, **told_of, "info": info, "stopped": stopped})
