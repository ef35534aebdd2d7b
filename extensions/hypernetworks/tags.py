"""The tags ``<hypernet:...>`` of prompts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.api import GenerationRequest, Json, NetworkStrength, PromptTag, finite_strength, single_strength, take_tags

TYPE = "hypernet"
NONE = ("", "none")


def named_hypernetworks(tags: Iterable[PromptTag]) -> list[NetworkStrength]:
    """The hypernetworks that the tags name, in order, each as often as it is named; raises UserError for a tag without a finite number."""
    return [finite_strength(tag, single_strength(tag)) for tag in tags if tag.type == TYPE]


def with_hypernetwork(request: GenerationRequest, settings: Mapping[str, Json]) -> GenerationRequest:
    """The request with the hypernetwork of the setting at the end of a prompt that does not name it."""
    name = str(settings.get("sd_hypernetwork") or "")
    if name.lower() in NONE:
        return request
    _, tags = take_tags(request.prompt)
    if any(tag.type == TYPE and tag.items[0] == name for tag in tags):
        return request
    weight = settings.get("extra_networks_default_multiplier", 1.0)
    return request.model_copy(update={"prompt": f"{request.prompt}<{TYPE}:{name}:{weight}>"})
