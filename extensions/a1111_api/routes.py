"""The routes below /sdapi/v1."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from app.api import Host, JobState, Json, UserError
from extensions.a1111_api import lists, progress
from extensions.a1111_api.any_json import AnyJsonRoute
from extensions.a1111_api.body import Txt2ImgBody
from extensions.a1111_api.drawing import draw, followed
from extensions.a1111_api.flags import command_line_flags
from extensions.a1111_api.logged import LoggedRoute
from extensions.a1111_api.memory import memory
from extensions.a1111_api.options import change_options, read_options
from extensions.a1111_api.png_info import png_info
from extensions.a1111_api.server_stop import add_server_routes
from extensions.checkpoints.api import undo_switch


class PngInfoBody(BaseModel):
    """A picture as base64 or as a data: address."""

    image: str


def owner_of(request: Request) -> str:
    """Name of the user who asks; "" without accounts."""
    return str(request.state.user.name)


Owner = Annotated[str, Depends(owner_of)]


def make_router(host: Host) -> APIRouter:
    """A1111's routes."""
    route_class = LoggedRoute if host.options.flag("api-log") else AnyJsonRoute
    router = APIRouter(prefix="/sdapi/v1", tags=["A1111"], strict_content_type=False, route_class=route_class)
    _add_drawing(router, host)
    _add_control(router, host)
    _add_options(router, host)
    _add_lists(router, host)
    _add_system(router)
    if host.options.flag("api-server-stop"):
        add_server_routes(router)
    return router


def make_liveness_router() -> APIRouter:
    """``/app_id``, by which clients see whether the program is up and whether it is still the same start."""
    router = APIRouter(include_in_schema=False)
    app_id = secrets.randbelow(2**53)

    @router.get("/app_id")
    def get_app_id() -> dict[str, int]:
        return {"app_id": app_id}

    return router


def _add_drawing(router: APIRouter, host: Host) -> None:
    @router.post("/txt2img", summary="Draw pictures from a prompt", response_class=Response)
    async def txt2img(body: Txt2ImgBody, request: Request, owner: Owner) -> Response:
        try:
            answer = await draw(body, owner, host, request.is_disconnected)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return Response(answer, media_type="application/json")

    @router.post("/png-info", summary="Read the generation parameters of a picture")
    def read_png_info(body: PngInfoBody) -> dict[str, Json]:
        return png_info(body.image, host)


def _add_control(router: APIRouter, host: Host) -> None:
    @router.get("/progress", summary="How far the running job is")
    def get_progress(owner: Owner, skip_current_image: bool = False) -> dict[str, Json]:
        return progress.progress(owner, host, skip_current_image=skip_current_image)

    @router.post("/interrupt", summary="End the running job, keeping what was drawn")
    def interrupt(owner: Owner) -> dict[str, Json]:
        progress.stop(owner, host, "interrupt")
        return {}

    @router.post("/skip", summary="Leave out the rest of the running batch")
    def skip(owner: Owner) -> None:
        progress.stop(owner, host, "skip")


def _add_options(router: APIRouter, host: Host) -> None:
    @router.get("/options", summary="All settings")
    def get_options() -> dict[str, Json]:
        return read_options(host)

    @router.post("/options", summary="Change settings; returns when a new checkpoint is loaded")
    async def set_options(values: dict[str, Any], owner: Owner) -> None:
        job = await run_in_threadpool(change_options, values, owner, host)
        if job is None:
            return
        ended = await followed(host, job.id)
        if ended.state is JobState.FAILED:
            await run_in_threadpool(undo_switch, ended, host)
            raise UserError(ended.error, field="sd_model_checkpoint", status=422 if ended.user_error else 500)

    @router.get("/cmd-flags", summary="The command line, without secrets")
    def get_flags() -> dict[str, Json]:
        return command_line_flags(host.options)


def _add_lists(router: APIRouter, host: Host) -> None:
    @router.get("/sd-models", summary="Checkpoints")
    def get_checkpoints() -> list[dict[str, Json]]:
        return lists.checkpoints(host)

    @router.post("/refresh-checkpoints", summary="Look for new checkpoint files")
    def refresh_checkpoints() -> None:
        host.models.refresh("checkpoint")

    @router.get("/samplers", summary="Samplers")
    def get_samplers() -> list[dict[str, Json]]:
        return lists.samplers(host)

    @router.get("/schedulers", summary="Schedule types")
    def get_schedulers() -> list[dict[str, Json]]:
        return lists.schedulers(host)


def _add_system(router: APIRouter) -> None:
    @router.get("/memory", summary="Memory in use")
    def get_memory() -> dict[str, Json]:
        return memory()
