"""Draws the list of scripts; the fields of the chosen one are drawn by the page's script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import gradio as gr

from app.api import SCRIPT_KIND, Json, Page, Script, Submission, UserError
from extensions.scripts.pasted import CHOSEN, NONE, VALUES

if TYPE_CHECKING:
    from app.api import Host

GENERATE = "generate"
FIELDS = '<div class="script-fields tool" data-quiet></div>'


def draw_scripts(page: Page) -> None:
    """The list, a hidden field for the values of all scripts, and the place of the fields."""
    form, host = page.form, page.host
    titles = [script.title for script in host.scripts if script.is_offered(form.id)]
    with gr.Column(elem_id=form.elem_id("script_container"), elem_classes=["script-container"]):
        chosen = form.add(CHOSEN, gr.Dropdown([NONE, *titles], value=NONE, label="Script", elem_id="script_list"))
        values = gr.Textbox("{}", visible="hidden", label="Fields of the scripts", elem_id=form.elem_id("script_values"))
        form.add(VALUES, values)
        gr.HTML(FIELDS, elem_id=form.elem_id("script_fields"), padding=False)
    shown = f"(script, values) => window.paintbox.scripts.show({form.id!r}, script, values)"
    gr.on([chosen.change, values.change], None, [chosen, values], None, js=shown, show_progress="hidden")

    def edit(submission: Submission, typed: Mapping[str, Json]) -> Submission:
        title = typed.get(CHOSEN)
        return submission if title in (None, "", NONE) else with_script(submission, find_script(str(title), form.id, host), typed, form.id)

    page.edit_submission(edit)


def find_script(title: str, form: str, host: Host) -> Script:
    """The script of this title; raises UserError when the form does not offer it."""
    script = host.scripts.find(title)
    if script is None or not script.is_offered(form):
        raise UserError(f"There is no script {title!r} in {form}.", hint="Choose another one, or None.", field="script_name")
    return script


def with_script(submission: Submission, script: Script, typed: Mapping[str, Json], form: str) -> Submission:
    """The script's job in place of the request's; raises UserError for jobs of another kind."""
    if submission.kind != GENERATE:
        what = f"The script {script.title!r} cannot be used for a whole folder of pictures."
        raise UserError(what, hint="Choose None as the script, or another tab than Batch.", field="script_name")
    request: dict[str, Json] = {
        "script": script.id,
        "form": form,
        "params": read_values(typed.get(VALUES)).get(script.id, {}),
        "request": dict(submission.request),
    }
    return Submission(SCRIPT_KIND, request)


def read_values(text: Json) -> dict[str, dict[str, Json]]:
    """The values of fields by script, as the page's script keeps them; those that it has not written are left out."""
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return {name: values for name, values in found.items() if isinstance(values, dict)} if isinstance(found, dict) else {}
