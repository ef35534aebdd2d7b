"""What a user can set for each way of cutting, as in A1111."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from app.api import Params

Objective = Literal["Maximize area", "Minimize error"]


class SplitParams(Params):
    """Split oversized images."""

    feature: ClassVar[str] = "split_oversized"

    threshold: float = Field(
        0.5, ge=0.0, le=1.0, title="Threshold", json_schema_extra={"elem_id": "postprocess_split_threshold", "step": 0.05}
    )
    overlap: float = Field(
        0.2, ge=0.0, le=0.9, title="Overlap ratio", json_schema_extra={"elem_id": "postprocess_overlap_ratio", "step": 0.05}
    )


class FocalParams(Params):
    """Auto focal point crop."""

    feature: ClassVar[str] = "focal_crop"

    face_weight: float = Field(
        0.9,
        ge=0.0,
        le=1.0,
        title="Focal point face weight",
        json_schema_extra={"elem_id": "postprocess_focal_crop_face_weight", "step": 0.05},
    )
    entropy_weight: float = Field(
        0.15,
        ge=0.0,
        le=1.0,
        title="Focal point entropy weight",
        json_schema_extra={"elem_id": "postprocess_focal_crop_entropy_weight", "step": 0.05},
    )
    edges_weight: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        title="Focal point edges weight",
        json_schema_extra={"elem_id": "postprocess_focal_crop_edges_weight", "step": 0.05},
    )
    debug: bool = Field(False, title="Create debug image", json_schema_extra={"elem_id": "train_process_focal_crop_debug"})


class SizeParams(Params):
    """Auto-sized crop."""

    feature: ClassVar[str] = "auto_sized_crop"

    mindim: int = Field(
        384, ge=64, le=2048, title="Dimension lower bound", json_schema_extra={"elem_id": "postprocess_multicrop_mindim", "step": 8}
    )
    maxdim: int = Field(
        768, ge=64, le=2048, title="Dimension upper bound", json_schema_extra={"elem_id": "postprocess_multicrop_maxdim", "step": 8}
    )
    minarea: int = Field(
        64 * 64,
        ge=64 * 64,
        le=2048 * 2048,
        title="Area lower bound",
        json_schema_extra={"elem_id": "postprocess_multicrop_minarea", "step": 1},
    )
    maxarea: int = Field(
        640 * 640,
        ge=64 * 64,
        le=2048 * 2048,
        title="Area upper bound",
        json_schema_extra={"elem_id": "postprocess_multicrop_maxarea", "step": 1},
    )
    objective: Objective = Field(
        "Maximize area", title="Resizing objective", json_schema_extra={"elem_id": "postprocess_multicrop_objective"}
    )
    threshold: float = Field(
        0.1, ge=0.0, le=1.0, title="Error threshold", json_schema_extra={"elem_id": "postprocess_multicrop_threshold", "step": 0.01}
    )
