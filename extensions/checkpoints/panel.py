"""Draws the checkpoint drop-down with its buttons, and the notes below it: what was decided, and which files cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api import LoadChoice, ModelIdentity, ModelRecord, Page, PredictionType, UserError
from extensions.checkpoints.params import SETTING
from extensions.checkpoints.switch import current, switch_to, unusable, usable

if TYPE_CHECKING:
    from app.api import Host

PREDICTIONS: Mapping[PredictionType | None, str] = MappingProxyType({"epsilon": "epsilon", "v": "v prediction"})


def draw_checkpoint(page: Page) -> None:
    """The control and its events."""
    host = page.host
    with gr.Column(elem_id="checkpoint_column", min_width=260, scale=2):
        with gr.Row(elem_classes=["with-tool"]):
            choice = gr.Dropdown(label="Stable Diffusion checkpoint", elem_id=f"setting_{SETTING}", min_width=200, **listed(host))
            refresh = gr.Button("🔄", elem_id=f"refresh_{SETTING}", elem_classes=["tool", "icon-refresh"], min_width=36)
            gr.Button("⚙️", elem_id="checkpoint_prediction_button", elem_classes=["tool", "icon-gear"], min_width=36)
        decided = gr.HTML(decision_note(host) + hash_mark(host), elem_id="checkpoint_decision", padding=False)
        note = gr.HTML(unusable_note(unusable(host)), elem_id="checkpoint_note")
    job_id = gr.Textbox(visible="hidden", label="Loading job")
    if host.settings.lock_reason(SETTING):
        choice.interactive = False

    def show(*ignored: Any) -> dict[Any, Any]:
        return {choice: gr.update(**listed(host)), decided: decision_note(host) + hash_mark(host), note: unusable_note(unusable(host))}

    def choose(title: str | None, request: gr.Request) -> dict[Any, Any]:
        if title is None:  # an empty list that the focus has left
            return {job_id: "", **show()}
        try:
            return {job_id: switch_to(title, page.owner(request), host).id, **show()}
        except UserError as error:
            gr.Warning(escape(str(error)))
            return {job_id: "", **show()}

    def rescan() -> dict[Any, Any]:
        host.models.refresh("checkpoint")
        return show()

    shown = [choice, decided, note]
    chosen = choice.input(choose, [choice], [*shown, job_id], preprocess=False, **page.telling)
    chosen.then(None, [job_id], None, js="(job) => window.paintbox.followLoading(job)")
    refresh.click(rescan, None, shown, **page.quiet)
    page.setting_changed(SETTING, chosen)
    page.follow_settings(show, shown)


def unusable_note(records: list[ModelRecord]) -> str:
    """Which files are not in the list, and why; empty when there are none."""
    if not records:
        return ""
    items = "".join(f"<li><b>{escape(record.name)}</b>: {escape(record.problem or 'not a known model file')}</li>" for record in records)
    many = f"<summary>{len(records)} files cannot be used as a checkpoint</summary>"
    summary = many if len(records) > 1 else "<summary>1 file cannot be used as a checkpoint</summary>"
    return f"<details>{summary}<ul>{items}</ul></details>"


def decision_note(host: Host) -> str:
    """What the user has decided about the checkpoint in use, where the file says something else; empty otherwise."""
    record = current(host)
    found = host.models.found(record) if record else None
    if record is None or found is None or record.identity is None:
        return ""
    chosen = LoadChoice.model_validate(host.models.chosen(record))
    used, said = _prediction(record.identity), _prediction(found)
    if used == said or (chosen.prediction_type is None and chosen.zero_terminal_snr is None):
        return ""
    return f'<p class="note">Drawn as {used}, as you chose; the file says {said}.</p>'


def hash_mark(host: Host) -> str:
    """The sha256 of the checkpoint in use, unseen: the page's script shows it in the footer (A1111's ``sd_checkpoint_hash``)."""
    record = current(host)
    return f'<span class="checkpoint-hash" data-sha256="{escape(record.sha256 or "" if record else "")}" hidden></span>'


def _prediction(identity: ModelIdentity) -> str:
    """What a checkpoint predicts, in words."""
    words = PREDICTIONS.get(identity.prediction_type, "nothing")
    return f"{words}, zero terminal SNR" if identity.zero_terminal_snr else words


def short_title(record: ModelRecord) -> str:
    """A checkpoint's name without its folders and ending, and its hash where that is known."""
    return f"{record.stem} [{record.short_hash}]" if record.short_hash else record.stem


def listed(host: Host) -> dict[str, Any]:
    """Choices and value of the drop-down; without any checkpoint it says where one belongs."""
    record = current(host)
    is_short = host.settings.get("sd_checkpoint_dropdown_use_short")
    titles = [(short_title(each) if is_short else each.title, each.title) for each in usable(host)]
    if record is None:
        return {"choices": [], "value": None, "info": "No checkpoint found: put one into models/Stable-diffusion."}
    return {"choices": titles, "value": record.title, "info": ""}
