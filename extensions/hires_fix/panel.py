"""Draws the block of hires fix in the form, and the button that gives a finished picture its second pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from app.api import Json, Page
from extensions.hires_fix.again import upscaled
from extensions.hires_fix.params import OLD_SIZES, HiresParams
from extensions.hires_fix.size import planned_size

FORM = "txt2img"
SIZE_KEYS = ("width", "height", *(f"params.{HiresParams.feature}.{name}" for name in ("scale", "resize_x", "resize_y")))


def draw_block(page: Page) -> None:
    """The tick and, while it is set, the controls; only where pictures are drawn from nothing."""
    form, host = page.form, page.host
    if form.id != FORM:
        return
    choices = HiresParams.choices(host)
    with form.switched(HiresParams, "enabled", "Hires. fix", note_id="txtimg_hr_finalres") as note:
        with gr.Row(elem_id=form.elem_id("hires_fix_row1")):
            form.add_params(HiresParams, names=("upscaler", "steps", "denoising_strength"), choices=choices)
        with gr.Row(elem_id=form.elem_id("hires_fix_row2")):
            form.add_params(HiresParams, names=("scale", "resize_x", "resize_y"))
        with gr.Accordion("Checkpoint and sampler of the second pass", open=bool(host.settings.get("hires_fix_show_sampler"))):
            with gr.Column(elem_id=form.elem_id("hires_fix_row3")):
                with gr.Row(elem_classes=["with-tool"]):
                    form.add_params(HiresParams, names=("checkpoint",), choices=choices)
                    refresh = gr.Button("🔄", elem_id="hr_checkpoint_refresh", elem_classes=["tool", "icon-refresh"], min_width=36)
                with gr.Row():
                    form.add_params(HiresParams, names=("sampler", "scheduler"), choices=choices)
        with gr.Accordion("Prompts of the second pass", open=bool(host.settings.get("hires_fix_show_prompts"))):
            with gr.Row(elem_id=form.elem_id("hires_fix_row4")):
                form.add_params(HiresParams, names=("prompt", "negative_prompt"))
    _wire_checkpoints(page, refresh)
    page.after_form(lambda: _wire_note(page, note))


def draw_button(page: Page) -> None:
    """✨ below the pictures of txt2img."""
    if page.form.id != FORM:
        return
    button = gr.Button("✨", elem_id=page.form.elem_id("upscale"), elem_classes=["tool", "icon-sparkle"], min_width=36)
    page.repeat_job(
        button, lambda shown: upscaled(shown, page.host), beside=lambda: bool(page.host.settings.get("hires_button_gallery_insert"))
    )


def size_note(values: Mapping[str, Json], *, asked_is_final: bool) -> str:
    """``from 512x512 to 1024x1024``; empty while a size is no number."""
    try:
        width, height, scale, to_width, to_height = (float(str(values[key])) for key in SIZE_KEYS)
        asked, resize = (int(width), int(height)), (int(to_width), int(to_height))
        size = planned_size(asked, scale, resize, (0, 0), asked_is_final=asked_is_final)
    except (ValueError, ZeroDivisionError, OverflowError):
        return ""
    (first, final) = size.first, size.final
    return f"from <b>{first[0]}x{first[1]}</b> to <b>{final[0]}x{final[1]}</b>"


def _wire_checkpoints(page: Page, refresh: gr.Button) -> None:
    """The list of checkpoints is fresh when the page is opened, and after its button."""
    host, checkpoint = page.host, page.form.component(f"params.{HiresParams.feature}.checkpoint")

    def look() -> Any:
        host.models.refresh("checkpoint")
        return page.relisted(checkpoint, HiresParams.choices(host)["checkpoint"])

    refresh.click(look, None, [checkpoint], **page.quiet)
    page.on_load(lambda request: {checkpoint: page.relisted(checkpoint, HiresParams.choices(host)["checkpoint"])}, [checkpoint])


def _wire_note(page: Page, note: Any) -> None:
    """Bring the sizes beside the tick up to date while the controls change; sides to resize to win over the factor."""
    form, host = page.form, page.host
    controls = [form.component(key) for key in SIZE_KEYS]
    scale = form.component(SIZE_KEYS[2])

    def show(*values: Json) -> dict[Any, Any]:
        text = size_note(dict(zip(SIZE_KEYS, values, strict=True)), asked_is_final=bool(host.settings.get(OLD_SIZES)))
        return {note: text, scale: gr.update(interactive=not (values[3] or values[4]))}

    note.value = size_note({key: form.component(key).value for key in SIZE_KEYS}, asked_is_final=bool(host.settings.get(OLD_SIZES)))
    gr.on(
        [control.change for control in controls],
        show,
        controls,
        [note, scale],
        trigger_mode="always_last",
        preprocess=False,
        **page.quiet,
    )
