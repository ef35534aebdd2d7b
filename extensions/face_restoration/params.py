"""What a request can say of face restoration, and the settings, under A1111's keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from app.api import Json, Params

LABEL = "Face restoration"


class FaceRestorationParams(Params):
    """Off unless asked for."""

    feature: ClassVar[str] = "face_restoration"
    after_sampling: ClassVar[bool] = True

    restore_faces: bool = Field(False, title="Restore faces", json_schema_extra={"infotext": LABEL, "api": "restore_faces"})

    @classmethod
    def read_infotext(cls, fields: Mapping[str, str], host: Any) -> dict[str, Json]:
        """The label names the restorer; whichever it was, faces are to be restored."""
        return {"restore_faces": fields.get(LABEL, "") not in ("", "False", "None")}


class FaceRestorationSettings(BaseModel):
    """A1111's section."""

    model_config = ConfigDict(frozen=True)

    face_restoration: bool = Field(
        False,
        title="Restore faces",
        description="In every picture that is drawn, unless a request says otherwise.",
        json_schema_extra={"first_pass": "no part"},
    )
    face_restoration_model: str = Field("CodeFormer", title="Face restoration model", json_schema_extra={"first_pass": "no part"})
    code_former_weight: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        title="CodeFormer weight",
        description="0 = maximum effect; 1 = minimum effect.",
        json_schema_extra={"step": 0.01, "first_pass": "no part"},
    )


class SavingSettings(BaseModel):
    """What is saved beside the pictures."""

    model_config = ConfigDict(frozen=True)

    save_images_before_face_restoration: bool = Field(False, title="Save a copy of image before doing face restoration.")
