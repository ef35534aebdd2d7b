"""Hypernetworks and their strength as axes of plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import Axis, GenerationRequest, Json, PromptTag, UserError, change_tags, take_tags, with_strength
from extensions.hypernetworks.names import NONE, find_file, known_files
from extensions.hypernetworks.tags import TYPE

if TYPE_CHECKING:
    from app.api import Host

ORDER = 1410
"""The strength comes after the file, so that it counts for the file too."""


def hypernetwork_axes(host: Host) -> Iterable[Axis]:
    """A file that is added to the prompt, and the strength of all that the prompt names."""

    def check_files(request: GenerationRequest, values: Sequence[Json]) -> None:
        for value in values:
            if value != NONE:
                find_file(str(value), host)

    yield Axis("Hypernetwork", "text", _with_file, lambda: [NONE, *known_files(host)], check_files, cost=0.3, order=ORDER)
    yield Axis("Hypernetwork strength", "number", _with_strength, check=_check_tags, order=ORDER + 1)


def _with_file(request: GenerationRequest, value: Json) -> GenerationRequest:
    return request if value == NONE else request.model_copy(update={"prompt": f"{request.prompt}<{TYPE}:{value}:1>"})


def _with_strength(request: GenerationRequest, value: Json) -> GenerationRequest:
    def change(tag: PromptTag) -> PromptTag:
        return with_strength(tag, float(str(value))) if tag.type == TYPE else tag

    return request.model_copy(update={"prompt": change_tags(request.prompt, change)})


def _check_tags(request: GenerationRequest, values: Sequence[Json]) -> None:
    if not any(tag.type == TYPE for tag in take_tags(request.prompt)[1]):
        raise UserError(
            "The prompt names no hypernetwork.", hint="Write <hypernet:name:1> into it, or choose Hypernetwork as another axis."
        )
