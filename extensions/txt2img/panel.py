"""Draws the txt2img tab: prompts and actions on top, parameters on the left, results on the right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import gradio as gr

from app.api import JobResultParts, Json, Page, PageSlot, UserError
from extensions.a1111_infotext.api import FORM_KEY, with_chips
from extensions.checkpoints.api import SETTING
from extensions.txt2img.native_size import followed_size, native_size_px
from extensions.txt2img.paste import last_infotext, read_pasted
from extensions.txt2img.request import AUTOMATIC, DEFAULT_SAMPLER, NATIVE_SIZE, RANDOM_SEED, make_request
from extensions.txt2img.token_count import counted_tokens

FORM = "txt2img"
SIDES = (64, 2048, 8)
PROMPTS = ("prompt", "negative_prompt")
PLACEHOLDER = "Prompt\n(Ctrl+Enter generates, Alt+Enter skips, Esc interrupts)"
NEGATIVE_PLACEHOLDER = "Negative prompt\n(what should not be in the picture)"


def build_tab(page: Page) -> None:
    """The whole tab."""
    with page.open_form(FORM) as form:
        draw_toprow(page)
        with gr.Row(elem_classes=["resize-handle-row"]):
            with gr.Column(elem_id=form.elem_id("settings_column"), min_width=300):
                with gr.Tabs(elem_id=form.elem_id("extra_tabs")), gr.Tab("Generation", elem_id=form.elem_id("generation")):
                    reuse = draw_parameters(page)
            with gr.Column(elem_id=form.elem_id("results_column"), min_width=300):
                results = page.job_results()
        wire_seed_reuse(page, reuse, results)
        wire_native_size(page)


# --- prompts and actions ---


def draw_toprow(page: Page) -> None:
    """Prompts on the left, Generate and the prompt tools on the right."""
    form = page.form
    with gr.Row(elem_id=form.elem_id("toprow"), elem_classes=["toprow"]):
        with gr.Column(scale=6, min_width=300, elem_classes=["prompts"]):
            _draw_prompt(page, "prompt", ("prompt", "token"), "Prompt", PLACEHOLDER)
            _draw_prompt(page, "negative_prompt", ("neg_prompt", "negative_token"), "Negative prompt", NEGATIVE_PLACEHOLDER)
        with gr.Column(scale=1, min_width=220, elem_id=form.elem_id("actions_column")):
            page.job_buttons(lambda values: with_chips(make_request(values), values.get(FORM_KEY), page.host))
            with gr.Row(elem_id=form.elem_id("tools"), elem_classes=["tools"]):
                paste = _tool("↙️", "paste", "paste")
                clear = _tool("🗑️", "clear", form.elem_id("clear_prompt"))
                undo = _tool("↩️", "undo", form.elem_id("undo_clear"), visible=False)
    _wire_clear(page, clear, undo)
    page.after_form(partial(_wire_paste, page, paste))


def _draw_prompt(page: Page, key: str, ids: tuple[str, str], label: str, placeholder: str) -> None:
    """A prompt box with its token counter, which the tab's script brings up to date through a hidden button."""
    form, (name, counter_name) = page.form, ids
    with gr.Row(elem_id=form.elem_id(f"{name}_row"), elem_classes=["prompt-row"]):
        box = gr.Textbox(
            label=label,
            show_label=False,
            lines=3,
            max_lines=12,
            placeholder=placeholder,
            elem_id=form.elem_id(name),
            elem_classes=["prompt"],
            html_attributes=gr.InputHTMLAttributes(spellcheck=False, autocorrect="off", autocapitalize="off"),
        )
        counter = gr.HTML(_count("0/75"), elem_id=form.elem_id(f"{counter_name}_counter"), elem_classes=["token-counter"])
        button = gr.Button("Count tokens", elem_id=form.elem_id(f"{counter_name}_button"), visible="hidden")
    form.add(key, box)

    def count(text: str, steps: Json) -> str:
        return _count(counted_tokens(page.host, text or "", steps, negative=key == "negative_prompt"))

    def wire() -> None:
        button.click(count, [box, form.component("steps")], [counter], **page.quiet)

    page.after_form(wire)


def _slider(page: Page, key: str, label: str, limits: tuple[float, float, float], **more: Any) -> Any:
    """A slider of the form: ``limits`` are minimum, maximum and step; the default is ``value``."""
    lowest, highest, step = limits
    slider = gr.Slider(lowest, highest, step=step, label=label, elem_id=page.form.elem_id(key), buttons=[], **more)
    return page.form.add(key, slider)


def _tool(text: str, icon: str, elem_id: str, *, visible: bool = True) -> gr.Button:
    """A small button; the tab's script gives it its tooltip and its name for screen readers."""
    return gr.Button(text, elem_id=elem_id, elem_classes=["tool", f"icon-{icon}"], visible=visible, min_width=36)


def _count(text: str) -> str:
    return f'<span class="token-count">{text}</span>'


def _wire_clear(page: Page, clear: gr.Button, undo: gr.Button) -> None:
    """Clearing keeps the prompts aside until the next clearing, so that one click brings them back."""
    boxes = [page.form.component(key) for key in PROMPTS]
    aside = [gr.Textbox(visible="hidden", label=f"Cleared {key}") for key in PROMPTS]

    def empty(prompt: str, negative: str) -> tuple[Any, ...]:
        if not (prompt or negative):
            return tuple(gr.skip() for _ in range(5))
        return "", "", prompt, negative, gr.update(visible=True)

    def bring_back(prompt: str, negative: str) -> tuple[Any, ...]:
        return prompt, negative, gr.update(visible=False)

    clear.click(empty, boxes, [*boxes, *aside, undo], **page.quiet)
    undo.click(bring_back, aside, [*boxes, undo], **page.quiet)


def _wire_paste(page: Page, paste: gr.Button) -> None:
    form, host = page.form, page.host
    prompt = form.component("prompt")

    def read(text: str, request: gr.Request) -> dict[Any, Any]:
        try:
            pasted = read_pasted(text if text.strip() else last_infotext(host, page.owner(request)), host)
        except UserError as error:
            gr.Warning(escape(str(error)))
            return {}
        if pasted.problems:
            gr.Warning("Not restored:" + "".join(f"<br>{escape(problem)}" for problem in pasted.problems))
        return form.fill(pasted.values)

    paste.click(read, [prompt], list(form.components()), **page.telling)


# --- parameters ---


def draw_parameters(page: Page) -> gr.Button:
    """The blocks below the prompts, in A1111's order; returns the button that takes a picture's seed."""
    form, native_px = page.form, native_size_px(page.host)
    with gr.Column(elem_id=form.elem_id("settings")):
        _draw_sampler(page)
        page.draw(PageSlot.GENERATION)
        with gr.Row(elem_id=form.elem_id("dimensions_row"), elem_classes=["dimensions"]):
            with gr.Column(scale=4, min_width=200, elem_id=form.elem_id("column_size")):
                width = _slider(page, "width", "Width", SIDES, value=native_px)
                height = _slider(page, "height", "Height", SIDES, value=native_px)
            with gr.Column(scale=0, min_width=40, elem_classes=["between"]):
                swap = _tool("⇅", "swap", form.elem_id("res_switch_btn"))
            with gr.Column(scale=3, min_width=160, elem_id=form.elem_id("column_batch")):
                _slider(page, "batch_count", "Batch count", (1, 100, 1), value=1)
                _slider(page, "batch_size", "Batch size", (1, 8, 1), value=1)
        _slider(page, "cfg_scale", "CFG Scale", (1, 30, 0.5), value=7)
        reuse = _draw_seed(page)
    swap.click(None, [width, height], [width, height], js="(width, height) => [height, width]", show_progress="hidden")
    return reuse


def _draw_sampler(page: Page) -> None:
    form, samplers = page.form, page.host.samplers.names()
    first = DEFAULT_SAMPLER if DEFAULT_SAMPLER in samplers else next(iter(samplers), None)
    labels = [AUTOMATIC, *(schedule.label for schedule in page.host.schedules if schedule.label != AUTOMATIC)]
    with gr.Row(elem_id=f"sampler_selection_{form.id}"):
        form.add("sampler", gr.Dropdown(samplers, value=first, label="Sampling method", elem_id=form.elem_id("sampling"), min_width=120))
        form.add("scheduler", gr.Dropdown(labels, value=AUTOMATIC, label="Schedule type", elem_id=form.elem_id("scheduler"), min_width=120))
        _slider(page, "steps", "Sampling steps", (1, 150, 1), value=20, min_width=190)


def _draw_seed(page: Page) -> gr.Button:
    form = page.form
    with gr.Row(elem_id=form.elem_id("seed_row"), elem_classes=["seed-row"]):
        seed = form.add("seed", gr.Number(RANDOM_SEED, label="Seed", precision=0, elem_id=form.elem_id("seed"), min_width=120))
        dice = _tool("🎲️", "dice", form.elem_id("random_seed"))
        reuse = _tool("♻️", "recycle", form.elem_id("reuse_seed"))
    dice.click(None, None, [seed], js=f"() => {RANDOM_SEED}", show_progress="hidden")
    return reuse


def wire_seed_reuse(page: Page, reuse: gr.Button, results: JobResultParts) -> None:
    """♻️ takes the seed of the selected picture of the shown job."""

    def take(job_id: str, selected: str, request: gr.Request) -> Any:
        picture = page.picture(job_id, selected, request)
        return gr.skip() if picture is None else picture.seed

    reuse.click(take, [results.job_id, results.selected], [page.form.component("seed")], **page.quiet)


def wire_native_size(page: Page) -> None:
    """Width and height follow the checkpoint's native size while nobody has chosen another one."""
    form, host = page.form, page.host
    width, height = form.component("width"), form.component("height")
    drawn = str(width.value)
    native = form.add(NATIVE_SIZE, gr.Textbox(drawn, visible="hidden", label="Native size", elem_id=form.elem_id("native_size")))

    def follow(old_width: Json, old_height: Json, old_native: Json) -> dict[Any, Any]:
        now = native_size_px(host)
        return form.fill({NATIVE_SIZE: str(now), **followed_size(old_width, old_height, old_native, now)})

    def at_load(draft: Mapping[str, Json]) -> Mapping[str, Json]:
        now = native_size_px(host)
        before = draft.get(NATIVE_SIZE, drawn)
        return {NATIVE_SIZE: str(now), **followed_size(draft.get("width", before), draft.get("height", before), before, now)}

    page.on_setting(SETTING, follow, [width, height, native], [width, height, native])
    page.keep_draft(at_load)
