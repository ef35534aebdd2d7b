"""Draws the img2img tab and the buttons that send pictures to it."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api import Page, UserError
from extensions.a1111_infotext.api import MASKED_CONTENT
from extensions.checkpoints.api import SETTING, current
from extensions.generation_form.api import Block, FormRequest, draw_size, draw_size_row, draw_tab, slider, tool_button
from extensions.image_canvas.api import WHITE, Canvas, add_fields, draw_canvas, field_key
from extensions.img2img.batch_kind import PNG_INFO_FIELDS
from extensions.img2img.modes import BATCH, CANVAS_MODES, FORM, INPAINT_CLASS, MASK, MODES, UPLOAD, Mode, mode_named
from extensions.img2img.params import RESIZE_MODES
from extensions.img2img.receiving import PREFIX, SIZE, picture_of, read_wanted, received
from extensions.img2img.request import BATCH_SOURCE, IMAGE_CFG_SHOWN, MASK_BLUR, MODE, RESIZE_TAB, kind_of, make_img2img_request

if TYPE_CHECKING:
    from app.api import Host

SENDS = (("send_to_img2img", "🖼️", "image", "img2img"), ("send_to_inpaint", "🎨️", "palette", "inpaint"))


def build_tab(page: Page) -> None:
    """The whole tab."""
    blocks: dict[str, Block] = {
        "image": _draw_image,
        "inpaint": _draw_inpaint,
        "dimensions": lambda page: draw_size_row(page, _draw_size_tabs),
        "denoising": _draw_denoising,
    }
    draw_tab(page, FORM, FormRequest(make_img2img_request, kind_of), blocks)


def _draw_image(page: Page) -> None:
    """The pictures, and how their size is changed."""
    _draw_modes(page)
    modes = [(name, index) for index, name in enumerate(RESIZE_MODES)]
    page.form.add(f"{PREFIX}.resize_mode", gr.Radio(modes, value=0, label="Resize mode", elem_id="resize_mode"))
    page.after_form(partial(_wire_receiving, page))


def _draw_denoising(page: Page) -> None:
    """How much the pictures change, and how far they guide."""
    strength = page.form.elem_id("denoising_strength")
    slider(page, f"{PREFIX}.denoising_strength", "Denoising strength", (0, 1, 0.01), value=0.75, elem_id=strength)
    _draw_image_cfg(page)


# --- modes ---


def _draw_modes(page: Page) -> None:
    """One tab for each mode; which is open stands in a hidden field, so that it is part of the draft."""
    canvases = [_canvas(mode, page.host) for mode in CANVAS_MODES] + [Canvas(MASK, "Mask", "picture")]
    for canvas in canvases:
        add_fields(page, canvas)
    mode = page.form.add(MODE, gr.Textbox(MODES[0].id, visible="hidden", label="Mode", elem_id=page.form.elem_id("mode")))
    with gr.Tabs(elem_id="mode_img2img") as tabs:
        for each in MODES:
            with gr.Tab(each.title, id=each.id, elem_id=each.tab):
                draw_canvas(page, _canvas(each, page.host))
                _draw_copies(each)
        with gr.Tab(UPLOAD.title, id=UPLOAD.id, elem_id=UPLOAD.tab):
            for canvas in canvases[-2:]:
                draw_canvas(page, canvas)
        with gr.Tab(BATCH.title, id=BATCH.id, elem_id=BATCH.tab):
            _draw_batch_sources(page)
    mode.change(None, [mode], [tabs], js="(mode) => window.paintbox.img2img.opened(mode)", show_progress="hidden")


def _canvas(mode: Mode, host: Host) -> Canvas:
    kind: Any = mode.paints
    brush = str(host.settings.get(mode.brush)) if mode.brush else WHITE
    return Canvas(mode.canvas, mode.label, kind, mode.extends, brush)


def _draw_copies(mode: Mode) -> None:
    """ "Copy image to" with the other modes; one element, as each of gradio's components makes the page slower to open."""
    buttons = "".join(
        f'<button type="button" id="img2img_copy_{mode.id}_to_{other.id}" data-from="{mode.canvas}" data-to="{other.canvas}"'
        f' data-mode="{other.id}"{" disabled" if other is mode else ""}>{escape(other.title.lower())}</button>'
        for other in MODES
    )
    label = f'<span class="copy-label" id="img2img_label_copy_to_{mode.id}">Copy image to:</span>'
    gr.HTML(label + buttons, elem_id=f"img2img_copy_to_{mode.id}", elem_classes=["copy-to"], padding=False)


def _draw_inpaint(page: Page) -> None:
    """What counts only in the modes that inpaint; the page's style hides it in the others."""
    form = page.form
    with gr.Column(elem_id="inpaint_controls", elem_classes=[INPAINT_CLASS]):
        with gr.Row():
            slider(page, MASK_BLUR, "Mask blur", (0, 64, 1), value=4, elem_id=form.elem_id("mask_blur"))
            with gr.Column(elem_classes=["sketch-only"], min_width=160):
                slider(page, f"{PREFIX}.mask_transparency", "Mask transparency", (0, 100, 1), value=0, elem_id=form.elem_id("mask_alpha"))
        with gr.Row():
            modes = [("Inpaint masked", False), ("Inpaint not masked", True)]
            _radio(page, "inpainting_mask_invert", modes, False, label="Mask mode", elem_id=form.elem_id("mask_mode"))
        with gr.Row():
            contents = [(name, index) for index, name in enumerate(MASKED_CONTENT)]
            _radio(page, "inpainting_fill", contents, 1, label="Masked content", elem_id=form.elem_id("inpainting_fill"))
        with gr.Row():
            areas = [("Whole picture", False), ("Only masked", True)]
            _radio(page, "inpaint_full_res", areas, False, label="Inpaint area", elem_id=form.elem_id("inpaint_full_res"))
            padding = form.elem_id("inpaint_full_res_padding")
            shown: dict[str, Any] = {"value": 32, "elem_id": padding, "min_width": 240}
            slider(page, f"{PREFIX}.inpaint_full_res_padding", "Only masked padding, pixels", (0, 256, 4), **shown)


def _radio(page: Page, field: str, choices: list[tuple[str, Any]], value: Any, **named: Any) -> None:
    page.form.add(f"{PREFIX}.{field}", gr.Radio(choices, value=value, **named))


# --- batch ---


def _draw_batch_sources(page: Page) -> None:
    """Where the pictures of a batch come from and go to, and what their infotexts are used for."""
    form = page.form
    source = form.add(BATCH_SOURCE, gr.Textbox("upload", visible="hidden", label="Source", elem_id=form.elem_id("batch_source_tab")))
    uploads = gr.Textbox("", visible="hidden", label="Uploaded pictures", elem_id=form.elem_id("batch_uploads"))
    form.add("batch.uploads", uploads)
    uploads.change(None, None, None, js="() => window.paintbox.img2img.uploadsChanged()", show_progress="hidden")
    with gr.Tabs(elem_id=form.elem_id("batch_source")) as tabs:
        with gr.Tab("Upload", id="upload", elem_id=form.elem_id("batch_upload_tab")):
            gr.HTML('<div class="batch-upload"></div>', elem_id=form.elem_id("batch_upload"), padding=False)
        with gr.Tab("From directory", id="dir", elem_id=form.elem_id("batch_from_dir_tab")):
            _folder(page, "input_dir", "Input directory", "batch_input_dir")
            _folder(page, "output_dir", "Output directory", "batch_output_dir", "Leave blank to save images to the default path.")
            _folder(page, "mask_dir", "Inpaint batch mask directory", "batch_inpaint_mask_dir", "Masks of the same names, or one for all.")
    source.change(None, [source], [tabs], js="(tab) => window.paintbox.img2img.select(tab)", show_progress="hidden")
    with gr.Accordion("PNG info", open=False):
        use = form.elem_id("batch_use_png_info")
        form.add("batch.use_png_info", gr.Checkbox(False, label="Append png info to prompts", elem_id=use))
        _folder(page, "png_info_dir", "PNG info directory", "batch_png_info_dir", "Leave blank to use the pictures themselves.")
        fields = gr.CheckboxGroup(list(PNG_INFO_FIELDS), value=["Prompt"], label="Parameters to take from png info")
        form.add("batch.png_info_fields", fields)


def _folder(page: Page, key: str, label: str, name: str, info: str | None = None) -> None:
    page.form.add(f"batch.{key}", gr.Textbox("", label=label, info=info, max_lines=1, elem_id=page.form.elem_id(name)))


# --- size and image CFG ---


def _draw_size_tabs(page: Page) -> None:
    """ "Resize to" a size, or "Resize by" a factor; which counts stands in a hidden field."""
    form = page.form
    chosen = form.add(RESIZE_TAB, gr.Textbox("to", visible="hidden", label="Resize to or by", elem_id=form.elem_id("resize_tab")))
    with gr.Column(scale=4, min_width=240), gr.Tabs(elem_id=form.elem_id("tabs_resize")) as tabs:
        with gr.Tab("Resize to", id="to", elem_id=form.elem_id("tab_resize_to")), gr.Row(elem_classes=["dimensions"]):
            with draw_size(page):
                detect = tool_button("📐", "ruler", form.elem_id("detect_image_size_btn"))
        with gr.Tab("Resize by", id="by", elem_id=form.elem_id("tab_resize_by")):
            slider(page, f"{PREFIX}.scale", "Scale", (0.05, 4, 0.05), value=1, elem_id=form.elem_id("scale"))
            gr.HTML('<span class="resolution"></span>', elem_id=form.elem_id("scale_resolution_preview"), padding=False)
    size = [form.component("width"), form.component("height")]
    detect.click(None, size, size, js="(width, height) => window.paintbox.img2img.size() || [width, height]", show_progress="hidden")
    chosen.change(None, [chosen], [tabs], js="(tab) => window.paintbox.img2img.select(tab)", show_progress="hidden")


def _draw_image_cfg(page: Page) -> None:
    """There for checkpoints that are guided by the picture as well."""
    form, host = page.form, page.host
    scale = slider(
        page,
        f"{PREFIX}.image_cfg_scale",
        "Image CFG Scale",
        (0, 3, 0.05),
        value=1.5,
        elem_id=form.elem_id("image_cfg_scale"),
        visible=_guided_by_picture(host),
    )
    shown = form.add(IMAGE_CFG_SHOWN, gr.Textbox("", visible="hidden", label="Image CFG Scale is shown"))

    def follow() -> dict[Any, Any]:
        is_guided = _guided_by_picture(host)
        return {scale: gr.update(visible=is_guided), shown: "yes" if is_guided else ""}

    page.on_setting(SETTING, follow, None, [scale, shown])
    page.on_load(lambda request: follow(), [scale, shown])


def _guided_by_picture(host: Host) -> bool:
    record = current(host)
    return record is not None and record.identity is not None and record.identity.variant == "pix2pix"


# --- sending ---


def draw_send_buttons(page: Page) -> None:
    """Below a gallery: its selected picture becomes the start of img2img or inpaint."""
    for name, text, icon, mode in SENDS:
        button = tool_button(text, icon, page.form.elem_id(name))
        button.click(None, None, None, js=f"() => window.paintbox.img2img.send({page.form.id!r}, {mode!r})", show_progress="hidden")


def _wire_receiving(page: Page) -> None:
    """A hidden button that takes in the picture which the script names, with its parameters."""
    form = page.form
    told = gr.Textbox(visible="hidden", label="Sent picture")
    only_masked = form.component(f"{PREFIX}.inpaint_full_res")
    button = gr.Button("Receive a picture", visible="hidden", elem_id=form.elem_id("receive"))

    def receive(said: str, keeps_size: bool, request: gr.Request) -> dict[Any, Any]:
        try:
            wanted = read_wanted(said)
            sent, problems = received(page.host, picture_of(wanted, page, request))
        except UserError as error:
            gr.Warning(escape(str(error)))
            return {}
        if problems:
            gr.Warning(escape(f"Not taken over: {' '.join(problems)}"))
        canvas = mode_named(wanted.mode).canvas
        if wanted.mode == "inpaint" and keeps_size:
            sent = {key: value for key, value in sent.items() if key not in SIZE}
        fresh = {field_key(canvas, "painted"): "", field_key(canvas, "extend"): "", field_key(canvas, "picture"): sent["picture"]}
        return form.fill({**sent, **fresh, MODE: wanted.mode, RESIZE_TAB: "to"})

    named = "(told, area) => [window.paintbox.img2img.sent(), area]"
    button.click(receive, [told, only_masked], form.components(), js=named, **page.telling)
