"""Turns InvokeAI's JSON (``invokeai_metadata`` of version 3 and later, ``sd-metadata`` of version 2) into an infotext."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.api import Json, MetadataReading
from extensions.a1111_infotext.api import ForeignInfotext, JsonObject, file_stem, number_of, read_object, text_of
from extensions.invokeai_metadata.weights import has_functions, with_a1111_weights

SOFTWARE = "InvokeAI"
KARRAS = "_k"
OTHER_FEATURES = {
    "init_image": "the picture that it was started from",
    "controlnets": "ControlNet",
    "control_layers": "control layers",
    "ipAdapters": "IP adapters",
    "t2iAdapters": "T2I adapters",
    "refiner_model": "the refiner",
    "hrf_enabled": "the high resolution fix",
    "positive_style_prompt": "a style prompt of its own",
    "variations": "variations",
    "hires_fix": "the high resolution fix",
    "postprocessing": "postprocessing",
    "threshold": "the threshold",
    "perlin": "Perlin noise",
}
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")


def read_invokeai(chunks: Mapping[str, str]) -> MetadataReading | None:
    """The reading; None for pictures of others and when the JSON is damaged."""
    new = read_object(chunks.get("invokeai_metadata"))
    if new is not None and "positive_prompt" in new:
        return _read_new(new)
    old = read_object(chunks.get("sd-metadata"))
    image = old.get("image") if old else None
    return _read_old(old, image) if old is not None and isinstance(image, dict) and "prompt" in image else None


def _read_new(found: JsonObject) -> MetadataReading:
    infotext = ForeignInfotext(SOFTWARE)
    _write_prompts(infotext, text_of(found.get("positive_prompt")), text_of(found.get("negative_prompt")))
    _write_numbers(infotext, found, text_of(found.get("scheduler")))
    infotext.item("Model", _model_name(found.get("model")))
    infotext.item("VAE", _model_name(found.get("vae")))
    if found.get("init_image"):
        infotext.item("Denoising strength", number_of(found.get("strength")))
    clip_skip = number_of(found.get("clip_skip"))
    if isinstance(clip_skip, int) and 0 < clip_skip < 12:
        infotext.item("Clip skip", clip_skip + 1)
    if text_of(found.get("rand_device")) == "cpu":
        infotext.item("RNG", "CPU")
    loras = found.get("loras")
    for lora in loras if isinstance(loras, list) else ():
        if isinstance(lora, dict):
            infotext.lora(_model_name(lora.get("model") or lora.get("lora")), lora.get("weight"))
    if found.get("seamless_x") and found.get("seamless_y"):
        infotext.item("Tiling", "True")
    style = text_of(found.get("positive_style_prompt"))
    same_style = style in ("", text_of(found.get("positive_prompt")))
    _name_the_rest(infotext, {key: value for key, value in found.items() if key != "positive_style_prompt" or not same_style})
    return infotext.reading()


def _read_old(found: JsonObject, image: JsonObject) -> MetadataReading:
    infotext = ForeignInfotext(SOFTWARE)
    prompt = _old_prompt(infotext, image.get("prompt"))
    negative = ", ".join(text.strip() for text in _BRACKETS.findall(prompt) if text.strip())
    _write_prompts(infotext, _BRACKETS.sub("", prompt).strip(" ,"), negative)
    _write_numbers(infotext, image, text_of(image.get("sampler")))
    infotext.item("Model", file_stem(text_of(found.get("model_weights"))))
    infotext.item("Model hash", text_of(found.get("model_hash"))[:10])
    if image.get("seamless"):
        infotext.item("Tiling", "True")
    if text_of(image.get("type")) == "img2img":
        infotext.item("Denoising strength", number_of(image.get("strength")))
        infotext.unread(OTHER_FEATURES["init_image"])
    _name_the_rest(infotext, image)
    return infotext.reading()


def _write_prompts(infotext: ForeignInfotext, prompt: str, negative: str) -> None:
    if has_functions(prompt) or has_functions(negative):
        infotext.prompts(prompt, negative)
        infotext.unread("swaps and blends of prompts, and the weights beside them")
    else:
        infotext.prompts(with_a1111_weights(prompt), with_a1111_weights(negative))


def _write_numbers(infotext: ForeignInfotext, found: JsonObject, scheduler: str) -> None:
    infotext.item("Steps", number_of(found.get("steps")))
    plain = scheduler.removesuffix(KARRAS)
    infotext.sampler(plain, "karras" if plain != scheduler else "")
    if plain == scheduler and plain not in ("", "lcm"):
        infotext.item("Schedule type", "Uniform")
    infotext.item("CFG scale", number_of(found.get("cfg_scale")))
    infotext.item("CFG Rescale", number_of(found.get("cfg_rescale_multiplier")) or None)
    infotext.item("Seed", number_of(found.get("seed")))
    infotext.size(found.get("width"), found.get("height"))


def _old_prompt(infotext: ForeignInfotext, prompt: Json) -> str:
    """The prompt of version 2: a text, or weighted parts, of which the first is taken."""
    if isinstance(prompt, list):
        if len(prompt) > 1:
            infotext.unread("further weighted prompts")
        first = prompt[0] if prompt else None
        prompt = first.get("prompt") if isinstance(first, dict) else first
    return text_of(prompt)


def _model_name(model: Json) -> str:
    """A model's name in version 3 (``model_name``) and 4 (``name``)."""
    if isinstance(model, dict):
        return file_stem(text_of(model.get("name")) or text_of(model.get("model_name")))
    return file_stem(text_of(model))


def _name_the_rest(infotext: ForeignInfotext, found: JsonObject) -> None:
    for key, words in OTHER_FEATURES.items():
        if found.get(key):
            infotext.unread(words)
