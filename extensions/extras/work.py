"""Does the operations of a job to its pictures, one picture after another, and goes on when one of them fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.api import GivenPicture, JobImage, JobResult, JobStopped, Json, Run, SavedImage, UserError, given_pictures, open_image
from extensions.extras.api import Picture
from extensions.extras.infotexts import facts_text, infotext_of, texts_of
from extensions.extras.kind import ExtrasRequest
from extensions.extras.operations import Chosen, blamed, chosen
from extensions.extras.part import OperationRun
from extensions.extras.results import ResultSaver

ON_ANY_BACKGROUND = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


@dataclass
class Done:
    """What came of the pictures so far."""

    images: list[SavedImage] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    first_error: UserError | None = None

    def failed(self, item: GivenPicture, error: UserError) -> None:
        """A picture could not be worked on."""
        words = str(error)
        self.failures.append(words if words.startswith(f"{item.name} ") else f"{item.name}: {words}")
        self.first_error = self.first_error or error


def process_pictures(request: ExtrasRequest, run: Run) -> JobResult:
    """Work on every picture; raises the first UserError when none could be done."""
    inputs, operations = given_pictures(request, run), chosen(request.operations, run.host, run.settings)
    saver, done, stopped = ResultSaver(request, run), Done(), ""
    for number, item in enumerate(inputs):
        try:
            for picture in processed(item, operations, run, number / len(inputs), 1 / len(inputs), len(inputs) > 1):
                _keep(picture, saver, done, run)
        except UserError as error:
            done.failed(item, error)
        except JobStopped as stop:
            if stop.kind == "cancel":
                raise
            stopped = stopped or ("interrupt" if stop.kind == "interrupt" else "")
            if not stopped:
                run.comment(f"{item.name} was skipped.")
        if stopped or run.control.stop_after_batch:
            break
    first = done.first_error
    if first is not None and not done.images:
        raise UserError(f"No picture could be made. {done.failures[0]}", field=first.field, status=first.status) from first
    return _result(done, saver, request, stopped)


def processed(item: GivenPicture, operations: Sequence[Chosen], run: Run, begin: float, share: float, named: bool) -> list[Picture]:
    """What the operations make of one file; raises UserError and JobStopped."""
    run.control.check()
    opened = open_image(item.path, item.name)
    image = opened.image.convert("RGBA" if _is_transparent(opened.image.mode) else "RGB")
    picture = Picture(image, item.path, item.name, infotext_of(opened, run.host), texts_of(opened))
    for operation, params in operations:
        with blamed(operation):
            picture = operation.prepare(picture, params, run.host)
    pictures = [picture]
    for number, (operation, params) in enumerate(operations):
        step = share / len(operations)
        part = OperationRun(run, begin + number * step, step, item.name if named else "")
        part.tell(operation.title)
        made: list[Picture] = []
        for each in pictures:
            run.control.check()
            with blamed(operation):
                made += operation.process(each, params, part)
        pictures = made
    return pictures


def _is_transparent(mode: str) -> bool:
    return mode in ON_ANY_BACKGROUND


def _keep(picture: Picture, saver: ResultSaver, done: Done, run: Run) -> None:
    saved = saver.save(picture, len(done.images))
    done.images.append(saved)
    done.facts.append(facts_text(picture.facts))
    done.captions.append(picture.caption)
    if saver.shows(saved):
        run.report(JobImage(job_id=run.job.id, image=saved))


def _result(done: Done, saver: ResultSaver, request: ExtrasRequest, stopped: str) -> JobResult:
    shown = tuple(image for image in done.images if saver.shows(image))
    hidden = len(done.images) - len(shown)
    told = [f"{hidden} pictures were saved in {saver.folder}."] if hidden else []
    info: dict[str, Json] = {
        "html_info": next((text for text in reversed(done.facts) if text), ""),
        "captions": list[Json](done.captions),
        "failed": list[Json](done.failures),
        "saved": sum(not image.spooled for image in done.images),
        "folder": str(saver.folder) if request.save == "outputs" else "",
    }
    return JobResult(images=shown, comments=(*done.failures, *told), alerts=saver.alerts, info=info, stopped=stopped)
