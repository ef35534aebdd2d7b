"""The result panel of a form: progress, preview, gallery, infotext and log of the job it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import gradio as gr

from app.errors import UserError
from app.values.job import Job, JobState
from app.values.ui import GalleryPicture, JobResultParts, PageSlot
from app.web.forms import PageForm
from app.web.notes import comment_notes, error_note, infotext_html, network_notes, user_error_note
from app.web.ownership import owned_job, pictures_before, shown_pictures
from app.web.quiet import QUIET
from app.web.shown import Shown, read_replacement, read_shown, shown_of, write_shown

if TYPE_CHECKING:
    from app.host import Host

PROGRESS = (
    '<div class="progressDiv" hidden><div class="progress" role="progressbar" aria-label="Progress"'
    ' aria-valuemin="0" aria-valuemax="100"></div><span class="progress-text"></span></div>'
    '<div class="livePreview" hidden><img alt="Preview of the picture being drawn"></div>'
    '<div class="visually-hidden" aria-live="polite"></div>'
)
GALLERY: Mapping[str, Any] = MappingProxyType(
    {
        "show_label": False,
        "columns": 4,
        "preview": True,
        "object_fit": "contain",
        "height": 480,
        "interactive": False,
        "buttons": ["download", "fullscreen"],
    }
)
CANCELLED = "The job was cancelled before it drew anything."
INTERRUPTED = "Paintbox was stopped while this job ran."


class ResultPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    def owner(self, request: Any) -> str:
        """Name of the user behind a request."""
        ...

    def draw(self, slot: PageSlot) -> None:
        """Draw the panels of a slot."""
        ...

    def open_results(self, parts: JobResultParts) -> AbstractContextManager[None]:
        """Results whose panels are drawn inside the context."""
        ...


@dataclass(frozen=True)
class _Parts:
    """The components of one panel."""

    gallery: Any
    infotext: Any
    log: Any
    info: Any
    job_id: Any
    selected: Any
    base: Any
    show: Any
    shown: Any
    replacement: Any


def draw_results(page: ResultPage, form: PageForm) -> JobResultParts:
    """Draw the panel and wire it: a hidden button fills it from the job that the browser names."""
    parts = _draw(page, form)

    def fill(job_name: str, base_url: str, replacement: str, showing: str, request: gr.Request) -> dict[Any, Any]:
        try:
            job = owned_job(page.host, job_name, page.owner(request))
        except UserError as error:
            return {parts.log: user_error_note(error)}
        wanted = read_replacement(replacement, job)
        pictures, place = wanted.applied(_samples(job)) if wanted else (shown_of(job), 0)
        known = shown_pictures(page.host, pictures, page.owner(request))
        if not (known or showing or job.result.images):
            known = pictures_before(page.host, job, page.owner(request))
        filled = _filled(parts, job, base_url, known, min(place, len(known) - 1))
        return {**filled, parts.gallery: _no_pictures()} if page.host.settings.get("do_not_show_images") else filled

    def choose(shown: str, event: gr.SelectData, request: gr.Request) -> tuple[Any, Any, Any]:
        pictures = shown_pictures(page.host, read_shown(shown), page.owner(request))
        if not pictures:
            return gr.skip(), gr.skip(), gr.skip()
        chosen = pictures[min(event.index, len(pictures) - 1)]
        return infotext_html(chosen.image.infotext), chosen.job.id, str(chosen.number)

    outputs = [parts.gallery, parts.infotext, parts.log, parts.info, parts.job_id, parts.selected, parts.shown]
    wanted = f"(job, base, ...rest) => [...window.paintbox.wanted({form.id!r}), ...rest]"
    inputs = [parts.job_id, parts.base, parts.replacement, parts.shown]
    # always_last: a job that ends while an older one is being shown is shown after it, never lost
    shown = parts.show.click(fill, inputs, outputs, js=wanted, trigger_mode="always_last", **QUIET)
    shown.then(None, None, None, js=f"() => window.paintbox.shown({form.id!r})")
    shown.failure(None, None, [parts.log], js=f"() => window.paintbox.notShown({form.id!r})", show_progress="hidden")
    parts.gallery.select(choose, [parts.shown], [parts.infotext, parts.job_id, parts.selected], **QUIET)
    return JobResultParts(job_id=parts.job_id, selected=parts.selected, log=parts.log, shown=parts.shown, replacement=parts.replacement)


def _draw(page: ResultPage, form: PageForm) -> _Parts:
    with gr.Column(elem_id=form.elem_id("results"), elem_classes=["job-results"]):
        with gr.Column(elem_id=form.elem_id("results_panel")):
            with gr.Column(elem_id=form.elem_id("gallery_container"), elem_classes=["gallery-container-column"]):
                gr.HTML(PROGRESS, elem_id=form.elem_id("progress"), elem_classes=["job-progress"], padding=False)
                gallery = gr.Gallery(label="Output", elem_id=form.elem_id("gallery"), **GALLERY)
            with gr.Row(elem_id=f"image_buttons_{form.id}", elem_classes=["image-buttons"]) as buttons:
                pass
            infotext = gr.HTML("", elem_id=f"html_info_{form.id}", elem_classes=["infotext"], padding=False)
            log = gr.HTML("", elem_id=f"html_log_{form.id}", elem_classes=["html-log"], padding=False)
        job_id = gr.Textbox(elem_id=form.elem_id("shown_job"), visible="hidden", label="Shown job")
        selected = gr.Textbox(elem_id=form.elem_id("selected"), visible="hidden", label="Selected picture", value="0")
        shown = gr.Textbox(elem_id=form.elem_id("shown_pictures"), visible="hidden", label="Shown pictures")
        replacement = gr.Textbox(elem_id=form.elem_id("replacement"), visible="hidden", label="Picture that is drawn again")
        drawn = JobResultParts(job_id=job_id, selected=selected, log=log, shown=shown, replacement=replacement)
        with buttons, page.open_results(drawn):
            page.draw(PageSlot.RESULT)
        return _Parts(
            gallery=gallery,
            infotext=infotext,
            log=log,
            info=gr.Textbox(elem_id=f"generation_info_{form.id}", visible="hidden", label="Generation info"),
            job_id=job_id,
            selected=selected,
            base=gr.Textbox(visible="hidden", label="Address of the page"),
            show=gr.Button("Show job", elem_id=form.elem_id("show_job"), visible="hidden"),
            shown=shown,
            replacement=replacement,
        )


def _samples(job: Job) -> tuple[Shown, ...]:
    """The job's pictures without its grid."""
    return tuple(shown for shown in shown_of(job) if job.result.images[shown.number].kind != "grid")


def _filled(parts: _Parts, job: Job, base_url: str, pictures: Sequence[GalleryPicture], place: int) -> dict[Any, Any]:
    """What the panel shows of an ended job; pictures come from their jobs' own routes, below the address the browser uses.

    A job without pictures leaves those of the one before in place, one whose pictures were all deleted does not; ``pictures`` are
    those of an earlier one where the panel is empty; ``place``: the picture that is selected.
    """
    if not pictures:
        return {parts.log: job_log(job), **(_emptied(parts) if job.result.images else {})}
    urls = [
        f"{base_url.rstrip('/')}/paintbox/v1/jobs/{each.job.id}/images/{each.number}/{quote(Path(each.image.path).name)}"
        for each in pictures
    ]
    return {
        parts.gallery: gr.update(value=urls, selected_index=place),
        parts.infotext: infotext_html(pictures[place].image.infotext),
        parts.log: job_log(job),
        parts.info: json.dumps(job.result.info or pictures[place].job.result.info, ensure_ascii=False),
        parts.job_id: pictures[place].job.id,
        parts.selected: str(pictures[place].number),
        parts.shown: write_shown([Shown(job=each.job.id, number=each.number) for each in pictures]),
    }


def _emptied(parts: _Parts) -> dict[Any, Any]:
    nothing = dict.fromkeys((parts.infotext, parts.info, parts.job_id, parts.selected, parts.shown), "")
    return {**nothing, parts.gallery: _no_pictures()}


def _no_pictures() -> dict[str, Any]:
    update: dict[str, Any] = gr.update(value=[], selected_index=None)
    return update


def job_log(job: Job) -> str:
    """What became of a job, for the log below the gallery."""
    told = {network.sentence() for network in job.result.networks}
    comments = [comment for comment in job.result.comments if comment not in told]
    notes = network_notes(job.result.networks) + comment_notes(comments, job.result.alerts)
    if job.state is JobState.FAILED:
        return error_note(job.error) + notes
    if job.state is JobState.CANCELLED:
        return comment_notes([CANCELLED]) + notes
    if job.state is JobState.INTERRUPTED:
        return error_note(job.error or INTERRUPTED) + notes
    if job.started is not None and job.finished is not None:
        return f'{notes}<p class="performance">Time taken: <b>{duration(job.finished - job.started)}</b></p>'
    return notes


def duration(seconds: float) -> str:
    """``3.2 sec.`` or ``2 min. 4.0 sec.``."""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)} min. {rest:.1f} sec." if minutes else f"{rest:.1f} sec."
