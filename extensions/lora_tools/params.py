"""What can be asked of the tools."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api import Value

EXTRACT, BAKE = "extract_lora", "bake_loras"
PREFIX, EXTRACT_AT, BAKE_AT = "/paintbox/v1/models", "/extract-lora", "/bake-loras"
MOST_RANK = 4096
NumberFormat = Literal["float16", "bfloat16", "float32"]


class ExtractRequest(Value):
    """The LoRA is what has to be added to ``base`` for ``tuned``; checkpoints by name, title or hash.

    ``rank`` of matrices, ``conv_rank`` of 3x3 convolutions (0: without the U-Net's residual blocks). ``min_diff``: a text encoder none of
    whose layers differs by that much anywhere is left out. ``clamp_quantile``: outliers of the two small matrices are cut to this
    quantile of their sizes; 1 cuts nothing.
    """

    base: str = Field(title="Base model (A)")
    tuned: str = Field(title="Tuned model (B)")
    name: str = Field("", title="Name of the LoRA")
    rank: int = Field(64, ge=1, le=MOST_RANK, title="Rank")
    conv_rank: int = Field(0, ge=0, le=MOST_RANK, title="Rank of convolutions")
    min_diff: float = Field(0.01, ge=0.0, le=1.0, title="Minimum difference")
    clamp_quantile: float = Field(0.99, gt=0.5, le=1.0, title="Clamp quantile")
    number_format: NumberFormat = Field("float16", title="Number format")


class WeightedLora(Value):
    """A LoRA by name, as a tag has it; ``text_weight`` None: as ``weight``."""

    name: str
    weight: float = Field(1.0, ge=-10.0, le=10.0)
    text_weight: float | None = Field(None, ge=-10.0, le=10.0)

    @property
    def text(self) -> float:
        """The strength in the text encoders."""
        return self.weight if self.text_weight is None else self.text_weight

    @property
    def shown(self) -> str:
        """Both strengths in words."""
        return f"{self.weight:g}" if self.text == self.weight else f"text {self.text:g}, U-Net {self.weight:g}"


class BakeRequest(Value):
    """The checkpoint and the LoRAs in the order in which they are added; ``number_format`` "": each tensor's own."""

    checkpoint: str = Field(title="Checkpoint")
    loras: tuple[WeightedLora, ...] = Field((), max_length=50, title="LoRAs")
    name: str = Field("", title="Name of the new checkpoint")
    number_format: Literal["", "float16", "bfloat16", "float32"] = Field("", title="Number format")
