"""Routes of the plot: which axes there are, what their values can be chosen from, and the page to explore a grid."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from app.api import Host, NotFoundError, Value
from app.api.routes import Owner, owned_job
from extensions.xyz_plot.axes import axes_of
from extensions.xyz_plot.params import NOTHING
from extensions.xyz_plot.served import picture_of, served_page

ALLOWED = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of the page: its own script and style, pictures of this server, and nothing else."""


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

    @router.get("/explore/{job_id}", summary="The page with all pictures of a plot", response_class=HTMLResponse)
    def explore(job_id: str, owner: Owner) -> HTMLResponse:
        return HTMLResponse(served_page(owned_job(host, job_id, owner)), headers={"Content-Security-Policy": ALLOWED})

    @router.get("/explore/{job_id}/{number}", summary="A picture of that page", response_class=FileResponse)
    def picture(job_id: str, number: int, owner: Owner) -> FileResponse:
        headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(picture_of(owned_job(host, job_id, owner), number), headers=headers)

    return router
