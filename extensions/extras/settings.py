"""The settings of the Extras tab, under A1111's keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

ExistingCaption = Literal["Ignore", "Keep", "Prepend", "Append"]


class ExtrasPaths(BaseModel):
    """Where results go."""

    model_config = ConfigDict(frozen=True)

    outdir_extras_samples: str = Field(
        "outputs/extras-images", title="Output directory for images from extras tab", json_schema_extra={"is_path": True}
    )


class ExtrasSaving(BaseModel):
    """How results are called."""

    model_config = ConfigDict(frozen=True)

    use_original_name_batch: bool = Field(True, title="Use original name for output filename during batch process in extras tab")


class ExtrasSettings(BaseModel):
    """Which operations there are, and in which order."""

    model_config = ConfigDict(frozen=True)

    postprocessing_disable_in_extras: tuple[str, ...] = Field((), title="Disable postprocessing operations in extras tab")
    postprocessing_operation_order: tuple[str, ...] = Field(
        (), title="Postprocessing operation order", description="Those named here come first, in this order."
    )
    postprocessing_existing_caption_action: ExistingCaption = Field(
        "Ignore",
        title="Action for existing captions",
        description="When a picture that gets a caption has one in a text file beside it: the new one alone, the old one alone, or both.",
    )
