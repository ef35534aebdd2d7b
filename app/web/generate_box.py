"""Generate, Interrupt and Skip of a form: a click on Generate turns its values into one job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from app.errors import UserError
from app.values.base import Json
from app.values.ui import Submission
from app.web.drafts import KeepingPage, keep_draft
from app.web.forms import PageForm
from app.web.notes import user_error_note
from app.web.quiet import QUIET

logger = logging.getLogger(__name__)
MakeRequest = Callable[[Mapping[str, Json]], Mapping[str, Json]]
KindOf = Callable[[Mapping[str, Json]], str]
GENERATE = "generate"
"""The kind of jobs that draw one request."""


def draw_generate_box(page: KeepingPage, form: PageForm, make_request: MakeRequest, kind_of: KindOf) -> Callable[[], None]:
    """Draw the buttons; returns what wires them once all controls of the form are drawn."""
    with gr.Row(elem_id=form.elem_id("generate_box"), elem_classes=["generate-box"]):
        gr.Button("Interrupt", elem_id=form.elem_id("interrupt"), elem_classes=["interrupt"], min_width=60)
        gr.Button("Skip", elem_id=form.elem_id("skip"), elem_classes=["skip"], min_width=60)
        gr.Button("Interrupting...", elem_id=form.elem_id("interrupting"), elem_classes=["interrupting"], min_width=60)
        generate = gr.Button("Generate", elem_id=form.elem_id("generate"), elem_classes=["generate"], variant="primary", min_width=60)
    job_id = gr.Textbox(elem_id=form.elem_id("job"), visible="hidden", label="Job")
    problem = gr.HTML("", elem_id=form.elem_id("problem"), elem_classes=["job-problem"], render=False)
    form.problem = problem

    def submit(values: dict[Any, Json], request: gr.Request) -> dict[Any, Any]:
        typed = form.read(values)
        try:
            keep_draft(page, form, values, request)
        except UserError as error:
            logger.warning("%s", error)
        try:
            wanted = Submission(kind_of(typed), make_request(typed))
            for edit in form.submission_edits:
                wanted = edit(wanted, typed)
            job = page.host.jobs.submit(
                wanted.kind, dict(wanted.request), owner=page.owner(request), source=form.id, settings=page.host.settings.changed()
            )
        except UserError as error:
            return {job_id: "", problem: user_error_note(error)}
        return {job_id: job.id, problem: ""}

    def wire() -> None:
        draw_problem(form)
        inputs = {*form.components(), page.browser_tab}
        clicked = generate.click(submit, inputs, [job_id, problem], preprocess=False, trigger_mode="multiple", **QUIET)
        clicked.success(None, [job_id], None, js=f"(job) => window.paintbox.submitted({form.id!r}, job)")
        failed = f"() => window.paintbox.notSubmitted({form.id!r})"
        clicked.failure(None, None, [job_id, problem], js=failed, show_progress="hidden")

    return wire


def draw_problem(form: PageForm) -> None:
    """Draw here what Generate says where it refuses, unless that is drawn already."""
    if form.problem is not None:
        form.problem.render()
        form.problem = None
