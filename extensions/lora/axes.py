"""LoRA files and their strength as axes of plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import Axis, GenerationRequest, Json, PromptTag, UserError, change_tags, take_tags, with_strength
from extensions.lora.names import FOLDER, find_file
from extensions.lora.tags import NONE, TYPES

if TYPE_CHECKING:
    from app.api import Host

NO_FILE = "None"
ORDER = 1400
"""Behind the axes that change the prompt's text; the strength comes after the file, so that it counts for the file too."""


def lora_axes(host: Host) -> Iterable[Axis]:
    """A file that is added to the prompt, and the strength of all that the prompt names."""

    def names() -> list[str]:
        return [NO_FILE, *(record.stem for record in host.models.records(FOLDER))]

    def check_files(request: GenerationRequest, values: Sequence[Json]) -> None:
        for value in values:
            if str(value).lower() not in NONE:
                find_file(str(value), host)

    yield Axis("LoRA", "text", _with_file, names, check_files, cost=0.3, order=ORDER)
    yield Axis("LoRA weight", "number", _with_weight, check=_check_tags, cost=0.1, order=ORDER + 1)


def _with_file(request: GenerationRequest, value: Json) -> GenerationRequest:
    if str(value).lower() in NONE:
        return request
    return request.model_copy(update={"prompt": f"{request.prompt}<{TYPES[0]}:{value}:1>"})


def _with_weight(request: GenerationRequest, value: Json) -> GenerationRequest:
    def change(tag: PromptTag) -> PromptTag:
        return with_strength(tag, float(str(value))) if tag.type in TYPES else tag

    return request.model_copy(update={"prompt": change_tags(request.prompt, change)})


def _check_tags(request: GenerationRequest, values: Sequence[Json]) -> None:
    if not any(tag.type in TYPES for tag in take_tags(request.prompt)[1]):
        raise UserError("The prompt names no LoRA.", hint="Write <lora:name:1> into it, or choose LoRA as another axis.")
