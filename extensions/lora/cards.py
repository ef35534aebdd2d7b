"""What a click on a card puts into the prompts, and which files do not fit the loaded checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.api import NOTHING_WRITTEN, CardText, ModelIdentity, ModelRecord, UserMetadata, unfit_for
from extensions.lora.names import unique_alias

if TYPE_CHECKING:
    from app.api import Host

FAMILIES = {"SD1": "sd1", "SD2": "sd2", "SDXL": "sdxl"}
"""A1111's names of versions."""
UNKNOWN = "Unknown"
FIELDS = ("sd_version", "activation_text", "negative_text", "preferred_weight")


def choices(field: str) -> tuple[str, ...]:
    """What a field of the user's notes can be chosen from; nothing: any text."""
    return ("", *FAMILIES, UNKNOWN) if field == "sd_version" else ()


def card_text(record: ModelRecord, user: UserMetadata, host: Host) -> CardText:
    """``<lora:name:weight>`` and the trigger words; the negative words with their weight."""
    name = unique_alias(record, host) if host.settings.get("lora_preferred_name") == "Alias from file" else record.stem
    weight = user.preferred_weight or float(str(host.settings.find("extra_networks_default_multiplier", 1.0)))
    negative = f"({user.negative_text}:1)" if user.negative_text else ""
    return CardText(network=f"<lora:{name}:", prompt=f"<lora:{name}:{weight:g}> {user.activation_text}".strip(), negative=negative)


def family_of(record: ModelRecord, user: UserMetadata = NOTHING_WRITTEN) -> str:
    """The family that the file was made for: as the user says, by its tensors, else by its trainer's notes; "" where nobody knows."""
    if user.sd_version in FAMILIES:
        return FAMILIES[user.sd_version]
    if user.sd_version == UNKNOWN:
        return ""
    if record.identity and record.identity.family:
        return record.identity.family
    base = record.metadata.get("ss_base_model_version", "")
    if base.startswith("sdxl_"):
        return "sdxl"
    if record.metadata.get("ss_v2") == "True":
        return "sd2"
    return ""


def unfit(record: ModelRecord, checkpoint: ModelIdentity | None, user: UserMetadata, host: Host) -> str:
    """Why the file does nothing for the checkpoint; "" where it may."""
    return unfit_for(family_of(record, user), checkpoint.family if checkpoint else "", host)


def hiding_rule(checkpoint: ModelIdentity | None, host: Host) -> Callable[[ModelRecord, UserMetadata], bool] | None:
    """Which files A1111's settings leave out of the cards for this checkpoint; None: none."""
    family = checkpoint.family if checkpoint else ""
    hides_others = not host.settings.get("lora_show_all")
    versions = host.settings.get("lora_hide_unknown_for_versions")
    hides_unknown = isinstance(versions, list) and any(FAMILIES.get(str(version)) == family for version in versions)
    if not family or not (hides_others or hides_unknown):
        return None

    def is_hidden(record: ModelRecord, user: UserMetadata) -> bool:
        made_for = family_of(record, user)
        return hides_others and made_for != family if made_for else hides_unknown and not record.pending

    return is_hidden
