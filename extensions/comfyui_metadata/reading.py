"""Turns ComfyUI's node graph into an infotext: the first sampler of the chain that made the picture, and what it is fed with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.api import INFOTEXT, Json, MetadataReading
from extensions.a1111_infotext.api import ForeignInfotext, file_stem, number_of, read_object, text_of
from extensions.comfyui_metadata.graph import MOST_NODES, Graph, Node
from extensions.comfyui_metadata.samplers import SAMPLERS, Sampling, sampling_of

OUTPUTS = ("SaveImage", "SaveImageWebsocket", "PreviewImage", "SaveAnimatedWEBP", "SaveAnimatedPNG")
TEXT_ENCODERS = ("CLIPTextEncode", "CLIPTextEncodeSDXL", "CLIPTextEncodeSDXLRefiner", "CLIPTextEncodeFlux", "BNK_CLIPTextEncodeAdvanced")
CONDITIONING = ("conditioning", "conditioning_1", "conditioning_2", "conditioning_to", "conditioning_from", "c1", "c2")
ROUTES = frozenset({"Reroute", "Reroute (rgthree)", "Anything Everywhere", "ReroutePrimitive|pysssss"})
LOADERS = {
    "CheckpointLoaderSimple": "ckpt_name",
    "CheckpointLoader": "ckpt_name",
    "unCLIPCheckpointLoader": "ckpt_name",
    "UNETLoader": "unet_name",
}
LORA_LOADERS = ("LoraLoader", "LoraLoaderModelOnly", "LoraLoader|pysssss")
LORA_STACK = "Power Lora Loader (rgthree)"
_WEIGHT = re.compile(r"\([^()]*:\s*[\d.]+\s*\)")
EXIF_PLACES = ("exif_make", "exif_model", "exif_image_description")
"""Where ComfyUI's WebP files keep it: ``prompt:{...}``."""


def read_comfyui(chunks: Mapping[str, str]) -> MetadataReading | None:
    """The reading; None for pictures of others, for graphs without a sampler, and when an infotext is there too."""
    found = read_object(_prompt_text(chunks))
    if found is None or len(found) > MOST_NODES or "Steps: " in chunks.get(INFOTEXT, ""):
        return None
    graph = Graph(found)
    samplers = _samplers(graph)
    if not samplers:
        return None
    infotext = ForeignInfotext("ComfyUI")
    first = sampling_of(graph, samplers[-1])
    _write_sampling(infotext, first)
    _write_prompts(infotext, graph, first)
    _write_model(infotext, graph, first)
    _write_latent(infotext, graph, first)
    for node in samplers[:-1]:
        infotext.unread(f"a second pass ({node.kind})")
    return infotext.reading()


def _prompt_text(chunks: Mapping[str, str]) -> str | None:
    if "prompt" in chunks:
        return chunks["prompt"]
    texts = (chunks.get(place, "") for place in EXIF_PLACES)
    return next((text.removeprefix("prompt:") for text in texts if text.startswith("prompt:")), None)


def _samplers(graph: Graph) -> list[Node]:
    """The samplers behind the first output node that has any, the last of the chain first; else any sampler of the graph."""
    for output in (node for node in graph if node.kind in OUTPUTS):
        near = next((node for node in graph.walk(output, None) if node.kind in SAMPLERS), None)
        if near is not None:
            return _chain(graph, near)
    last = next((node for node in graph if node.kind in SAMPLERS), None)
    return _chain(graph, last) if last else []


def _chain(graph: Graph, last: Node) -> list[Node]:
    """The sampler and those whose latents it begins with."""
    chain = [last]
    start = graph.linked(last, "latent_image") or graph.linked(last, "latent")
    chain += [node for node in graph.walk(start, None) if node.kind in SAMPLERS and node.id != last.id]
    return chain


def _write_sampling(infotext: ForeignInfotext, sampling: Sampling) -> None:
    infotext.item("Steps", _positive(sampling.steps))
    infotext.sampler(sampling.sampler, sampling.schedule)
    infotext.item("CFG scale", sampling.cfg_scale)
    infotext.item("Seed", sampling.seed)
    infotext.item("RNG", "CPU")
    for remark in sampling.remarks:
        infotext.unread(remark)


def _write_prompts(infotext: ForeignInfotext, graph: Graph, sampling: Sampling) -> None:
    texts = [_prompt(infotext, graph, sampling.guide, role) for role in ("positive", "negative")]
    if not texts[0] and graph.linked(sampling.guide, "conditioning"):
        texts[0] = _prompt(infotext, graph, sampling.guide, "conditioning")
    infotext.prompts(*texts)
    if any(_WEIGHT.search(text) for text in texts):
        infotext.unread("weights of words as ComfyUI applies them")


def _prompt(infotext: ForeignInfotext, graph: Graph, guide: Node, role: str) -> str:
    """The text behind a conditioning input; several that are combined become several lines."""
    texts: list[str] = []
    for node in graph.walk(graph.linked(guide, role), (*CONDITIONING, role)):
        if node.kind in TEXT_ENCODERS or "text" in node.inputs or "text_g" in node.inputs:
            text = graph.text(node, "text" if "text" in node.inputs else "text_g")
            other = graph.text(node, "text_l")
            texts += [text] if text else []
            if other and other != text:
                infotext.unread("a second prompt for the other text encoder")
            _write_clip_skip(infotext, graph, node)
        elif node.kind not in ROUTES:
            infotext.unread(f"the node {node.kind[:60]}")
    return "\n".join(texts)


def _write_clip_skip(infotext: ForeignInfotext, graph: Graph, encoder: Node) -> None:
    for node in graph.walk(encoder, ("clip",)):
        layer = number_of(node.inputs.get("stop_at_clip_layer"))
        if node.kind == "CLIPSetLastLayer" and isinstance(layer, int) and -12 <= layer < -1:
            infotext.item("Clip skip", -layer)
            return


def _write_model(infotext: ForeignInfotext, graph: Graph, sampling: Sampling) -> None:
    """The checkpoint and what was changed about it, from the sampler back to the loader."""
    loras: list[Node] = []
    start = graph.linked(sampling.guide, "model") or graph.linked(sampling.node, "model")
    for node in graph.walk(start, ("model", "")):
        if node.kind in LOADERS:
            infotext.item("Model", file_stem(text_of(node.inputs.get(LOADERS[node.kind]))))
        elif node.kind in LORA_LOADERS or node.kind == LORA_STACK:
            loras.append(node)
        elif node.kind not in ROUTES:
            infotext.unread(f"the node {node.kind[:60]}")
    for node in reversed(loras):
        _write_loras(infotext, graph, node)


def _write_loras(infotext: ForeignInfotext, graph: Graph, node: Node) -> None:
    if node.kind != LORA_STACK:
        of_model = graph.number(node, "strength_model")
        of_text = 0 if node.kind == "LoraLoaderModelOnly" else graph.number(node, "strength_clip")
        infotext.lora(text_of(node.inputs.get("lora_name")), of_model, of_text)
        return
    for value in node.inputs.values():
        if isinstance(value, dict) and value.get("on") and "lora" in value:
            infotext.lora(text_of(value["lora"]), value.get("strength"), value.get("strengthTwo"))


def _write_latent(infotext: ForeignInfotext, graph: Graph, sampling: Sampling) -> None:
    """The size, or the strength of a start from a picture; and the VAE that made the picture."""
    start = graph.linked(sampling.node, "latent_image")
    for node in graph.walk(start, ("samples", "latent", "")):
        width, height = graph.number(node, "width"), graph.number(node, "height")
        if width and height:
            infotext.size(width, height)
            break
        if "pixels" in node.inputs:
            infotext.unread("the picture that it was started from")
            infotext.item("Denoising strength", sampling.denoise)
            break
    decoder = next((node for node in graph if node.kind.startswith("VAEDecode")), None)
    vae = graph.linked(decoder, "vae")
    if vae and vae.kind == "VAELoader":
        infotext.item("VAE", text_of(vae.inputs.get("vae_name")))


def _positive(value: Json) -> int | None:
    number = number_of(value)
    return number if isinstance(number, int) and number > 0 else None
