"""The settings of LoRA files, by A1111's keys where it has them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from extensions.lora.blocks import checked_presets


class LoraSettings(BaseModel):
    """What holds for every picture."""

    model_config = ConfigDict(frozen=True)

    sd_lora: str = Field("None", title="Add network to prompt", description="Name of a LoRA that is used in every picture; None: none.")
    lora_preferred_name: Literal["Alias from file", "Filename"] = Field(
        "Alias from file",
        title="When adding to prompt, refer to Lora by",
        description="The name that the trainer wrote into the file, or that of the file.",
        json_schema_extra={"control": "radio"},
    )
    lora_show_all: bool = Field(
        True,
        title="Always show all networks on the Lora page",
        description="Those that do not fit the checkpoint are grey and say why; otherwise they are left out, and their number is told.",
    )
    lora_hide_unknown_for_versions: list[Literal["SD1", "SD2", "SDXL"]] = Field(
        [],
        title="Hide networks of unknown versions for model versions",
        description="Files of which nobody knows what they were made for are left out while such a checkpoint is in use.",
    )
    lora_add_hashes_to_infotext: bool = Field(True, title="Add Lora hashes to infotext")
    lora_block_presets: Annotated[str, AfterValidator(checked_presets)] = Field(
        "",
        title="Own presets of block weights",
        description="NAME:1,0.5,...; NAME:0,1,... for <lora:name:1:lbw=NAME> and Additional Networks; one list for each length.",
    )
    lora_on_missing: Literal["error", "warning"] = Field(
        "error",
        title="When a LoRA is missing or nothing of it fits",
        description="Stop with an error, or draw without it and say so.",
        json_schema_extra={"control": "radio"},
    )
