"""Styles: a request that names styles gets their texts merged into its prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.api import GenerationRequest, Json, Params, Run, field_extra, hookimpl
from extensions.styles.api import Style, apply_named, apply_styles, installed_styles

if TYPE_CHECKING:
    from app.api import Host


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """The list of styles, as API clients of A1111 read it."""
    from extensions.styles.routes import make_router

    return (make_router(host),)


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Merge the styles in the order in which they were named; unknown names change nothing, as in A1111."""
    if not request.styles:
        return request
    known = {style.name: style for style in installed_styles(run.host)}
    chosen = [known[name] for name in request.styles if name in known]
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
    if not styles:
        return prompt
    return apply_named(installed_styles(host), styles, prompt, prompt)[negative]
