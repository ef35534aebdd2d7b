"""Styles: a request that names styles gets their texts merged into its prompts."""

from __future__ import annotations

from app.api import GenerationRequest, Run, hookimpl
from extensions.styles.api import apply_styles, installed_styles


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Merge the styles in the order in which they were named; unknown names change nothing, as in A1111."""
    if not request.styles:
        return request
    known = {style.name: style for style in installed_styles(run.host)}
    prompt, negative = apply_styles([known[name] for name in request.styles if name in known], request.prompt, request.negative_prompt)
    return request.model_copy(update={"prompt": prompt, "negative_prompt": negative, "styles": ()})
