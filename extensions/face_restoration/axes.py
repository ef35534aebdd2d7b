"""Face restoration as an axis of plots, with the values that A1111 takes: names of restorers, and words for yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.api import Axis, GenerationRequest, Json, UserError
from extensions.face_restoration.params import FaceRestorationParams
from extensions.face_restoration.restorers import NONE_THERE, registered

if TYPE_CHECKING:
    from app.api import Host

YES, NO = ("true", "yes", "y", "on", "1"), ("false", "no", "n", "off", "0", "none")
MODEL = "face_restoration_model"


def face_axes(host: Host) -> Iterable[Axis]:
    """A1111's, in the place of the one that follows from the field."""

    def names() -> list[str]:
        return [restorer.name for restorer in registered(host)]

    def check(request: GenerationRequest, values: Sequence[Json]) -> None:
        known = {*YES, *NO, *(name.casefold() for name in names())}
        unknown = next((value for value in values if str(value).casefold() not in known), None)
        if unknown is not None:
            hint = f"There are {', '.join(names())}, true and false." if names() else f"Write true or false; {NONE_THERE}."
            raise UserError(f"There is no face restorer {unknown!r}.", hint=hint)

    def apply(request: GenerationRequest, value: Json) -> GenerationRequest:
        named = {name.casefold(): name for name in names()}.get(str(value).casefold())
        restores = named is not None or str(value).casefold() in YES
        params = {**request.params, FaceRestorationParams.feature: {"restore_faces": restores}}
        settings = {**request.settings, MODEL: named} if named is not None else request.settings
        return request.model_copy(update={"params": params, "settings": settings})

    yield Axis("Face restore", "text", apply, lambda: ["false", *names()], check, label=lambda title, value: str(value))
