"""The tags ``<lora:...>`` of prompts, and the edits that they ask for."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import GenerationRequest, NetworkStrength, PassContext, PromptTag, Run, WeightEdits, network_strength, take_tags
from extensions.lora.apply import Wanted, network_edits

TYPES = ("lora", "lyco")
NONE = ("", "none")


def tag_edits(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """One item a network, in the order of the tags; a name that comes twice counts once, with its first strength.

    Raises UserError for a tag that is written wrongly, and for files as ``network_edits`` does.
    """
    for strength in named_networks(context.tags):
        edits = network_edits(wanted_by(strength), context.model, run)
        if edits is not None:
            yield edits


def named_networks(tags: Iterable[PromptTag]) -> list[NetworkStrength]:
    """The networks that the tags name."""
    found: dict[str, NetworkStrength] = {}
    for tag in tags:
        if tag.type in TYPES:
            strength = network_strength(tag)
            found.setdefault(strength.name, strength)
    return list(found.values())


def wanted_by(strength: NetworkStrength) -> Wanted:
    """A network at the two strengths of a tag."""
    text = f"{strength.text:g}" if strength.text == strength.denoiser else f"text {strength.text:g}, U-Net {strength.denoiser:g}"

    def strength_of(layer: str) -> float:
        return strength.text if layer.startswith("text_encoder") else strength.denoiser

    return Wanted(strength.name, text, strength_of, strength.rank)


def with_network(request: GenerationRequest, name: str) -> GenerationRequest:
    """The request with ``<lora:name:1>`` at the end of each prompt that does not name the network."""
    if name.lower() in NONE:
        return request

    def added(prompt: str) -> str:
        _, tags = take_tags(prompt)
        return prompt if any(tag.type in TYPES and tag.items[0] == name for tag in tags) else f"{prompt}<lora:{name}:1.0>"

    prompts = request.prompt if isinstance(request.prompt, str) else None
    return request.model_copy(update={"prompt": added(prompts)}) if prompts is not None else request
