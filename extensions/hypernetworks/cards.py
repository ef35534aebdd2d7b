"""What a click on a card puts into the prompts, and which files do not fit the loaded checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

from app.api import CardText, Json, ModelIdentity, ModelRecord, UserMetadata

TITLES = {"sd1": "Stable Diffusion 1", "sd2": "Stable Diffusion 2", "sdxl": "Stable Diffusion XL"}


def card_text(record: ModelRecord, user: UserMetadata, settings: Mapping[str, Json]) -> CardText:
    """``<hypernet:name:weight>``, and the words that the user wrote down for it."""
    weight = user.preferred_weight or settings.get("extra_networks_default_multiplier", 1.0)
    negative = f"({user.negative_text}:1)" if user.negative_text else ""
    tag = f"<hypernet:{record.stem}:{weight:g}>"
    return CardText(network=f"<hypernet:{record.stem}:", prompt=f"{tag} {user.activation_text}".strip(), negative=negative)


def unfit(record: ModelRecord, checkpoint: ModelIdentity | None) -> str:
    """Why the file is not for the checkpoint; "" where it may be."""
    family = record.identity.family if record.identity else ""
    if checkpoint is None or not family or family == checkpoint.family:
        return ""
    return f"Made for {TITLES.get(family, family)}; the checkpoint is {TITLES.get(checkpoint.family, checkpoint.family)}."
