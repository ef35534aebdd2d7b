"""A block of the Extras tab for each face restorer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from PIL import Image
from pydantic import Field

from app.api import Params, Run
from extensions.extras.api import ImageOperation, Picture
from extensions.face_restoration.api import FaceRestorer
from extensions.face_restoration.restorers import registered

if TYPE_CHECKING:
    from app.api import Host


VISIBILITY, WEIGHT = "Visibility", "Weight (0 = maximum effect, 1 = minimum effect)"
"""Labels of their controls."""


def operations(host: Host) -> list[ImageOperation]:
    """As A1111 has them."""
    return [operation_of(restorer) for restorer in registered(host)]


def operation_of(restorer: FaceRestorer) -> ImageOperation:
    """One of them."""

    def process(picture: Picture, params: Any, run: Run) -> Iterable[Picture]:
        return [restored(picture, restorer, params.visibility, getattr(params, "weight", 0.0), run)]

    return ImageOperation(params_of(restorer), restorer.name, restorer.order, process, f"extras_{restorer.id}")


def params_of(restorer: FaceRestorer) -> type[Params]:
    """The parameters of one of them."""

    class RestorerParams(Params):
        """How much of the restored picture is seen."""

        feature: ClassVar[str] = restorer.id

        visibility: float = Field(
            1.0, ge=0.0, le=1.0, title=VISIBILITY, json_schema_extra={"elem_id": f"extras_{restorer.id}_visibility", "step": 0.001}
        )

    class WeightedParams(RestorerParams):
        """And how strongly faces are restored."""

        feature: ClassVar[str] = restorer.id

        weight: float = Field(
            0.0,
            ge=0.0,
            le=1.0,
            title=WEIGHT,
            json_schema_extra={"elem_id": f"extras_{restorer.id}_weight", "step": 0.001},
        )

    return WeightedParams if restorer.has_weight else RestorerParams


def restored(picture: Picture, restorer: FaceRestorer, visibility: float, weight: float, run: Run) -> Picture:
    """The picture mixed with the restored one; transparency stays."""
    if visibility == 0:
        return picture
    before = picture.image.convert("RGB")
    made = restorer.load()(before, weight, run).convert("RGB")
    mixed = Image.blend(before, made, visibility) if visibility < 1 else made
    if picture.image.mode == "RGBA":
        mixed.putalpha(picture.image.getchannel("A"))
    facts: dict[str, str | int | float] = {f"{restorer.name} visibility": round(visibility, 3)}
    if restorer.has_weight:
        facts[f"{restorer.name} weight"] = round(weight, 3)
    return picture.with_image(mixed, facts)
