"""Styles: a request that names styles gets their texts merged into its prompts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.api import GenerationRequest, Run, hookimpl
from extensions.styles.api import apply_named, installed_styles

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
    prompt, negative = apply_named(installed_styles(run.host), request.styles, request.prompt, request.negative_prompt)
    return request.model_copy(update={"prompt": prompt, "negative_prompt": negative, "styles": ()})


@hookimpl
def edit_counted_prompt(prompt: str, negative: bool, styles: Sequence[str], host: Host) -> str:
    """The prompt with the chosen styles."""
    if not styles:
        return prompt
    return apply_named(installed_styles(host), styles, prompt, prompt)[negative]
