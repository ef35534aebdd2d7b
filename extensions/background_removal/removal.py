"""Makes the background of a picture transparent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from pydantic import Field

from app.api import Params, Run, UserError
from extensions.background_removal.models import models_there
from extensions.extras.api import ImageOperation, Picture


class RemovalParams(Params):
    """With which model, and what is given back."""

    feature: ClassVar[str] = "background_removal"

    model: str = Field("", title="Remove background", description="Empty: the first of the models.")
    return_mask: bool = Field(False, title="Return mask")
    alpha_matting: bool = Field(False, title="Alpha matting")

    @classmethod
    def choices(cls, host: Any) -> Mapping[str, Sequence[str]]:
        """The models whose files are there."""
        return {"model": models_there()}


def operation() -> ImageOperation:
    """After enlarging and faces, before cutting."""
    return ImageOperation(RemovalParams, "Remove background", 3500, remove, "extras_rembg", check=check)


def check(params: RemovalParams, host: Any) -> None:
    """Raise UserError for a model that is not there; rembg would fetch it from elsewhere."""
    if params.model and params.model not in models_there():
        raise UserError(f"There is no model {params.model!r} for backgrounds.", field="model")


def remove(picture: Picture, params: RemovalParams, run: Run) -> Iterable[Picture]:
    """The picture without its background, or the mask of what is in front."""
    rembg = import_module("rembg")
    check(params, run.host)
    model = params.model or models_there()[0]
    session = rembg.new_session(model)
    made = rembg.remove(picture.image, session=session, only_mask=params.return_mask, alpha_matting=params.alpha_matting)
    return [picture.with_image(made.convert("RGB" if params.return_mask else "RGBA"), {"Rembg model": model})]
