"""Draws the checkpoint drop-down, its refresh button, and the note on files that cannot be used."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api import ModelRecord, Page, UserError
from extensions.checkpoints.params import SETTING
from extensions.checkpoints.switch import current, switch_to, unusable, usable

if TYPE_CHECKING:
    from app.api import Host


def draw_checkpoint(page: Page) -> None:
    """The control and its events."""
    host = page.host
    with gr.Column(elem_id="checkpoint_column", min_width=260, scale=2):
        with gr.Row(elem_classes=["with-tool"]):
            choice = gr.Dropdown(label="Stable Diffusion checkpoint", elem_id=f"setting_{SETTING}", min_width=200, **_listed(host))
            refresh = gr.Button("🔄", elem_id=f"refresh_{SETTING}", elem_classes=["tool", "icon-refresh"], min_width=36)
        note = gr.HTML(unusable_note(unusable(host)), elem_id="checkpoint_note")
    job_id = gr.Textbox(visible="hidden", label="Loading job")
    if host.settings.lock_reason(SETTING):
        choice.interactive = False

    def show(*ignored: Any) -> dict[Any, Any]:
        return {choice: gr.update(**_listed(host)), note: unusable_note(unusable(host))}

    def choose(title: str, request: gr.Request) -> dict[Any, Any]:
        try:
            return {job_id: switch_to(title, page.owner(request), host).id, **show()}
        except UserError as error:
            gr.Warning(escape(str(error)))
            return {job_id: "", **show()}

    def rescan() -> dict[Any, Any]:
        host.models.refresh("checkpoint")
        return show()

    chosen = choice.input(choose, [choice], [choice, note, job_id], preprocess=False, **page.telling)
    chosen.then(None, [job_id], None, js="(job) => window.paintbox.followLoading(job)")
    refresh.click(rescan, None, [choice, note], **page.quiet)
    page.setting_changed(SETTING, chosen)
    page.follow_settings(show, [choice, note])


def unusable_note(records: list[ModelRecord]) -> str:
    """Which files are not in the list, and why; empty when there are none."""
    if not records:
        return ""
    items = "".join(f"<li><b>{escape(record.name)}</b>: {escape(record.problem or 'not a known model file')}</li>" for record in records)
    count = f"{len(records)} files cannot" if len(records) > 1 else "1 file cannot"
    return f"<details><summary>{count} be used as a checkpoint</summary><ul>{items}</ul></details>"


def _listed(host: Host) -> dict[str, Any]:
    """Choices and value of the drop-down; without any checkpoint it says where one belongs."""
    record = current(host)
    titles = [each.title for each in usable(host)]
    if record is None:
        return {"choices": [], "value": None, "info": "No checkpoint found: put one into models/Stable-diffusion."}
    return {"choices": titles, "value": record.title, "info": ""}
