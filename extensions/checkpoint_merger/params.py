"""What can be asked of a merge, by A1111's names and defaults."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api import Value

KIND = "merge_checkpoints"
PREFIX = "/paintbox/v1/models/merge"
NO_INTERPOLATION, WEIGHTED_SUM, ADD_DIFFERENCE = "No interpolation", "Weighted sum", "Add difference"
NONE = "None"
VAE_FOLDERS = ("vae", "checkpoint_vae")
"""Kinds of model folders with VAE files, where an extension has registered them."""


class MergeRequest(Value):
    """Checkpoints by name, title or hash. ``block_weights``: numbers in place of the multiplier, see ``blocks.py``.

    ``config_source``: whose ``.yaml`` is copied, 0: the first of A, B and C that has one, 1: B's, 2: C's, 3: none.
    """

    primary: str = Field(title="Primary model (A)")
    secondary: str = Field("", title="Secondary model (B)")
    tertiary: str = Field("", title="Tertiary model (C)")
    custom_name: str = Field("", title="Custom Name (Optional)")
    multiplier: float = Field(0.3, ge=0.0, le=1.0, title="Multiplier (M)")
    method: Literal["No interpolation", "Weighted sum", "Add difference"] = Field("Weighted sum", title="Interpolation Method")
    block_weights: str = Field("", title="Weights per block", max_length=2000)
    checkpoint_format: Literal["ckpt", "safetensors"] = Field("safetensors", title="Checkpoint format")
    save_as: Literal["", "float16", "bfloat16"] = Field("", title="Save as float16")
    config_source: int = Field(0, ge=0, le=3, title="Copy config from")
    bake_in_vae: str = Field(NONE, title="Bake in VAE")
    discard_weights: str = Field("", title="Discard weights with matching name", max_length=2000)
    save_metadata: bool = Field(True, title="Save metadata")
    add_merge_recipe: bool = Field(True, title="Add merge recipe metadata")
    copy_metadata_fields: bool = Field(True, title="Copy metadata from merged models")
    metadata_json: str = Field("{}", title="Metadata in JSON format", max_length=4_000_000)
