"""Buttons that draw the selected picture's job again, changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import gradio as gr

from app.errors import UserError
from app.values.base import Json
from app.values.job import Job, SavedImage
from app.values.ui import JobResultParts, ShownPicture
from app.web.forms import PageForm
from app.web.generate_box import GENERATE
from app.web.notes import user_error_note
from app.web.ownership import owned_job
from app.web.quiet import QUIET
from app.web.shown import Replacement, Shown, read_shown

if TYPE_CHECKING:
    from app.host import Host

Change = Callable[[ShownPicture], Mapping[str, Json]]
"""What is shown -> request of the new job."""


@dataclass(frozen=True)
class Repetition:
    """A button and what it changes; ``beside``: whether the new picture leaves the old one in the gallery."""

    button: Any
    change: Change
    beside: Callable[[], bool]


class OwnerPage(Protocol):
    """The part of the page that is needed here."""

    host: Host

    def owner(self, request: Any) -> str:
        """Name of the user behind a request."""
        ...

    def picture(self, job_id: str, number: str, request: Any) -> SavedImage | None:
        """A picture of one of the user's jobs."""
        ...


def wire_repetition(page: OwnerPage, form: PageForm, parts: JobResultParts, repetition: Repetition) -> None:
    """Let the button work, once all controls of the form are drawn; the new job is shown like one that Generate started."""
    new_job = gr.Textbox(visible="hidden", label="Job", elem_id=f"{repetition.button.elem_id}_job")

    def repeat(values: dict[Any, Json], request: gr.Request) -> dict[Any, Any]:
        job_id, selected = str(values[parts.job_id] or ""), str(values[parts.selected] or "")
        try:
            job = repeated(page, form.id, (job_id, selected, form.read(values)), repetition.change, request)
        except UserError as error:
            return {new_job: "", parts.log: user_error_note(error)}
        shown, drawn_again = read_shown(str(values[parts.shown] or "")), Shown(job=job_id, number=int(selected))
        place = shown.index(drawn_again) if drawn_again in shown else -1
        replacement = Replacement(job=job.id, shown=shown, place=place, beside=repetition.beside())
        return {new_job: job.id, parts.replacement: replacement.model_dump_json()}

    inputs = {*form.components(), parts.job_id, parts.selected, parts.shown}
    clicked = repetition.button.click(repeat, inputs, [new_job, parts.log, parts.replacement], preprocess=False, **QUIET)
    clicked.then(None, [new_job], None, js=f"(job) => job && window.paintbox.submitted({form.id!r}, job)")


def repeated(page: OwnerPage, form_id: str, shown: tuple[str, str, Mapping[str, Json]], change: Change, request: Any) -> Job:
    """The new job, by the settings of the shown one; raises UserError."""
    job_id, selected, typed = shown
    picture = page.picture(job_id, selected, request)
    if picture is None or picture.kind != "sample":
        raise UserError("There is no picture selected.", hint="Generate, then choose one picture of the gallery (not the grid).")
    owner = page.owner(request)
    old = owned_job(page.host, job_id, owner)
    if old.kind != GENERATE:
        title = page.host.job_kinds.get(old.kind).title
        hint = "Take its parameters into the form and generate it alone first."
        raise UserError(f"This picture is one of a larger job ({title}).", hint=hint)
    wanted = change(ShownPicture(old.request, picture, typed, owner))
    return page.host.jobs.submit(old.kind, dict(wanted), owner=owner, source=form_id, settings=old.settings)
