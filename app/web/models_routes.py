"""The model files that the index knows, as the page's tools and other programs list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from app.values.base import Value
from app.values.model import ModelRecord
from app.web.access import MODEL_FILES, Access, asked_access

if TYPE_CHECKING:
    from app.host import Host


class ListedModel(Value):
    """``name``: path below its folder; ``title``: with the short hash, where it is known; ``problem``: why it cannot be drawn with."""

    name: str
    title: str
    size_bytes: int
    sha256: str | None
    family: str
    kind: str
    problem: str


class ListedFolder(Value):
    """The files of a kind of model folder."""

    title: str
    models: tuple[ListedModel, ...]


def models_router(host: Host) -> APIRouter:
    """Routes below /paintbox/v1."""
    router = APIRouter(prefix="/paintbox/v1", tags=["models"])

    @router.get("/model-index", summary="Model files by the kinds of their folders")
    async def index(kind: Annotated[list[str] | None, Query()] = None, refresh: bool = False) -> dict[str, ListedFolder]:
        def look() -> dict[str, ListedFolder]:
            kinds = [name for name in kind or host.models.folders if name in host.models.folders]
            if refresh:
                for name in kinds:
                    host.models.refresh(name)
            return {name: _listed(host, name) for name in kinds}

        return await run_in_threadpool(look)

    @router.get("/models/access", summary="Whether the one who asks may change model files, and why not")
    def access(request: Request) -> Access:
        return asked_access(MODEL_FILES, request, host)

    return router


def _listed(host: Host, kind: str) -> ListedFolder:
    return ListedFolder(title=host.models.folders[kind].folder.title, models=tuple(map(_model, host.models.records(kind))))


def _model(record: ModelRecord) -> ListedModel:
    return ListedModel(
        name=record.name,
        title=record.title,
        size_bytes=record.size_bytes,
        sha256=record.sha256,
        family=record.identity.family if record.identity else "",
        kind=record.identity.kind if record.identity else "",
        problem=record.problem,
    )
