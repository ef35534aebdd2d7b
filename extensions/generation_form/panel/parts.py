"""Draws the controls that the tabs which draw pictures share: prompts, tools, sampler, size, batch, CFG scale, seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api import JobResultParts, Json, Page, PageSlot, UserError, shown_samplers
from extensions.a1111_infotext.api import FORM_KEY, with_chips
from extensions.checkpoints.api import SETTING
from extensions.generation_form.limits import within_limits
from extensions.generation_form.native_size import followed_size, native_size_px
from extensions.generation_form.paste import Pasted, last_infotext, read_pasted
from extensions.generation_form.prompt_note import told_error, told_of
from extensions.generation_form.request import AUTOMATIC, DEFAULT_SAMPLER, NATIVE_SIZE, RANDOM_SEED, STYLES, SUBSEED_SHOWN
from extensions.generation_form.token_count import counted_tokens

if TYPE_CHECKING:
    from app.api import Host

SIDES = (64, 2048, 8)
RESIZE_SIDES = (0, 2048, 8)
PROMPTS = ("prompt", "negative_prompt")
PLACEHOLDER = "Prompt\n(Ctrl+Enter generates, Alt+Enter skips, Esc interrupts)"
NOTE = '<div class="prompt-note" hidden></div>'
"""Filled and emptied by the extension's script."""
NEGATIVE_PLACEHOLDER = "Negative prompt\n(what should not be in the picture)"


@dataclass(frozen=True)
class SeedButtons:
    """The two ♻️ buttons: seed and variation seed of the selected picture."""

    seed: gr.Button
    subseed: gr.Button


@dataclass(frozen=True)
class FormRequest:
    """What Generate asks for; the functions are those of ``Page.job_buttons``."""

    make_request: Callable[[Mapping[str, Json]], Mapping[str, Json]]
    kind_of: Callable[[Mapping[str, Json]], str] | None = None


# --- prompts and actions ---


def draw_toprow(page: Page, submission: FormRequest) -> None:
    """Prompts on the left, Generate, the prompt tools and what belongs to them on the right."""
    form = page.form
    with gr.Row(elem_id=form.elem_id("toprow"), elem_classes=["toprow"]):
        draw_prompts(page)
        with gr.Column(scale=1, min_width=220, elem_id=form.elem_id("actions_column")):
            draw_generate(page, submission)
            draw_tools(page)


def draw_compact_prompts(page: Page) -> None:
    """The same without Generate, for a narrow column."""
    with gr.Column(elem_id=page.form.elem_id("toprow"), elem_classes=["toprow", "toprow-compact"]):
        draw_prompts(page)
        draw_tools(page)


def draw_prompts(page: Page) -> None:
    """Both prompts, and below them what is said about a paste."""
    form = page.form
    with gr.Column(scale=6, min_width=300, elem_id=form.elem_id("prompt_container"), elem_classes=["prompts"]):
        _draw_prompt(page, "prompt", ("prompt", "token"), "Prompt", PLACEHOLDER)
        _draw_prompt(page, "negative_prompt", ("neg_prompt", "negative_token"), "Negative prompt", NEGATIVE_PLACEHOLDER)
        gr.HTML(NOTE, elem_id=form.elem_id("prompt_note"), elem_classes=["prompt-note-block"], padding=False)


def draw_generate(page: Page, submission: FormRequest) -> None:
    """Generate, Interrupt and Skip."""
    page.job_buttons(partial(_with_settings, page.host, submission.make_request), submission.kind_of)


def draw_tools(page: Page) -> None:
    """Small buttons for the prompts, and what extensions put below them."""
    form = page.form
    with gr.Row(elem_id=form.elem_id("tools"), elem_classes=["tools"]):
        paste = tool_button("↙️", "paste", "paste")
        clear = tool_button("🗑️", "clear", form.elem_id("clear_prompt"))
        undo = tool_button("↩️", "undo", form.elem_id("undo_clear"), visible=False)
        page.draw(PageSlot.PROMPT_TOOLS)
        tool_button("🌀", "reattach", form.elem_id("restore_progress"))
    page.draw(PageSlot.ACTIONS)
    _wire_clear(page, clear, undo)
    page.after_form(partial(_wire_paste, page, paste))


def _with_settings(
    host: Host, make_request: Callable[[Mapping[str, Json]], Mapping[str, Json]], values: Mapping[str, Json]
) -> Mapping[str, Json]:
    """The request with the override settings of the form; that of a whole batch has the request for one picture inside."""
    request, chips = make_request(values), values.get(FORM_KEY)
    inner = request.get("request")
    return {**request, "request": with_chips(inner, chips, host)} if isinstance(inner, Mapping) else with_chips(request, chips, host)


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
        empty = _count(counted_tokens(page.host, "", None, negative=False))
        counter = gr.HTML(empty, elem_id=form.elem_id(f"{counter_name}_counter"), elem_classes=["token-counter"])
        button = gr.Button("Count tokens", elem_id=form.elem_id(f"{counter_name}_button"), visible="hidden")
    form.add(key, box)

    def count(text: str, steps: Json, styles: Json = None) -> str:
        chosen = [str(name) for name in styles] if isinstance(styles, list) else []
        return _count(counted_tokens(page.host, text or "", steps, negative=key == "negative_prompt", styles=chosen))

    def wire() -> None:
        styles = form.find(STYLES)
        chosen = [] if styles is None else [styles]
        events = [button.click, *(each.change for each in chosen)]
        gr.on(events, count, [box, form.component("steps"), *chosen], [counter], preprocess=False, **page.quiet)

    page.after_form(wire)


def slider(page: Page, key: str, label: str, limits: tuple[float, float, float], **more: Any) -> Any:
    """A slider of the form: ``limits`` are minimum, maximum and step; the default is ``value``, the element is named by the key."""
    lowest, highest, step = limits
    shown: dict[str, Any] = {"elem_id": page.form.elem_id(key), **more}
    return page.form.add(key, gr.Slider(lowest, highest, step=step, label=label, buttons=[], **shown))


def tool_button(text: str, icon: str, elem_id: str, *, visible: bool = True) -> gr.Button:
    """A small button; the tab's script gives it its tooltip and its name for screen readers."""
    return gr.Button(text, elem_id=elem_id, elem_classes=["tool", f"icon-{icon}"], visible=visible, min_width=36)


def _count(text: str) -> str:
    return f'<span class="token-count">{text}</span>' if text else ""


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
    prompt, told = form.component("prompt"), gr.Textbox(visible="hidden", label="What was pasted", elem_id=form.elem_id("pasted"))

    def read(text: str, request: gr.Request) -> dict[Any, Any]:
        try:
            pasted = read_pasted(text if text.strip() else last_infotext(host, page.owner(request)), host)
        except UserError as error:
            return {told: told_error(text, str(error))}
        values, beyond = within_limits(pasted.values, form)
        return {**form.fill(values), told: told_of(text, Pasted(values, (*beyond, *pasted.problems)))}

    read_it = paste.click(read, [prompt], [*form.components(), told], **page.quiet)
    read_it.then(None, [told], None, js=f"(told) => window.paintbox.pasted({form.id!r}, told)")


# --- parameters ---


def draw_sampler(page: Page) -> None:
    """Sampling method, schedule type and steps."""
    form, samplers = page.form, shown_samplers(page.host)
    first = DEFAULT_SAMPLER if DEFAULT_SAMPLER in samplers else next(iter(samplers), None)
    labels = [AUTOMATIC, *(schedule.label for schedule in page.host.schedules if schedule.label != AUTOMATIC)]
    with gr.Row(elem_id=f"sampler_selection_{form.id}"):
        named: dict[str, Any] = {"elem_id": form.elem_id("sampling"), "allow_custom_value": len(samplers) < len(page.host.samplers)}
        if page.host.settings.get("samplers_in_dropdown"):
            form.add("sampler", gr.Dropdown(samplers, value=first, label="Sampling method", min_width=120, **named))
        else:
            form.add("sampler", gr.Radio(samplers, value=first, label="Sampling method", elem_id=form.elem_id("sampling"), min_width=560))
        form.add("scheduler", gr.Dropdown(labels, value=AUTOMATIC, label="Schedule type", elem_id=form.elem_id("scheduler"), min_width=120))
        slider(page, "steps", "Sampling steps", (1, 150, 1), value=20, min_width=190)


def draw_size(page: Page) -> Any:
    """Width and height with their swap button; returns the column beside them, for more buttons."""
    form, native_px = page.form, native_size_px(page.host)
    with gr.Column(scale=4, min_width=200, elem_id=form.elem_id("column_size")):
        width = slider(page, "width", "Width", SIDES, value=native_px)
        height = slider(page, "height", "Height", SIDES, value=native_px)
    with gr.Column(scale=0, min_width=40, elem_classes=["between"]) as beside:
        swap = tool_button("⇅", "swap", form.elem_id("res_switch_btn"))
    swap.click(None, [width, height], [width, height], js="(width, height) => [height, width]", show_progress="hidden")
    return beside


def draw_batch(page: Page) -> None:
    """Batch count and size."""
    with gr.Column(scale=3, min_width=160, elem_id=page.form.elem_id("column_batch")):
        slider(page, "batch_count", "Batch count", (1, 100, 1), value=1)
        slider(page, "batch_size", "Batch size", (1, 8, 1), value=1)


def draw_cfg(page: Page) -> None:
    """CFG Scale."""
    slider(page, "cfg_scale", "CFG Scale", (1, 30, 0.5), value=7)


def draw_seed(page: Page) -> SeedButtons:
    """Seed, and behind "Extra" the variation seed and the size whose noise is wanted; returns the buttons that take a picture's seeds."""
    form = page.form
    with gr.Column(elem_id=form.elem_id("seed_block"), elem_classes=["seed-block"]):
        with gr.Row(elem_id=form.elem_id("seed_row"), elem_classes=["seed-row"]):
            seed = _draw_seed_field(page, "seed", "Seed")
            form.add(SUBSEED_SHOWN, gr.Checkbox(False, label="Extra", elem_id=form.elem_id("subseed_show"), container=False, min_width=70))
        with gr.Column(elem_id=form.elem_id("seed_extras"), elem_classes=["seed-extras"]):
            with gr.Row(elem_id=form.elem_id("subseed_row"), elem_classes=["seed-row"]):
                subseed = _draw_seed_field(page, "subseed", "Variation seed")
                slider(page, "subseed_strength", "Variation strength", (0, 1, 0.01), value=0, min_width=180)
            with gr.Row(elem_id=form.elem_id("seed_resize_from_row")):
                for side in ("width", "height"):
                    name, label = form.elem_id(f"seed_resize_from_{side[0]}"), f"Resize seed from {side}"
                    slider(page, f"seed_resize_from_{side}", label, RESIZE_SIDES, value=0, elem_id=name, min_width=180)
    return SeedButtons(seed, subseed)


def _draw_seed_field(page: Page, key: str, label: str) -> gr.Button:
    """A seed with its dice; returns ♻️."""
    form = page.form
    field = form.add(key, gr.Number(RANDOM_SEED, label=label, precision=0, elem_id=form.elem_id(key), min_width=120))
    dice = tool_button("🎲️", "dice", form.elem_id(f"random_{key}"))
    reuse = tool_button("♻️", "recycle", form.elem_id(f"reuse_{key}"))
    dice.click(None, None, [field], js=f"() => {RANDOM_SEED}", show_progress="hidden")
    return reuse


def wire_seed_reuse(page: Page, buttons: SeedButtons, results: JobResultParts) -> None:
    """♻️ takes the seed, or the variation seed, of the selected picture of the shown job."""

    def wire(key: str, button: gr.Button) -> None:
        def take(job_id: str, selected: str, request: gr.Request) -> Any:
            picture = page.picture(job_id, selected, request)
            return gr.skip() if picture is None else getattr(picture, key)

        button.click(take, [results.job_id, results.selected], [page.form.component(key)], **page.quiet)

    wire("seed", buttons.seed)
    wire("subseed", buttons.subseed)


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
