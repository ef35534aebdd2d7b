"""The tags ``<lora:...>`` of prompts, and the edits that they ask for."""

from __future__ import annotations

from collections.abc import Iterable

from app.api import (
    GenerationRequest,
    NetworkStrength,
    PassContext,
    PromptTag,
    Run,
    WeightEdits,
    finite_strength,
    network_strength,
    take_tags,
)
from extensions.lora.api import WantedNetwork, apply_network

TYPES = ("lora", "lyco")
NONE = ("", "none")
BLOCKS = "lbw"
KNOWN = frozenset({"te", "unet", "dyn", BLOCKS})


def tag_edits(context: PassContext, run: Run) -> Iterable[WeightEdits]:
    """One item a network, in the order of the tags; a name that comes twice counts once, with its first strength, and the others are told.

    Raises UserError for a tag that is written wrongly, and for files as ``apply_network`` does.
    """
    first: dict[str, PromptTag] = {}
    for network, tag in _named(context.tags):
        if network.name in first:
            run.comment(f"The tag {tag} was left out: {first[network.name]} names the same LoRA before it, and each name counts once.")
            continue
        first[network.name] = tag
        unknown = sorted(tag.named.keys() - KNOWN)
        if unknown:
            run.comment(f"The tag {tag} says {', '.join(unknown)}, which nothing here understands; it was left out.")
        blocks = tag.named.get(BLOCKS, "")
        wanted = WantedNetwork(network.name, network.text, network.denoiser, blocks, network.rank)
        edits = apply_network(wanted, context, run)
        if edits is not None:
            yield edits


def named_networks(tags: Iterable[PromptTag]) -> list[NetworkStrength]:
    """The networks that the tags name, each once."""
    found: dict[str, NetworkStrength] = {}
    for network, _ in _named(tags):
        found.setdefault(network.name, network)
    return list(found.values())


def _named(tags: Iterable[PromptTag]) -> list[tuple[NetworkStrength, PromptTag]]:
    """What every tag asks for, in order."""
    return [(finite_strength(tag, network_strength(tag)), tag) for tag in tags if tag.type in TYPES]


def with_network(request: GenerationRequest, name: str) -> GenerationRequest:
    """The request with ``<lora:name:1>`` at the end of each prompt that does not name the network."""
    if name.lower() in NONE:
        return request

    def added(prompt: str) -> str:
        _, tags = take_tags(prompt)
        return prompt if any(tag.type in TYPES and tag.items[0] == name for tag in tags) else f"{prompt}<lora:{name}:1.0>"

    prompts = request.prompt if isinstance(request.prompt, str) else None
    return request.model_copy(update={"prompt": added(prompts)}) if prompts is not None else request
