"""What a click on a card puts into the prompts, and which files do not fit the loaded checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import CardText, Json, ModelIdentity, ModelRecord, UserMetadata
from extensions.lora.names import alias_of

FAMILIES = {"SD1": "sd1", "SD2": "sd2", "SDXL": "sdxl"}
TITLES = {"sd1": "Stable Diffusion 1", "sd2": "Stable Diffusion 2", "sdxl": "Stable Diffusion XL", "flux": "Flux"}


def card_text(record: ModelRecord, user: UserMetadata, settings: Mapping[str, Json]) -> CardText:
    """``<lora:name:weight>`` and the trigger words; the negative words with their weight."""
    names = alias_of(record) if settings.get("lora_preferred_name", "Alias from file") == "Alias from file" else ()
    name = names[0] if names else record.stem
    weight = user.preferred_weight or settings.get("extra_networks_default_multiplier", 1.0)
    negative = f"({user.negative_text}:1)" if user.negative_text else ""
    return CardText(network=f"<lora:{name}:", prompt=f"<lora:{name}:{weight:g}> {user.activation_text}".strip(), negative=negative)


def family_of(record: ModelRecord, user: UserMetadata | None = None) -> str:
    """The family that the file was made for: as the user says, by its tensors, else by its trainer's notes; "" where nobody knows."""
    if user is not None and user.sd_version in FAMILIES:
        return FAMILIES[user.sd_version]
    if record.identity and record.identity.family:
        return record.identity.family
    base = record.metadata.get("ss_base_model_version", "")
    if base.startswith("sdxl_"):
        return "sdxl"
    if record.metadata.get("ss_v2") == "True":
        return "sd2"
    return ""


def unfit(record: ModelRecord, checkpoint: ModelIdentity | None) -> str:
    """Why the file does nothing for the checkpoint; "" where it may."""
    family = family_of(record)
    if checkpoint is None or not family or family == checkpoint.family:
        return ""
    return f"Made for {TITLES.get(family, family)}; the checkpoint is {TITLES.get(checkpoint.family, checkpoint.family)}."
