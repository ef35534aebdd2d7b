"""Routes of the plot: which axes there are, and what their values can be chosen from."""

from __future__ import annotations

from fastapi import APIRouter

from app.api import Host, NotFoundError, Value
from extensions.xyz_plot.axes import axes_of
from extensions.xyz_plot.params import NOTHING


class ListedAxis(Value):
    """An axis; ``has_choices``: its values can be chosen."""

    title: str
    type: str
    has_choices: bool


def make_router(host: Host) -> APIRouter:
    """Routes below /paintbox/v1/xyz_plot."""
    router = APIRouter(prefix="/paintbox/v1/xyz_plot", tags=["scripts"])

    @router.get("/axes", summary="The axes of a form, in order")
    def axes(form: str = "txt2img") -> list[ListedAxis]:
        found = axes_of(host, form).values()
        return [
            ListedAxis(title=axis.title, type="" if axis.title == NOTHING else axis.type, has_choices=bool(axis.choices)) for axis in found
        ]

    @router.get("/choices", summary="What the values of an axis can be chosen from")
    def choices(title: str, form: str = "txt2img") -> list[str]:
        axis = axes_of(host, form).get(title)
        if axis is None:
            raise NotFoundError(f"There is nothing called {title!r} to vary.", field="title")
        return list(axis.choices()) if axis.choices else []

    return router
