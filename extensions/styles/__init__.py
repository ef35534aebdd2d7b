"""Styles: a request that names styles gets their texts merged into its prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from app.api import (
    Axis,
    Completion,
    GenerationRequest,
    Json,
    Page,
    PageSlot,
    Panel,
    Params,
    Run,
    SettingsSection,
    field_extra,
    hookimpl,
)
from extensions.styles.api import Style, apply_named, apply_styles, installed_styles, listed_styles
from extensions.styles.params import COUNTED, StyleSettings
from extensions.styles.text import filling

if TYPE_CHECKING:
    from app.api import Host

NO_STYLE = ("", "None")
"""What clients of A1111 send where no style is chosen."""


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of styles, as API clients of A1111 read it."""
    from extensions.styles.routes import make_router

    return (make_router(host),)


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """Whether the counters count them."""
    return (SettingsSection("ui_prompt_editing", "Prompt editing", StyleSettings),)


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The drop-down of every form with prompts, and the buttons that apply what is chosen and open the editor."""

    def build_choice(page: Page) -> None:
        from extensions.styles.panel import draw_choice

        draw_choice(page)

    def build_tools(page: Page) -> None:
        from extensions.styles.panel import draw_tools

        draw_tools(page)

    return [
        Panel(id="styles", slot=PageSlot.ACTIONS, order=10, build=build_choice),
        Panel(id="style_tools", slot=PageSlot.PROMPT_TOOLS, order=10, build=build_tools),
    ]


@hookimpl
def lifespan(host: Host) -> Iterable[AbstractContextManager[None]]:
    """Styles can be changed, and are found in pasted prompts."""
    if host.role != "web":
        return ()
    from extensions.styles.book import open_book

    return (open_book(host),)


@hookimpl
def register_axes(host: Host) -> Iterable[Axis]:
    """Further styles; several in one value are separated by commas."""

    def apply(request: GenerationRequest, value: Json) -> GenerationRequest:
        names = (name.strip() for name in str(value).split(","))
        return request.model_copy(update={"styles": (*request.styles, *(name for name in names if name not in NO_STYLE))})

    def names() -> list[str]:
        return ["None", *(style.name for style in installed_styles(host))]

    return [Axis("Styles", "text", apply, names)]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Merge the styles in the order in which they were named; unknown names change nothing, as in A1111, but are told."""
    if not request.styles:
        return request
    known = {style.name: style for style in listed_styles(run.host)}
    chosen = [known[name] for name in request.styles if name in known and known[name].is_usable]
    for name in request.styles:
        if name not in known and name not in NO_STYLE:
            run.comment(f"There is no style {name!r}, so it changed nothing.")
    prompt, negative = apply_styles(chosen, request.prompt, request.negative_prompt)
    params = {feature: _styled(values, run.host.params.find(feature), chosen) for feature, values in request.params.items()}
    return request.model_copy(update={"prompt": prompt, "negative_prompt": negative, "styles": (), "params": params})


def _styled(values: Mapping[str, Json], model: type[Params] | None, styles: Sequence[Style]) -> dict[str, Json]:
    """A feature's parameters with the styles in its own prompts, where it has some."""
    changed = dict(values)
    for name, field in model.model_fields.items() if model else ():
        kind, text = field_extra(field).get("prompt"), values.get(name)
        if kind and isinstance(text, str) and text:
            changed[name] = apply_styles(styles, *((text, "") if kind == "positive" else ("", text)))[kind != "positive"]
    return changed


@hookimpl
def edit_counted_prompt(prompt: str, negative: bool, styles: Sequence[str], host: Host) -> str:
    """The prompt with the chosen styles."""
    if not styles or not host.settings.get(COUNTED):
        return prompt
    return apply_named(installed_styles(host), styles, prompt, prompt)[negative]


@hookimpl
def list_completions(host: Host) -> Iterable[Completion]:
    """A style's name stands for its text."""
    return [
        Completion(style.name, filling(style.prompt), "Style", negative=filling(style.negative_prompt))
        for style in installed_styles(host)
        if style.prompt or style.negative_prompt
    ]
